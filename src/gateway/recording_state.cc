#include "gateway/recording_state.h"

namespace penstock::gateway {

Result<void> RecordingState::admit(int64_t now_us) {
  if (!broken_.load(std::memory_order_relaxed)) return {};
  std::lock_guard lock(mutex_);
  if (now_us - probed_at_us_ >= kProbeIntervalUs) {
    probed_at_us_ = now_us;
    return {};
  }
  Error error = error_;
  error.message = "requests are refused, because they cannot be recorded: " + error.message;
  error.retry_after_ms = kProbeIntervalUs / 1000;
  return Failure(std::move(error));
}

void RecordingState::failed(const Error& error, int64_t now_us) {
  std::lock_guard lock(mutex_);
  error_ = error;
  probed_at_us_ = now_us;
  broken_ = true;
}

void RecordingState::succeeded() {
  if (!broken_.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(mutex_);
  broken_ = false;
}

std::string RecordingState::problem() const {
  if (!broken_.load(std::memory_order_relaxed)) return {};
  std::lock_guard lock(mutex_);
  return error_.message;
}

}  // namespace penstock::gateway
