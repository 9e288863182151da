#include <cmath>

#include "storage/duckdb/duckdb.h"
#include "storage/duckdb/duckdb_api.h"

namespace penstock::duckdb {
namespace {

template <class T>
Value integer(const void* data, size_t row) {
  T number = static_cast<const T*>(data)[row];
  if (std::in_range<int64_t>(number)) return static_cast<int64_t>(number);
  return static_cast<double>(number);
}

Value huge_integer(const void* data, size_t row) {
  const auto& number = static_cast<const c::HugeInteger*>(data)[row];
  bool fits = (number.upper == 0 && number.lower <= INT64_MAX) ||
              (number.upper == -1 && number.lower > static_cast<uint64_t>(INT64_MAX));
  if (fits) return static_cast<int64_t>(number.lower);
  return std::ldexp(static_cast<double>(number.upper), 64) + static_cast<double>(number.lower);
}

std::string_view text_of(const void* data, size_t row) {
  const auto& text = static_cast<const c::StringData*>(data)[row];
  uint32_t bytes = text.inlined.bytes;
  return {bytes <= sizeof(text.inlined.text) ? text.inlined.text : text.pointer.text, bytes};
}

}  // namespace

bool Chunk::is_null(size_t column, size_t row) const {
  const Column& c = columns_[column];
  return c.type == c::kSqlNull || (c.valid != nullptr && (c.valid[row / 64] >> (row % 64) & 1) == 0);
}

std::string_view Chunk::text(size_t column, size_t row) const {
  return is_null(column, row) ? std::string_view() : text_of(columns_[column].data, row);
}

Value Chunk::value(size_t column, size_t row) const {
  if (is_null(column, row)) return {};
  const void* data = columns_[column].data;
  switch (columns_[column].type) {
    case c::kBoolean:
      return static_cast<const bool*>(data)[row];
    case c::kTinyInt:
      return integer<int8_t>(data, row);
    case c::kSmallInt:
      return integer<int16_t>(data, row);
    case c::kInteger:
      return integer<int32_t>(data, row);
    case c::kBigInt:
      return integer<int64_t>(data, row);
    case c::kUTinyInt:
      return integer<uint8_t>(data, row);
    case c::kUSmallInt:
      return integer<uint16_t>(data, row);
    case c::kUInteger:
      return integer<uint32_t>(data, row);
    case c::kUBigInt:
      return integer<uint64_t>(data, row);
    case c::kFloat:
      return static_cast<double>(static_cast<const float*>(data)[row]);
    case c::kDouble:
      return static_cast<const double*>(data)[row];
    case c::kHugeInt:
      return huge_integer(data, row);
    default:  // Connection::run lets no other type through
      return std::string(text_of(data, row));
  }
}

}  // namespace penstock::duckdb
