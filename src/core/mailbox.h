#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/task.h"

namespace penstock {

// Carries values from threads that must not wait to one coroutine that may. Everything but take() is
// thread-safe. The object must outlive a take() that waits.
template <class T>
class Mailbox {
 public:
  // Holds at most `items_max` values that nobody has taken.
  explicit Mailbox(size_t items_max) : items_max_(items_max) {}

  // False, and `value` is dropped, when it is full or closed. Never blocks.
  bool push(T value) {
    std::move_only_function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= items_max_) return false;
      items_.push_back(std::move(value));
      wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
    return true;
  }

  // No more values come in; what is there can still be taken. Later calls do nothing.
  void close() {
    std::move_only_function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
  }

  // All values that are there, in order; waits for one if there is none. Empty: closed and emptied. One taker
  // at a time.
  Task<std::vector<T>> take() {
    if (!ready()) {
      auto wait = [this](auto handler) { wait_with(std::move(handler)); };
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
          wait, boost::asio::use_awaitable);
    }
    std::lock_guard lock(mutex_);
    co_return std::exchange(items_, {});
  }

 private:
  bool ready() {
    std::lock_guard lock(mutex_);
    return closed_ || !items_.empty();
  }

  template <class CompletionHandler>
  void wait_with(CompletionHandler handler) {
    auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                        boost::asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<CompletionHandler>(std::move(handler));
    std::move_only_function<void()> wake = [executor, shared]() mutable {
      boost::asio::post(executor, [shared = std::move(shared)]() mutable { std::move (*shared)(); });
    };
    {
      std::lock_guard lock(mutex_);
      if (!closed_ && items_.empty()) {
        wake_ = std::move(wake);
        return;
      }
    }
    wake();
  }

  const size_t items_max_;
  std::mutex mutex_;
  std::vector<T> items_;
  bool closed_ = false;
  std::move_only_function<void()> wake_;  // resumes the taker that waits
};

}  // namespace penstock
