#include "engine/generation_stream.h"

#include <mutex>
#include <utility>

#include "core/wakeup.h"
#include "engine/scheduler.h"

namespace penstock::engine {

struct GenerationStream::Inbox {
  bool push(GenerationEvent event) {
    {
      std::lock_guard lock(mutex);
      if (closed) return false;
      if (events.size() >= kEventsMax) {
        closed = true;
        events.clear();
      } else {
        events.push_back(std::move(event));
      }
    }
    wakeup.notify();
    return true;
  }

  std::mutex mutex;
  std::vector<GenerationEvent> events;
  bool closed = false;
  Wakeup wakeup;
};

GenerationStream::GenerationStream(Scheduler& scheduler, int64_t arrived_us, CancelToken disconnected)
    : scheduler_(scheduler),
      arrived_us_(arrived_us),
      disconnected_(std::move(disconnected)),
      inbox_(std::make_shared<Inbox>()) {}

GenerationStream::~GenerationStream() {
  {
    std::lock_guard lock(inbox_->mutex);
    inbox_->closed = true;
  }
  for (uint64_t id : ids_) scheduler_.cancel(id);
}

Result<void> GenerationStream::submit(GenerationRequest request, int32_t first_choice) {
  auto sink = [inbox = inbox_, first_choice](GenerationEvent event) {
    event.choice += first_choice;
    return inbox->push(std::move(event));
  };
  ASSIGN_OR_RETURN(uint64_t id, scheduler_.submit(std::move(request), arrived_us_, std::move(sink)));
  ids_.push_back(id);
  return {};
}

Task<Result<std::vector<GenerationEvent>>> GenerationStream::next(int64_t patience_ms) {
  while (true) {
    std::vector<GenerationEvent> events;
    {
      std::lock_guard lock(inbox_->mutex);
      if (inbox_->closed) {
        co_return Failure(
            Error{.code = ErrorCode::kCancelled, .message = "the client took too little of the answer"});
      }
      events = std::exchange(inbox_->events, {});
    }
    for (const GenerationEvent& event : events) {
      if (event.failure) co_return Failure(*event.failure);
    }
    if (!events.empty()) co_return events;
    const Wakeup::Reason reason = co_await inbox_->wakeup.wait(patience_ms, disconnected_);
    if (reason == Wakeup::Reason::kTimeout) co_return std::vector<GenerationEvent>();
    if (reason == Wakeup::Reason::kCancelled) {
      co_return Failure(Error{.code = ErrorCode::kCancelled, .message = "the client has gone"});
    }
  }
}

}  // namespace penstock::engine
