#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::bench {

// What happens to the connection once the bytes of a step are sent.
enum class Then : uint8_t { kGoOn, kKeepAlive, kClose, kReset, kHang };

// One thing that the server does, `wait_us` after the step before it was due.
struct Step {
  int64_t wait_us = 0;
  std::string bytes{};
  int64_t tokens = 0;     // output tokens that these bytes carry
  int64_t reasoning = 0;  // the same of reasoning
  Then then = Then::kGoOn;
};

using Script = std::vector<Step>;

// Each of these digits stands for the time of sending, so that a client on this machine can tell how long an
// event was under way: {"t":"<16 digits of CLOCK_MONOTONIC microseconds>"}.
constexpr std::string_view kStamp = "@@@@@@@@@@@@@@@@";
// Puts `now_us` where the stamps stand.
void stamp(std::string& bytes, int64_t now_us);

}  // namespace penstock::bench
