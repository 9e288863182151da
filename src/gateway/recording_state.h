#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/result.h"

namespace penstock::gateway {

// Remembers whether records can be written. While they cannot, calls are refused before they cost anything,
// except one each kProbeIntervalUs, which finds out whether they can again. Thread-safe; one atomic read
// while all is well.
class RecordingState {
 public:
  static constexpr int64_t kProbeIntervalUs = 1'000'000;

  // kStorageFull (or what the last write failed with) while calls are to be refused.
  Result<void> admit(int64_t now_us);
  void failed(const Error& error, int64_t now_us);
  void succeeded();

  std::string problem() const;  // empty: all is well

 private:
  std::atomic<bool> broken_{false};
  mutable std::mutex mutex_;
  Error error_;
  int64_t probed_at_us_ = 0;
};

}  // namespace penstock::gateway
