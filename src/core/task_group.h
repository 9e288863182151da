#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/task.h"

namespace penstock {

// Counts background tasks, so that shutdown can wait for all of them: the only way to start a task that
// nobody awaits. Thread-safe. An exception that leaves a task is a bug: it is logged and the task ends.
class TaskGroup {
 public:
  TaskGroup();
  ~TaskGroup();  // nothing may still run
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` on `executor`. `name` is for the log.
  void spawn(const Executor& executor, std::string_view name, Task<> task);

  size_t running() const;
  // Blocks the calling thread (never a loop's) until none is left or `timeout_ms` passed; false: some are
  // left.
  bool wait(int64_t timeout_ms);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace penstock
