#include "core/random.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace penstock {
namespace {

class SystemRandom : public Random {
 public:
  uint64_t next_u64() override {
    thread_local std::array<uint64_t, 32> buffer;  // 256 bytes: getrandom never returns short up to this size
    thread_local size_t used = buffer.size();
    if (used == buffer.size()) {
      if (getrandom(buffer.data(), sizeof buffer, 0) != static_cast<ssize_t>(sizeof buffer)) std::abort();
      used = 0;
    }
    return buffer[used++];
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace penstock
