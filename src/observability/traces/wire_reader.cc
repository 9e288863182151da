#include "observability/traces/wire_reader.h"

#include <bit>
#include <cstring>

namespace penstock::traces {

static_assert(std::endian::native == std::endian::little, "fixed64 is read as it lies");

bool WireReader::next() {
  if (!ok_ || rest_.empty()) return false;
  uint64_t tag = 0;
  if (!read_varint(tag) || (tag >> 3) == 0 || (tag >> 3) > UINT32_MAX) return fail();
  field_ = static_cast<uint32_t>(tag >> 3);
  type_ = tag & 7;
  switch (type_) {
    case kVarint:
      return read_varint(number_);
    case kFixed64:
      return read_fixed(8);
    case kFixed32:
      return read_fixed(4);
    case kBytes: {
      uint64_t size = 0;
      if (!read_varint(size) || size > rest_.size()) return fail();
      bytes_ = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
    default:  // groups, which no OTLP message has
      return fail();
  }
}

bool WireReader::read_varint(uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    auto byte = static_cast<uint8_t>(rest_[i]);
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  return fail();
}

bool WireReader::read_fixed(size_t size) {
  if (rest_.size() < size) return fail();
  number_ = 0;
  std::memcpy(&number_, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

}  // namespace penstock::traces
