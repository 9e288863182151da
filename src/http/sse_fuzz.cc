// Feeds the SSE parser with anything: it must not crash, must find the same events however the bytes were
// cut, and its raw blocks together must be the stream.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/sse.h"

namespace penstock::http {
namespace {

constexpr SseLimits kLimits{.line_bytes_max = 64, .event_bytes_max = 256};

struct Reading {
  std::string events;  // all fields of all events, in one text
  std::string raw;
  bool failed = false;
};

void demand(bool holds) {
  if (!holds) std::abort();
}

Reading read(std::string_view text, size_t step) {
  Reading reading;
  SseParser parser(SseSilence::kReport, kLimits);
  auto keep = [&reading](const SseEvent& event) {
    for (std::string_view part : {event.name, event.data, event.id, event.raw}) {
      reading.events.append(std::to_string(part.size())).append(":").append(part);
    }
    reading.events += event.silent ? "-" : "+";
    reading.raw += event.raw;
    demand(event.raw.size() <= kLimits.event_bytes_max);
  };
  for (size_t at = 0; at < text.size() && !reading.failed; at += step) {
    std::string piece(text.substr(at, step));
    reading.failed = !parser.feed(piece, keep);
  }
  if (reading.failed) return reading;
  parser.finish(keep);
  reading.raw += parser.rest();
  demand(reading.raw == text);
  return reading;
}

void run(std::string_view input) {
  if (input.empty()) return;
  size_t step = static_cast<unsigned char>(input.front()) % 16 + 1;
  input.remove_prefix(1);
  Reading whole = read(input, std::max<size_t>(input.size(), 1));
  Reading cut = read(input, step);
  demand(whole.failed == cut.failed);
  demand(whole.events == cut.events);
}

}  // namespace
}  // namespace penstock::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
