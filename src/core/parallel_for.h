#pragma once

#include <atomic>
#include <functional>
#include <latch>

#include "core/blocking_pool.h"

namespace penstock {

// Calls `work(i)` for every i in [0, count) on `threads` threads of `pool` and on the calling one, and
// returns when all are done. Items are taken one by one in order, so that large and small ones balance.
// `work` must not throw. Never on a thread of the same pool.
inline void parallel_for(BlockingPool& pool, size_t threads, size_t count,
                         const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  size_t helpers = count < 2 ? 0 : std::min(threads, count - 1);
  std::latch done(static_cast<ptrdiff_t>(helpers));
  for (size_t i = 0; i < helpers; ++i) {
    if (!pool.post([&] {
          run();
          done.count_down();
        }))
      done.count_down();
  }
  run();
  done.wait();
}

}  // namespace penstock
