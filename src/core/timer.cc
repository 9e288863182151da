#include "core/timer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace penstock {

namespace asio = boost::asio;

struct Timer::State {
  explicit State(const Executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  uint64_t round = 0;  // an expiry that was queued before a cancel must not call back
  std::move_only_function<void()> callback;
};

Timer::Timer(const Executor& executor) : state_(std::make_shared<State>(executor)) {}
Timer::~Timer() {
  if (state_) cancel();
}
Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&&) noexcept = default;

void Timer::start(int64_t after_ms, std::move_only_function<void()> callback) {
  cancel();
  state_->callback = std::move(callback);
  state_->timer.expires_after(std::chrono::milliseconds(after_ms));
  state_->timer.async_wait([state = state_, round = state_->round](boost::system::error_code failure) {
    if (!failure && round == state->round) std::exchange(state->callback, nullptr)();
  });
}

void Timer::cancel() {
  ++state_->round;
  state_->callback = nullptr;
  state_->timer.cancel();
}

Task<> sleep_ms(int64_t ms) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace penstock
