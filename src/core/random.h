#pragma once

#include <cstdint>
#include <random>

namespace penstock {

// Where randomness comes from. Code that draws takes a `Random&`, so that tests replay a seed.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next_u64() = 0;
};

// Unpredictable bits of the operating system, buffered per thread. Thread-safe; lives for the whole process.
Random& system_random();

// A reproducible sequence. Not thread-safe.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  uint64_t next_u64() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace penstock
