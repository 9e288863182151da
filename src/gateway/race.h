#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "core/task_group.h"
#include "core/wakeup.h"
#include "gateway/attempt.h"

namespace penstock::gateway {

// Several attempts at once, of which the first that begins to answer wins. Lives on one loop; end() before it
// is destroyed.
class Race {
 public:
  using Outcome = std::expected<void, AttemptFailure>;

  explicit Race(Executor executor) : executor_(std::move(executor)) {}

  void enter(std::unique_ptr<Attempt> attempt);
  // Waits until one more has come to an end, or for so long.
  Task<> wait(int64_t timeout_ms) { std::ignore = co_await finished_.wait(timeout_ms); }

  // The attempt that has begun to answer, or, where all have failed, the last to fail. Empty: neither yet.
  struct Finish {
    std::unique_ptr<Attempt> attempt;
    Outcome outcome;
  };
  std::optional<Finish> finish();

  // All but the one that finish() gave away. `failure` is null while it is on its way.
  struct Other {
    const Attempt* attempt;
    const AttemptFailure* failure;
  };
  std::vector<Other> others() const;
  void cancel();
  // Cancels what runs and waits for it.
  Task<> end();

 private:
  struct Entry {
    std::unique_ptr<Attempt> attempt;
    std::optional<Outcome> outcome;
  };
  static Task<> run(Race& race, Entry& entry);

  Executor executor_;
  std::vector<std::unique_ptr<Entry>> entries_;
  Wakeup finished_;
  TaskGroup tasks_;
};

}  // namespace penstock::gateway
