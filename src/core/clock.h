#pragma once

#include <atomic>
#include <cstdint>

#include "core/units.h"

namespace penstock {

// Where time comes from. Thread-safe. Code that stamps or measures takes a `Clock&`, so that tests decide the
// time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;         // wall time, may jump
  virtual int64_t monotonic_us() const = 0;  // never goes back; only differences mean anything
};

// The machine's clock. Lives for the whole process.
Clock& system_clock();

// A clock that moves only when told.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Timestamp start = {1'700'000'000'000'000}) : us_(start.us) {}
  Timestamp now() const override { return {us_.load()}; }
  int64_t monotonic_us() const override { return us_.load(); }
  void advance_us(int64_t us) { us_ += us; }

 private:
  std::atomic<int64_t> us_;
};

}  // namespace penstock
