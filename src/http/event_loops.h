#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace penstock::http {

struct Loop;

// The threads on which all tasks run: one io_context(1) each. What starts on a loop stays there, so its tasks
// share data without locks. Destroy servers, clients and task groups that use the loops before the loops
// themselves.
class EventLoops {
 public:
  // `count` of at least 1; the threads are called "<name>-0", "<name>-1", ... kInvalidArgument, or kInternal
  // when the system refuses a thread.
  static Result<std::unique_ptr<EventLoops>> create(size_t count, std::string name = "loop");
  ~EventLoops();  // stop()
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  // Thread-safe.
  size_t size() const { return loops_.size(); }
  Executor executor(size_t index) const;

  // Index of the loop whose thread calls; empty on any other thread.
  static std::optional<size_t> current();

  // Ends the loops at once and joins their threads. Not from a loop. Tasks that are still suspended never
  // resume.
  void stop();

  // What http/ itself keeps per loop. Touch it only on that loop.
  Loop& loop(size_t index) { return *loops_.at(index); }

 private:
  EventLoops() = default;
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace penstock::http
