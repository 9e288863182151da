#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "bench/mock_upstream/call.h"

namespace penstock::bench {

// The truth about what this upstream was asked and what it answered, for tests that compare records and spend
// with it. Keeps the newest `kEntriesMax` calls; the totals count all since the last clear.
class Ledger {
 public:
  static constexpr size_t kEntriesMax = 20'000;

  struct Entry {
    uint64_t number = 0;          // of the call, from 1
    std::string answer_id{};      // what it was answered under
    std::string request_id{};     // the x-request-id that came with it
    std::string authorization{};  // the header
    Call call{};
    std::string body{};
    int64_t tokens_sent = 0;  // output tokens handed to the kernel
    bool complete = false;    // everything was handed to the kernel
  };

  // Numbers and keeps a call. The reference is good until the next call.
  Entry& open(const Call& call, const HttpMessage& message);
  void sent(uint64_t number, int64_t tokens, bool complete);
  // How often this model was asked since the last clear, this call included.
  int64_t times_asked(const std::string& model) { return asked_[model]; }
  void clear();

  // {"calls":N,"complete":N,"tokens_sent":N,"requests":[{...}]}, oldest first.
  std::string json() const;

 private:
  std::deque<Entry> entries_;
  std::unordered_map<std::string, int64_t> asked_;
  uint64_t calls_ = 0;
  uint64_t first_number_ = 1;  // of entries_.front()
  int64_t complete_ = 0;
  int64_t tokens_sent_ = 0;
};

}  // namespace penstock::bench
