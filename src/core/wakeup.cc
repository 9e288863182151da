#include "core/wakeup.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace penstock {

struct Wakeup::State {
  std::mutex mutex;  // guards what both sides touch: `notified` and the making of `timer`
  bool notified = false;
  std::optional<boost::asio::steady_timer> timer;  // made by the first wait, then used on its loop only

  bool take_notified() {
    std::lock_guard lock(mutex);
    return std::exchange(notified, false);
  }
};

Wakeup::Wakeup() : state_(std::make_shared<State>()) {}
Wakeup::~Wakeup() = default;

void Wakeup::notify() {
  std::lock_guard lock(state_->mutex);
  // Once set, the cancellation below is on its way or the next wait sees the flag before it sleeps.
  if (std::exchange(state_->notified, true) || !state_->timer) return;
  boost::asio::post(state_->timer->get_executor(), [state = state_] { state->timer->cancel(); });
}

Task<Wakeup::Reason> Wakeup::wait(int64_t timeout_ms, CancelToken cancel) {
  std::shared_ptr<State> state = state_;
  auto executor = co_await boost::asio::this_coro::executor;
  {
    std::lock_guard lock(state->mutex);
    if (!state->timer) state->timer.emplace(executor);
  }
  auto subscription = cancel.on_cancel([state] { state->timer->cancel(); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  // Armed before the flag is read: the cancellation of a later notification is posted to this loop, so it
  // finds the timer asleep. A cancellation left over from an earlier one only costs another turn.
  for (;;) {
    state->timer->expires_at(deadline);
    if (cancel.cancelled()) co_return Reason::kCancelled;
    if (state->take_notified()) co_return Reason::kNotified;
    auto [failure] = co_await state->timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!failure) co_return state->take_notified() ? Reason::kNotified : Reason::kTimeout;
  }
}

}  // namespace penstock
