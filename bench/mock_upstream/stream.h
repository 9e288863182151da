#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"
#include "bench/mock_upstream/script.h"

namespace penstock::bench {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string chunk(std::string_view bytes);  // in the framing of Transfer-Encoding: chunked

// The head of a stream; `fields` are further header lines, each with its CRLF.
std::string stream_head(std::string_view fields = {});

// Collects a stream: the head and what stands before the first word in the first step, then an event a step.
class StreamScript {
 public:
  // `ping` comes before each event where the call asks for pings.
  StreamScript(const Call& call, std::string_view fields, int64_t pace_us, std::string_view ping);

  void begin(std::string_view event) { script_.front().bytes += chunk(event); }
  void add(std::string_view event, Step step = {});  // the step's counts and, if set, its wait
  Script end(std::string_view events, int64_t tokens);

 private:
  Script script_;
  int64_t pace_us_;
  std::string ping_;
};

// Streams of the asked shape in either protocol.
Script openai_stream(const Call& call, const std::string& id, int64_t pace_us);
Script anthropic_stream(const Call& call, const std::string& id, int64_t pace_us);

}  // namespace penstock::bench
