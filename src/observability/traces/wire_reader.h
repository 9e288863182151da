#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::traces {

// Reads the fields of one protobuf message where they lie
// (https://protobuf.dev/programming-guides/encoding/). Nothing is copied and nothing is allocated; a nested
// message is another reader over bytes().
//   WireReader fields(message);
//   while (fields.next()) { if (fields.is_bytes(5)) name = fields.bytes(); ... }
//   if (!fields.ok()) the bytes are no message
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // Goes to the next field. False at the end, and at bytes that are no field: then ok() is false too.
  bool next();
  bool ok() const { return ok_; }

  // Whether the field has this number and is of that kind. A field of another kind than expected is unknown
  // to the reader, as it is to protobuf.
  bool is_bytes(uint32_t field) const { return field_ == field && type_ == kBytes; }
  bool is_varint(uint32_t field) const { return field_ == field && type_ == kVarint; }
  bool is_fixed64(uint32_t field) const { return field_ == field && type_ == kFixed64; }

  std::string_view bytes() const { return bytes_; }  // of a string, bytes or message
  uint64_t number() const { return number_; }        // of a varint or fixed64

 private:
  enum Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  bool fail() { return ok_ = false; }
  bool read_varint(uint64_t& value);
  bool read_fixed(size_t size);

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  uint8_t type_ = 0;
  bool ok_ = true;
};

}  // namespace penstock::traces
