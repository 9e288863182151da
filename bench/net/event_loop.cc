#include "bench/net/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "core/clock.h"

namespace penstock::bench {
namespace {

constexpr int kEventsPerRound = 512;
constexpr int64_t kWaitUsMax = 100'000;  // so that a deadline or a signal is noticed

epoll_event event_for(int fd, EventLoop::Interest interest) {
  epoll_event event{};
  event.events = interest == EventLoop::Interest::kRead ? EPOLLIN : EPOLLIN | EPOLLOUT;
  event.data.fd = fd;
  return event;
}

}  // namespace

int64_t monotonic_us() { return system_clock().monotonic_us(); }

Result<EventLoop> EventLoop::create() {
  Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return Failure(Error::from_errno(errno, "epoll_create1"));
  return EventLoop(std::move(epoll));
}

void EventLoop::watch(int fd, Interest interest) {
  epoll_event event = event_for(fd, interest);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::change(int fd, Interest interest) {
  epoll_event event = event_for(fd, interest);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::call_at(int64_t due_us, std::function<void()> call) {
  timers_.push({due_us, timers_made_++, std::move(call)});
}

void EventLoop::run(const std::function<void(int fd)>& ready, int64_t deadline_us) {
  std::array<epoll_event, kEventsPerRound> events{};
  while (!stopped_ && (deadline_us == 0 || monotonic_us() < deadline_us)) {
    const int64_t us = wait_us(deadline_us);
    const timespec wait{.tv_sec = us / 1'000'000, .tv_nsec = us % 1'000'000 * 1000};
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEventsPerRound, &wait, nullptr);
    for (int i = 0; i < count && !stopped_; ++i) ready(events[static_cast<size_t>(i)].data.fd);
    fire_timers();
  }
}

int64_t EventLoop::wait_us(int64_t deadline_us) const {
  const int64_t now = monotonic_us();
  int64_t due = now + kWaitUsMax;
  if (!timers_.empty()) due = std::min(due, timers_.top().due_us);
  if (deadline_us != 0) due = std::min(due, deadline_us);
  return std::max<int64_t>(0, due - now);
}

void EventLoop::fire_timers() {
  const int64_t now = monotonic_us();
  while (!timers_.empty() && timers_.top().due_us <= now) {
    const std::function<void()> call = timers_.top().call;
    timers_.pop();
    call();
  }
}

}  // namespace penstock::bench
