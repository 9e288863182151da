#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::bench {

// What was measured; everything in microseconds.
struct Report {
  int64_t requests = 0;
  int64_t errors = 0;      // not 200, cut, or a stream without [DONE]; not part of `requests`
  int64_t reconnects = 0;  // the server closed a connection between two answers
  int64_t elapsed_us = 0;
  int64_t events = 0;
  int64_t output_tokens = 0;               // by the answers' usage
  std::vector<int64_t> latency{};          // request sent to last byte read
  std::vector<int64_t> first_content{};    // request sent to the first event with text in it
  std::vector<int64_t> between_content{};  // from one such event to the next, as read
  std::vector<int64_t> event_delay{};      // stamp of the mock upstream to arrival, of events with text
  std::string first_error{};

  std::string json() const;
};

}  // namespace penstock::bench
