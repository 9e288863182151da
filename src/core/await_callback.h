#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "core/task.h"

namespace penstock {

// Awaits what another thread delivers through a callback. `start(done)` is called at once; `done`, a copyable
// callable, is to be called exactly once, from any thread, with an Outcome, and the awaiting coroutine then
// goes on on its own loop. The loop keeps running until the last copy of `done` is gone.
//   auto start = [&](auto done) { store.enqueue(std::move(work), std::move(done)); };
//   co_return co_await await_callback<Result<void>>(std::move(start));
template <class Outcome, class Start>
Task<Outcome> await_callback(Start start) {
  auto initiate = [](auto handler, Start begin) {
    // The guard outlasts the post: else the loop could run the handler, end and be destroyed while this
    // thread is still inside the loop's post.
    auto loop = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    begin([loop = std::move(loop), shared = std::move(shared)](Outcome outcome) {
      boost::asio::post(loop.get_executor(), [shared, outcome = std::move(outcome)]() mutable {
        std::move (*shared)(std::move(outcome));
      });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Outcome)>(
      std::move(initiate), boost::asio::use_awaitable, std::move(start));
}

}  // namespace penstock
