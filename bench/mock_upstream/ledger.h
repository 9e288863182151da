#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/mock_upstream/call.h"

namespace penstock::bench {

// The truth about what this upstream was asked and what it answered, for tests that compare records and spend
// with it. Keeps the newest `kEntriesMax` calls; the totals count all since the last clear.
class Ledger {
 public:
  static constexpr size_t kEntriesMax = 20'000;

  struct Entry {
    uint64_t number = 0;      // of the call, from 1
    std::string answer_id{};  // what it was answered under
    std::string start_line{};
    std::vector<std::pair<std::string, std::string>> headers{};  // as they came
    Call call{};
    std::string body{};
    int64_t tokens_sent = 0;     // output tokens handed to the kernel
    int64_t reasoning_sent = 0;  // the same of reasoning
    bool complete = false;       // everything was handed to the kernel
    bool left = false;           // the peer closed before that
    bool billed = true;          // false: refused, so its tokens are none
  };

  // What a step of an answer carried, once the kernel has taken its bytes.
  struct Sent {
    int64_t tokens = 0;
    int64_t reasoning = 0;
    bool complete = false;
  };

  // Numbers and keeps a call. The reference is good until the next call.
  Entry& open(const Call& call, const HttpMessage& message);
  void sent(uint64_t number, const Sent& sent);
  void peer_left(uint64_t number);
  // How often this model was asked since the last clear.
  int64_t times_asked(const std::string& model) { return asked_[model]; }
  void clear();

  // {"calls":N,"complete":N,"tokens_sent":N,"requests":[{...}]}, oldest first. Each request's `tokens` are
  // what is billed, in exclusive kinds: the prompt, and what was sent of the answer. Without details: no
  // headers and no bodies.
  enum class Detail : uint8_t { kAll, kNone };
  std::string json(Detail detail) const;

 private:
  Entry* find(uint64_t number);

  std::deque<Entry> entries_;
  std::unordered_map<std::string, int64_t> asked_;
  uint64_t calls_ = 0;
  uint64_t first_number_ = 1;  // of entries_.front()
  int64_t complete_ = 0;
  int64_t tokens_sent_ = 0;
};

}  // namespace penstock::bench
