#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::journal {

// CRC-32C (Castagnoli; RFC 3720 appendix B.4) of `bytes`, continuing from `crc`, which is 0 at the start.
// Some 8 GB/s with SSE4.2 (chosen at run time), 1 GB/s without.
uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);

// The same without special instructions, for tests.
uint32_t crc32c_portable(std::string_view bytes, uint32_t crc = 0);

}  // namespace penstock::journal
