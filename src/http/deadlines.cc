#include "http/deadlines.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

namespace penstock::http {

struct DeadlineWheel::Timer {
  explicit Timer(boost::asio::io_context& io) : timer(io) {}
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer;
};

void Deadline::set_in_ms(int64_t delay_ms) {
  if (delay_ms <= 0) return clear();
  due_tick_ = (DeadlineWheel::now_ms() + delay_ms + DeadlineWheel::kTickMs - 1) / DeadlineWheel::kTickMs;
  if (link_ != nullptr && queued_tick_ <= due_tick_) return;
  unlink();
  wheel_.queue(*this);
}

void Deadline::unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  next_ = nullptr;
}

DeadlineWheel::DeadlineWheel(boost::asio::io_context& io)
    : timer_(std::make_unique<Timer>(io)), done_tick_(now_ms() / kTickMs) {}

DeadlineWheel::~DeadlineWheel() {
  for (Deadline* head : slots_) {
    while (head != nullptr) {
      head->link_ = nullptr;
      head = std::exchange(head->next_, nullptr);
    }
  }
}

int64_t DeadlineWheel::now_ms() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

void DeadlineWheel::queue(Deadline& deadline) {
  if (armed_tick_ == INT64_MAX) done_tick_ = now_ms() / kTickMs;  // the wheel stood still while empty
  int64_t tick = std::clamp(deadline.due_tick_, done_tick_ + 1, done_tick_ + static_cast<int64_t>(kSlots));
  Deadline*& head = slots_[static_cast<size_t>(tick) % kSlots];
  deadline.queued_tick_ = tick;
  deadline.next_ = head;
  deadline.link_ = &head;
  if (head != nullptr) head->link_ = &deadline.next_;
  head = &deadline;
  if (tick < armed_tick_) arm(tick);
}

void DeadlineWheel::arm(int64_t tick) {
  armed_tick_ = tick;
  timer_->timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::milliseconds(tick * kTickMs)));
  timer_->timer.async_wait([this](const boost::system::error_code& failure) {
    if (!failure) on_timer();
  });
}

void DeadlineWheel::on_timer() {
  int64_t now_tick = now_ms() / kTickMs;
  armed_tick_ = INT64_MIN;  // nothing queued from here on arms the timer: arm_next() will
  int64_t from = std::max(done_tick_ + 1, now_tick - static_cast<int64_t>(kSlots) + 1);
  for (int64_t tick = from; tick <= now_tick; ++tick) run_slot(tick, now_tick);
  done_tick_ = std::max(done_tick_, now_tick);
  arm_next();
}

void DeadlineWheel::run_slot(int64_t tick, int64_t now_tick) {
  done_tick_ = std::max(done_tick_, tick);
  Deadline*& head = slots_[static_cast<size_t>(tick) % kSlots];
  Deadline* later = nullptr;  // to queue again once the slot is empty, or they could come back into it
  while (head != nullptr) {
    Deadline& deadline = *head;
    deadline.unlink();
    if (!deadline.is_set()) continue;
    if (deadline.due_tick_ > now_tick) {
      deadline.next_ = later;
      deadline.link_ = &later;
      if (later != nullptr) later->link_ = &deadline.next_;
      later = &deadline;
      continue;
    }
    deadline.clear();
    deadline.on_expired_();
  }
  while (later != nullptr) {
    Deadline& deadline = *later;
    deadline.unlink();
    queue(deadline);
  }
}

void DeadlineWheel::arm_next() {
  armed_tick_ = INT64_MAX;
  for (int64_t ahead = 1; ahead <= static_cast<int64_t>(kSlots); ++ahead) {
    if (slots_[static_cast<size_t>(done_tick_ + ahead) % kSlots] != nullptr) return arm(done_tick_ + ahead);
  }
}

}  // namespace penstock::http
