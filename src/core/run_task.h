#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "core/task.h"

namespace penstock {

// Runs one task to its end on a loop of its own, on the calling thread: for tests and for commands that do
// one thing. Never on a thread that has a loop.
template <class T>
T run_task(Task<T> task) {
  boost::asio::io_context loop(1);
  std::exception_ptr failure;
  std::optional<T> outcome;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    outcome.emplace(std::move(value));
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*outcome);
}

inline void run_task(Task<> task) {
  boost::asio::io_context loop(1);
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown) { failure = thrown; });
  loop.run();
  if (failure) std::rethrow_exception(failure);
}

// The same for several at once, on one loop, started in order.
inline void run_tasks(std::vector<Task<>> tasks) {
  boost::asio::io_context loop(1);
  std::exception_ptr failure;
  for (Task<>& task : tasks) {
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown) {
      if (thrown) failure = thrown;
    });
  }
  loop.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace penstock
