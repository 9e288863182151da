#include "api/mlflow/proto_time.h"

#include <gtest/gtest.h>

namespace penstock::api::mlflow {
namespace {

TEST(ProtoTime, TimestampsReadBackAsTheyWereWritten) {
  for (int64_t ms : {int64_t{0}, int64_t{1'764'000'001'234}, int64_t{-1}, int64_t{253'402'300'799'999}}) {
    EXPECT_EQ(parse_timestamp_ms(timestamp_text(ms)), ms) << timestamp_text(ms);
  }
  EXPECT_EQ(timestamp_text(1'764'000'001'000), "2025-11-24T16:00:01Z");
  EXPECT_EQ(timestamp_text(1'764'000'001'050), "2025-11-24T16:00:01.050Z");
}

TEST(ProtoTime, FinerDigitsAndOffsetsAreUnderstood) {
  EXPECT_EQ(parse_timestamp_ms("1970-01-01T00:00:00.123456789Z"), 123);
  EXPECT_EQ(parse_timestamp_ms("1970-01-01T01:00:00.5+01:00"), 500);
  for (const char* bad : {"", "1970-01-01", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00",
                          "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx", "70-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp_ms(bad)) << bad;
  }
}

TEST(ProtoTime, Durations) {
  EXPECT_EQ(duration_text(1'500), "1.500s");
  EXPECT_EQ(duration_text(2'000), "2s");
  EXPECT_EQ(duration_text(-5), "-0.005s");
  EXPECT_EQ(parse_duration_ms("1.5s"), 1'500);
  EXPECT_EQ(parse_duration_ms("-0.005s"), -5);
  for (const char* bad : {"", "1", "s", "1.s", "1.5ms", "99999999999999s"})
    EXPECT_FALSE(parse_duration_ms(bad)) << bad;
}

}  // namespace
}  // namespace penstock::api::mlflow
