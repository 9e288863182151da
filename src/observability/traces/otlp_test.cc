#include "observability/traces/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "core/json.h"
#include "core/random.h"
#include "observability/traces/otlp_samples.h"
#include "observability/traces/translation.h"

namespace penstock::traces {
namespace {

using testing::HasSubstr;

// A request of one span with these bytes as one more field.
std::string request_with(std::string_view field) {
  return bytes_field(1, bytes_field(2, bytes_field(2, sample_span({}) + std::string(field))));
}

std::string value_of(std::string_view any_value) {
  auto batch = read_otlp(request_with(attribute_field(9, "k", any_value)));
  EXPECT_TRUE(batch) << batch.error().message;
  return batch ? batch->spans.at(0).attributes.at(0).json : "";
}

TEST(Otlp, ASpanIsReadWithAllThatItHas) {
  std::string event = bytes_field(11, fixed64_field(1, 7) + bytes_field(2, "exception") +
                                          attribute_field(3, "exception.type", text_value("ValueError")));
  std::string link =
      bytes_field(13, bytes_field(1, std::string(16, '\x0a')) + bytes_field(2, std::string(8, '\x0b')));
  auto batch = read_otlp(request_with(event + link + bytes_field(3, "state") + varint_field(6, 2)));
  ASSERT_TRUE(batch) << batch.error().message;
  const Span& span = batch->spans.at(0);
  EXPECT_EQ(span.trace_id, "00000000000000000000000000000001");
  EXPECT_EQ(span.span_id, "0000000000000002");
  EXPECT_EQ(span.parent_id, "");
  EXPECT_EQ(span.name, "root");
  EXPECT_EQ(span.start_ns, 1'000'000'000);
  EXPECT_EQ(span.end_ns, 1'500'000'000);
  EXPECT_EQ(span.status, SpanStatus::kOk);
  EXPECT_EQ(span.events.at(0).attributes.at(0).json, "\"ValueError\"");
  EXPECT_EQ(span.links.at(0).span_id, "0b0b0b0b0b0b0b0b");
}

TEST(Otlp, ValuesBecomeJsonThatReadsBackAsTheSameType) {
  EXPECT_EQ(value_of(text_value("a \"b\"\n")), "\"a \\\"b\\\"\\n\"");
  EXPECT_EQ(value_of(varint_field(2, 1)), "true");
  EXPECT_EQ(value_of(varint_field(3, static_cast<uint64_t>(-5))), "-5");
  EXPECT_EQ(value_of(fixed64_field(4, std::bit_cast<uint64_t>(1.0))), "1.0");
  EXPECT_EQ(value_of(fixed64_field(4, std::bit_cast<uint64_t>(0.1))), "0.1");
  EXPECT_EQ(value_of(fixed64_field(4, std::bit_cast<uint64_t>(std::numeric_limits<double>::infinity()))),
            "\"Infinity\"");
  EXPECT_EQ(value_of(bytes_field(5, bytes_field(1, varint_field(3, 1)) + bytes_field(1, text_value("x")))),
            "[1, \"x\"]");
  EXPECT_EQ(value_of(bytes_field(6, attribute_field(1, "a", varint_field(3, 1)))), "{\"a\": 1}");
  EXPECT_EQ(value_of(bytes_field(7, "abc")), "\"YWJj\"");
  EXPECT_EQ(value_of(""), "null");
  EXPECT_EQ(value_of(varint_field(3, 4) + varint_field(99, 1)), "4");
}

TEST(Otlp, TheJsonFormSaysTheSame) {
  auto binary = read_otlp(sample_request({{.attributes = {{"mlflow.spanType", "LLM"}}}}));
  auto json = read_otlp_json(R"({"resourceSpans":[{"resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{
      "traceId":"00000000000000000000000000000001","spanId":"0000000000000002","name":"root",
      "startTimeUnixNano":"1000000000","endTimeUnixNano":1500000000,"status":{"code":1},
      "attributes":[{"key":"mlflow.spanType","value":{"stringValue":"LLM"}}]}]}]}]})");
  ASSERT_TRUE(binary && json) << json.error().message;
  EXPECT_EQ(span_content(json->spans.at(0)), span_content(binary->spans.at(0)));
  EXPECT_EQ(json->resources.at(0).at(0).json, binary->resources.at(0).at(0).json);
}

TEST(Otlp, WhatIsNoRequestIsRefused) {
  EXPECT_THAT(read_otlp("").error().message, HasSubstr("no spans found"));
  EXPECT_THAT(read_otlp_json("{}").error().message, HasSubstr("no spans found"));
  EXPECT_FALSE(read_otlp("garbage"));
  EXPECT_FALSE(read_otlp_json("{\"resourceSpans\":"));
  EXPECT_TRUE(read_otlp(bytes_field(1, "")));  // a resource without spans
}

TEST(Otlp, ASpanWithoutAnIdCannotBeConverted) {
  for (const SampleSpan& span : {SampleSpan{.trace_id = ""}, SampleSpan{.span_id = ""},
                                 SampleSpan{.trace_id = std::string(17, 'a')}}) {
    auto batch = read_otlp(sample_request({span}));
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().reason, kUnconvertible);
  }
}

TEST(Otlp, DeepValuesAreRefused) {
  std::string value = varint_field(3, 1);
  for (int i = 0; i < kValueDepthMax + 1; ++i) value = bytes_field(5, bytes_field(1, value));
  EXPECT_FALSE(read_otlp(request_with(attribute_field(9, "k", value))));
}

TEST(Otlp, TextThatIsNotUtf8IsRepaired) {
  auto batch = read_otlp(sample_request({{.name = "a\xff\0b"}}));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->spans.at(0).name, "a\xef\xbf\xbd");
  EXPECT_TRUE(parse_json(span_content(batch->spans.at(0))));
}

// Every request, cut and damaged at random, is refused or gives spans whose content is JSON.
TEST(Otlp, DamagedBytesNeverBecomeBrokenContent) {
  SeededRandom random(7);
  std::string whole =
      sample_request({{.attributes = {{"a", "{\"x\": 1}"}, {"gen_ai.operation.name", "chat"}}}, {}});
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole.substr(0, random.next_u64() % (whole.size() + 1));
    for (uint64_t i = random.next_u64() % 4; i > 0 && !bytes.empty(); --i) {
      bytes[random.next_u64() % bytes.size()] = static_cast<char>(random.next_u64());
    }
    auto batch = read_otlp(bytes);
    if (!batch) continue;
    for (Span& span : batch->spans) {
      translate(span);
      ASSERT_TRUE(parse_json(span_content(span))) << round;
    }
  }
}

}  // namespace
}  // namespace penstock::traces
