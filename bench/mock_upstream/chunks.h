#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"
#include "bench/mock_upstream/script.h"

namespace penstock::bench {

constexpr int64_t kCreated = 1'700'000'000;
constexpr std::string_view kToolArguments = R"({"city":"Paris","unit":"celsius"})";
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 Mock\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string chunk(std::string_view bytes);  // in the framing of Transfer-Encoding: chunked
std::string quoted(std::string_view text);  // as a JSON string
std::string words(int64_t tokens);          // a text of so many words
std::string usage(const Call& call);        // the usage object

// A stream of the asked shape: the head in the first step, then one event a step.
Script stream_of(const Call& call, const std::string& id, int64_t pace_us);

}  // namespace penstock::bench
