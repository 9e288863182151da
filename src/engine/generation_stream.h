#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/cancel.h"
#include "core/result.h"
#include "core/task.h"
#include "engine/generation.h"

namespace penstock::engine {

class Scheduler;

// The events of one HTTP request's generations, brought from the engine's thread to the request's event loop.
// The engine never waits for a client: one that leaves more than kEventsMax events lying is cut off. Belongs
// to a loop.
class GenerationStream {
 public:
  static constexpr size_t kEventsMax = 8'192;

  // `scheduler` outlives the stream; `disconnected` ends its waits.
  GenerationStream(Scheduler& scheduler, int64_t arrived_us, CancelToken disconnected);
  ~GenerationStream();  // cancels what has not ended
  GenerationStream(const GenerationStream&) = delete;
  GenerationStream& operator=(const GenerationStream&) = delete;

  // Starts a generation whose choices are numbered from `first_choice` on. Errors are Scheduler::submit's.
  Result<void> submit(GenerationRequest request, int32_t first_choice = 0);

  // The events that have come, in order; empty after `patience_ms` without one. kCancelled when the client
  // has gone or was cut off; the error of a generation that failed.
  Task<Result<std::vector<GenerationEvent>>> next(int64_t patience_ms);

 private:
  struct Inbox;

  Scheduler& scheduler_;
  int64_t arrived_us_;
  CancelToken disconnected_;
  std::shared_ptr<Inbox> inbox_;
  std::vector<uint64_t> ids_;
};

}  // namespace penstock::engine
