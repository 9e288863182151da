#include "bench/mock_upstream/stream.h"

#include <fmt/format.h>

namespace penstock::bench {

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

std::string stream_head(std::string_view fields) {
  return fmt::format(
      "HTTP/1.1 200 Mock\r\nContent-Type: text/event-stream\r\n{}Transfer-Encoding: chunked\r\n\r\n", fields);
}

StreamScript::StreamScript(const Call& call, std::string_view fields, int64_t pace_us, std::string_view ping)
    : pace_us_(pace_us), ping_(call.behaviour.ping ? ping : "") {
  script_.push_back({.bytes = stream_head(fields)});
}

void StreamScript::add(std::string_view event, Step step) {
  step.wait_us = pace_us_;
  if (!ping_.empty()) step.bytes = chunk(ping_);
  step.bytes += chunk(event);
  script_.push_back(std::move(step));
}

Script StreamScript::end(std::string_view events, int64_t tokens) {
  script_.push_back({.bytes = chunk(events).append(kLastChunk), .tokens = tokens, .then = Then::kKeepAlive});
  return std::move(script_);
}

}  // namespace penstock::bench
