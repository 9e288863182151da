#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace penstock {

// What every coroutine returns. It runs on the event loop of whoever awaits it, and nothing else runs on that
// loop in between: no locks are needed inside, and none may be held across a `co_await`.
template <class T = void>
using Task = boost::asio::awaitable<T>;

// An event loop to run tasks on.
using Executor = boost::asio::any_io_executor;

// The loop of the task that awaits it.
inline Task<Executor> current_executor() { co_return co_await boost::asio::this_coro::executor; }

}  // namespace penstock
