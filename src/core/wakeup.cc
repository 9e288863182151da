#include "core/wakeup.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <mutex>
#include <utility>

namespace penstock {

namespace asio = boost::asio;

struct Wakeup::State {
  std::mutex mutex;  // guards both; `timer` changes on the waiting task's loop only
  bool notified = false;
  asio::steady_timer* timer = nullptr;  // of the wait in progress

  bool take_notified() {
    std::lock_guard lock(mutex);
    return std::exchange(notified, false);
  }

  void set_timer(asio::steady_timer* now) {
    std::lock_guard lock(mutex);
    timer = now;
  }

  // On the loop of the wait.
  void cancel_timer() {
    if (timer != nullptr) timer->cancel();
  }

  // Registers the timer of a wait for as long as the wait lasts, so that nothing of a loop is kept beyond it.
  class TimerInUse {
   public:
    TimerInUse(State& state, asio::steady_timer& timer) : state_(state) { state_.set_timer(&timer); }
    ~TimerInUse() { state_.set_timer(nullptr); }
    TimerInUse(const TimerInUse&) = delete;
    TimerInUse& operator=(const TimerInUse&) = delete;

   private:
    State& state_;
  };
};

Wakeup::Wakeup() : state_(std::make_shared<State>()) {}
Wakeup::~Wakeup() = default;

void Wakeup::notify() {
  std::lock_guard lock(state_->mutex);
  // Once set, the cancellation below is on its way or the next wait sees the flag before it sleeps.
  if (std::exchange(state_->notified, true) || state_->timer == nullptr) return;
  asio::post(state_->timer->get_executor(), [state = state_] { state->cancel_timer(); });
}

Task<Wakeup::Reason> Wakeup::wait(int64_t timeout_ms, CancelToken cancel) {
  std::shared_ptr<State> state = state_;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  State::TimerInUse registration(*state, timer);
  auto subscription = cancel.on_cancel([state] { state->cancel_timer(); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  // Registered before the flag is read: the cancellation of a later notification is posted to this loop, so
  // it finds the timer asleep. A cancellation left over from an earlier one only costs another turn.
  for (;;) {
    timer.expires_at(deadline);
    if (cancel.cancelled()) co_return Reason::kCancelled;
    if (state->take_notified()) co_return Reason::kNotified;
    auto [failure] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!failure) co_return state->take_notified() ? Reason::kNotified : Reason::kTimeout;
  }
}

}  // namespace penstock
