#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "observability/traces/span.h"

// For tests: OTLP requests written by hand, byte by byte as protobuf's encoding says.
namespace penstock::traces {

inline void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
inline std::string varint_field(uint32_t field, uint64_t value) {
  std::string out;
  put_varint(out, field << 3);
  put_varint(out, value);
  return out;
}
inline std::string fixed64_field(uint32_t field, uint64_t value) {
  std::string out;
  put_varint(out, field << 3 | 1);
  char bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  return out.append(bytes, sizeof bytes);
}
inline std::string bytes_field(uint32_t field, std::string_view bytes) {
  std::string out;
  put_varint(out, field << 3 | 2);
  put_varint(out, bytes.size());
  return out.append(bytes);
}

inline std::string text_value(std::string_view text) { return bytes_field(1, text); }
inline std::string attribute_field(uint32_t field, std::string_view key, std::string_view value) {
  return bytes_field(field, bytes_field(1, key) + bytes_field(2, value));
}

struct SampleSpan {
  std::string trace_id = std::string(15, '\0') + '\1';
  std::string span_id = std::string(7, '\0') + '\2';
  std::string parent_id{};
  std::string name = "root";
  int64_t start_ms = 1'000;
  int64_t end_ms = 1'500;
  int status = 1;
  std::vector<std::pair<std::string, std::string>> attributes{};  // name, text
};

inline std::string sample_span(const SampleSpan& span) {
  std::string out = bytes_field(1, span.trace_id) + bytes_field(2, span.span_id);
  if (!span.parent_id.empty()) out += bytes_field(4, span.parent_id);
  out += bytes_field(5, span.name);
  out += fixed64_field(7, static_cast<uint64_t>(span.start_ms) * 1'000'000);
  out += fixed64_field(8, static_cast<uint64_t>(span.end_ms) * 1'000'000);
  for (const auto& [key, text] : span.attributes) out += attribute_field(9, key, text_value(text));
  return out + bytes_field(15, varint_field(3, static_cast<uint64_t>(span.status)));
}

inline std::string sample_request(const std::vector<SampleSpan>& spans) {
  std::string scope;
  for (const SampleSpan& span : spans) scope += bytes_field(2, sample_span(span));
  std::string resource = attribute_field(1, "service.name", text_value("shop"));
  return bytes_field(1, bytes_field(1, resource) + bytes_field(2, scope));
}

}  // namespace penstock::traces
