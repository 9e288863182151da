#include "bench/mock_upstream/script.h"

#include <fmt/format.h>

namespace penstock::bench {

void stamp(std::string& bytes, int64_t now_us) {
  size_t at = bytes.find(kStamp);
  if (at == std::string::npos) return;
  const std::string digits = fmt::format("{:016}", now_us);
  for (; at != std::string::npos; at = bytes.find(kStamp, at + digits.size())) {
    bytes.replace(at, digits.size(), digits);
  }
}

}  // namespace penstock::bench
