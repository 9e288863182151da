#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace penstock::http {

class DeadlineWheel;

// Calls back once when its time has come. To set one is a few stores, without a system call: it moves in the
// wheel only when it must fire earlier than it is queued for. One loop.
class Deadline {
 public:
  // The wheel may be destroyed first; the deadline then never fires.
  Deadline(DeadlineWheel& wheel, std::move_only_function<void()> on_expired)
      : wheel_(wheel), on_expired_(std::move(on_expired)) {}
  ~Deadline() { unlink(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // At `delay_ms` from now, at most one tick later; replaces what was set. Zero or less: never. The callback
  // may set it anew, or destroy it as its last act.
  void set_in_ms(int64_t delay_ms);
  void clear() { due_tick_ = kNever; }
  bool is_set() const { return due_tick_ != kNever; }

 private:
  friend class DeadlineWheel;
  static constexpr int64_t kNever = 0;
  void unlink();

  DeadlineWheel& wheel_;
  std::move_only_function<void()> on_expired_;
  int64_t due_tick_ = kNever;
  int64_t queued_tick_ = kNever;  // of the slot it is linked in, at most due_tick_
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  // what points to this
};

// All deadlines of one loop over one timer: a hashed wheel (Varghese and Lauck, SOSP 1987, scheme 6).
class DeadlineWheel {
 public:
  static constexpr int64_t kTickMs = 16;
  static constexpr size_t kSlots = 1024;  // 16 s ahead; what is later is queued again on the way

  explicit DeadlineWheel(boost::asio::io_context& io);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

 private:
  friend class Deadline;
  struct Timer;
  static int64_t now_ms();
  void queue(Deadline& deadline);
  void arm(int64_t tick);
  void arm_next();
  void on_timer();
  void run_slot(int64_t tick, int64_t now_tick);

  std::array<Deadline*, kSlots> slots_{};
  std::unique_ptr<Timer> timer_;
  int64_t done_tick_ = 0;           // slots up to this one have been run
  int64_t armed_tick_ = INT64_MAX;  // when the timer fires
};

}  // namespace penstock::http
