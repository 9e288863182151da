#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/random.h"
#include "core/task.h"
#include "core/task_group.h"
#include "gateway/gateway.h"

namespace penstock::gateway {

// Asks each provider that has a `health` section whether it is well, at its interval, and keeps the answer in
// Upstream::unwell: anything but a 2xx within kTimeoutMs is no. Thread-safe.
class HealthChecks {
 public:
  static constexpr int64_t kTimeoutMs = 5'000;
  static constexpr size_t kAnswerBytesMax = 1 << 20;  // of the body; the rest is not read

  // The tasks run on `loops` in turn. Everything outlives it.
  HealthChecks(HttpClient& client, Random& random, std::vector<Executor> loops);
  ~HealthChecks();  // after stop()

  // Checks the providers of this setup from now on and no others. One that stays as it was keeps its state
  // until it is asked again.
  void follow(const std::shared_ptr<const Setup>& setup);

  // Ends all checks and waits for them. Not on a loop.
  void stop();

 private:
  struct Check;
  static Task<> ask_on_and_on(std::shared_ptr<Check> check, HttpClient& client, int64_t first_ms);
  static Task<bool> answers(HttpClient& client, const Upstream& upstream, CancelToken cancel);
  void end(const std::shared_ptr<Check>& check);

  HttpClient& client_;
  Random& random_;
  const std::vector<Executor> loops_;
  std::mutex mutex_;                                                   // of checks_ and next_loop_
  std::map<std::string, std::shared_ptr<Check>, std::less<>> checks_;  // by provider
  size_t next_loop_ = 0;
  TaskGroup tasks_;
};

}  // namespace penstock::gateway
