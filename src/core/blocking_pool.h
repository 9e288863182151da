#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "core/await_callback.h"
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
  auto start = [this, &work](auto done) {
    auto job = [work = std::move(work), done]() mutable { done(work()); };
    if (!post(std::move(job))) done(Outcome(Failure(full_error())));
  };
  co_return co_await await_callback<Outcome>(std::move(start));
}

}  // namespace penstock
