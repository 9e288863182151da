#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/http_client.h"
#include "core/task.h"
#include "core/task_group.h"

namespace penstock::datasets::dvc {

struct HttpReply {
  int status = 0;
  Headers headers{};
  std::string body{};  // empty where a sink took it
};

// The HTTP client for threads that may block: transfers run on a pool's threads, the client's work on its
// loops. Thread-safe. Destroy it when no call is at work.
class BlockingHttp {
 public:
  // `executors` are the client's loops, which outlive this.
  BlockingHttp(HttpClient& client, std::vector<Executor> executors)
      : client_(&client), executors_(std::move(executors)) {}

  // Takes pieces of a body; an error ends the call.
  using Sink = std::function<Result<void>(std::string_view)>;
  // Waits for the whole answer. Only the body of a 2xx answer goes to `sink`; others, and all without one,
  // are kept up to `kBodyBytesMax`. Calls that fail on the way, and answers of 429 and 5xx, are repeated
  // twice, later each time, unless the sink has got something.
  Result<HttpReply> call(const Endpoint& endpoint, const HttpCall& call, const Sink& sink = {});

  static constexpr size_t kBodyBytesMax = 32 << 20;

 private:
  Result<HttpReply> once(const Endpoint& endpoint, const HttpCall& call, const Sink& sink, bool& sunk);

  HttpClient* client_;
  std::vector<Executor> executors_;
  std::atomic<size_t> next_ = 0;
  TaskGroup tasks_;
};

}  // namespace penstock::datasets::dvc
