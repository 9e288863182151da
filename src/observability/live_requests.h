#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/cancel.h"
#include "core/result.h"
#include "core/task.h"
#include "observability/request_log.h"

namespace penstock::observability {

struct LiveLimits {
  size_t subscribers_max = 64;  // one more is kRateLimited
  size_t queue_max = 256;       // waiting requests per subscriber; one more drops the oldest
};

// Hands every request that is written to whoever watches. The writing thread never waits for a watcher: one
// who reads too slowly loses the oldest requests and learns how many. Thread-safe.
class LiveRequests {
 public:
  explicit LiveRequests(RequestLog& log, LiveLimits limits = {});
  ~LiveRequests();  // end()
  LiveRequests(const LiveRequests&) = delete;
  LiveRequests& operator=(const LiveRequests&) = delete;

  struct Batch {
    std::vector<std::shared_ptr<const RequestRecord>> requests;  // oldest first, without input and output
    int64_t dropped = 0;                                         // lost before these, since the last batch
    bool ended = false;                                          // nothing will follow
  };

  // One watcher; belongs to one loop. May outlive the LiveRequests.
  class Subscription {
   public:
    virtual ~Subscription() = default;
    // What was written since the last call; waits up to `timeout_ms` for a first one (then the batch is
    // empty). kCancelled once `cancel` is.
    virtual Task<Result<Batch>> next(int64_t timeout_ms, CancelToken cancel) = 0;
  };
  Result<std::unique_ptr<Subscription>> subscribe();

  // Ends all subscriptions, now and in the future: for shutdown, before the server waits for its connections.
  void end();

 private:
  struct State;
  std::shared_ptr<State> state_;
  RequestLog::Follower follower_;
};

}  // namespace penstock::observability
