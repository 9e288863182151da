#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.h"
#include "core/result.h"

namespace penstock::access {

// Slows down the guessing of passwords: after a few failures an account, or an address that guesses, waits
// twice as long after each further one. Forgets after a quiet while. Thread-safe; bounded memory.
class LoginThrottle {
 public:
  static constexpr int kFreeFailuresOfAccount = 5;
  static constexpr int kFreeFailuresOfPeer = 20;
  static constexpr int64_t kPauseMinMs = 1'000;
  static constexpr int64_t kPauseMaxMs = 900'000;
  static constexpr int64_t kForgetMs = 3'600'000;
  static constexpr size_t kEntriesMax = 10'000;

  explicit LoginThrottle(const Clock& clock) : clock_(clock) {}

  // kRateLimited with retry_after_ms while either has to wait.
  Result<void> check(std::string_view account, std::string_view peer);
  void failed(std::string_view account, std::string_view peer);
  void succeeded(std::string_view account);

 private:
  struct Entry {
    std::string name;
    int failures = 0;
    int64_t last_us = 0;
    int64_t open_at_us = 0;
  };
  Entry* find(std::string_view name);
  void count(std::string name, int free);

  const Clock& clock_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the one that failed last is first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name_;
};

}  // namespace penstock::access
