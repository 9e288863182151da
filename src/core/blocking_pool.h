#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "core/result.h"
#include "core/task.h"

namespace penstock {

struct BlockingPoolOptions {
  std::string name;
  size_t threads = 1;
  size_t queue_max = 1024;  // waiting calls; one more is refused
};

// Threads for work that blocks (SQL, files, compression), so that event loops never do.
//   ASSIGN_OR_CO_RETURN(auto rows, co_await pool.run(read_rows));
class BlockingPool {
 public:
  explicit BlockingPool(BlockingPoolOptions options);
  ~BlockingPool();  // runs what is queued, then joins
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Runs `work` (returning Result<T>) on a thread of the pool and continues on the caller's loop. A full
  // queue is kRateLimited with retry_after_ms, at once. `work` is not cancelled when the caller is.
  template <class Work>
  auto run(Work work) -> Task<std::invoke_result_t<Work&>>;

  // Without a coroutine: false when the queue is full.
  bool post(std::move_only_function<void()> work);

 private:
  struct State;
  Error full_error() const;
  std::unique_ptr<State> state_;
};

template <class Work>
auto BlockingPool::run(Work work) -> Task<std::invoke_result_t<Work&>> {
  using Outcome = std::invoke_result_t<Work&>;
  auto start = [this](auto handler, Work job) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    bool queued = post([job = std::move(job), shared, executor]() mutable {
      Outcome outcome = job();
      boost::asio::post(executor, [shared = std::move(shared), outcome = std::move(outcome)]() mutable {
        std::move (*shared)(std::move(outcome));
      });
    });
    if (!queued) {
      boost::asio::post(executor, [shared, error = full_error()]() mutable {
        std::move (*shared)(Outcome(Failure(std::move(error))));
      });
    }
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Outcome)>(
      std::move(start), boost::asio::use_awaitable, std::move(work));
}

}  // namespace penstock
