#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::api::mlflow {

// protobuf's JSON form of google.protobuf.Timestamp and Duration, in milliseconds. Finer digits are cut off.
// "2026-01-02T03:04:05.678Z": years 1 to 9999, an offset instead of Z is understood.
std::optional<int64_t> parse_timestamp_ms(std::string_view text);
std::string timestamp_text(int64_t ms);
// "1.500s"
std::optional<int64_t> parse_duration_ms(std::string_view text);
std::string duration_text(int64_t ms);

}  // namespace penstock::api::mlflow
