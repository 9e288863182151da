#include "observability/request_record.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "observability/record_samples.h"

namespace penstock::observability {
namespace {

// What must be the same after a round trip, bytes that are no UTF-8 aside.
void expect_same(const RequestRecord& a, const RequestRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.started_at, b.started_at);
  EXPECT_EQ(a.first_token_at, b.first_token_at);
  EXPECT_EQ(a.ended_at, b.ended_at);
  EXPECT_EQ(a.endpoint, b.endpoint);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.route, b.route);
  EXPECT_EQ(a.upstream, b.upstream);
  EXPECT_EQ(a.upstream_model, b.upstream_model);
  EXPECT_EQ(a.upstream_request_id, b.upstream_request_id);
  ASSERT_EQ(a.model_version.has_value(), b.model_version.has_value());
  if (a.model_version) {
    EXPECT_EQ(a.model_version->name, b.model_version->name);
    EXPECT_EQ(a.model_version->version, b.model_version->version);
    EXPECT_EQ(a.model_version->digest, b.model_version->digest);
  }
  EXPECT_EQ(a.stream, b.stream);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.finish_reason, b.finish_reason);
  EXPECT_EQ(a.error_code, b.error_code);
  EXPECT_EQ(a.error_message, b.error_message);
  EXPECT_EQ(a.tokens.input, b.tokens.input);
  EXPECT_EQ(a.tokens.cached_input, b.tokens.cached_input);
  EXPECT_EQ(a.tokens.cache_write, b.tokens.cache_write);
  EXPECT_EQ(a.tokens.output, b.tokens.output);
  EXPECT_EQ(a.tokens.reasoning, b.tokens.reasoning);
  EXPECT_EQ(a.tokens.audio, b.tokens.audio);
  EXPECT_EQ(a.tokens.source, b.tokens.source);
  EXPECT_EQ(a.cost, b.cost);
  EXPECT_EQ(a.feature, b.feature);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.metadata, b.metadata);
  EXPECT_EQ(a.client_disconnected, b.client_disconnected);
  EXPECT_EQ(a.input, b.input);
  EXPECT_EQ(a.input_truncated, b.input_truncated);
  EXPECT_EQ(a.output, b.output);
  EXPECT_EQ(a.output_truncated, b.output_truncated);
}

TEST(RequestRecord, AFullRecordReadsBackAsItWasWritten) {
  auto read = decode(encode(full_record()));
  ASSERT_TRUE(read) << read.error().message;
  expect_same(full_record(), *read);
}

TEST(RequestRecord, AnEmptyRecordReadsBackAsItWasWritten) {
  auto read = decode(encode(RequestRecord{}));
  ASSERT_TRUE(read) << read.error().message;
  expect_same(RequestRecord{}, *read);
}

TEST(RequestRecord, AnyRecordReadsBackWithInvalidUtf8Replaced) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::string payload = encode(random_record(random));
    EXPECT_TRUE(is_valid_utf8(payload));
    auto read = decode(payload);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(encode(*read), payload);
    auto again = decode(encode(*read));
    ASSERT_TRUE(again);
    expect_same(*read, *again);
  }
}

TEST(RequestRecord, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  RequestRecord record;
  record.input =
      "a\xFF"
      "b\xC0\x80";
  auto read = decode(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->input, "a\uFFFDb\uFFFD\uFFFD");
}

TEST(RequestRecord, BodiesOfManyMegabytesSurvive) {
  RequestRecord record = full_record();
  record.input.assign(12 << 20, '"');
  record.output.assign(2 << 20, '\n');
  auto read = decode(encode(record));
  ASSERT_TRUE(read) << read.error().message;
  expect_same(record, *read);
}

TEST(RequestRecord, VersionOneOfTheFormatIsReadAndUnknownMembersAreSkipped) {
  auto read = decode(
      R"({"v":1,"id":"0190163d-8694-739b-aea5-966c26f8ad91","started_at_us":1700000000000000,)"
      R"("ended_at_us":1700000001500000,"first_token_at_us":1700000000250000,"status":200,)"
      R"("model_version":{"name":"smollm2","version":"3","digest":"sha256:00","colour":"red"},)"
      R"("tokens":{"input":12,"output":34,"source":"provider","vision":7},"cost_nano_usd":4500,)"
      R"("metadata":{"run":"a","team":"b"},"stream":true,"endpoint":"chat.completions","model":"gpt-4o",)"
      R"("from_the_future":{"deep":[1,{"x":null}]},"input":"{\"model\":\"gpt-4o\"}"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id.text(), "0190163d-8694-739b-aea5-966c26f8ad91");
  EXPECT_EQ(read->first_token_at, Timestamp{1'700'000'000'250'000});
  EXPECT_EQ(read->model_version->version, "3");
  EXPECT_EQ(read->tokens.output, 34);
  EXPECT_EQ(read->tokens.source, TokenSource::kProvider);
  EXPECT_EQ(read->cost, Money{4500});
  EXPECT_EQ(read->metadata.back(), (std::pair<std::string, std::string>("team", "b")));
  EXPECT_TRUE(read->stream);
  EXPECT_EQ(read->input, R"({"model":"gpt-4o"})");
}

TEST(RequestRecord, ANewerFormatIsRefusedByName) {
  auto read = decode(R"({"v":2,"id":"0190163d-8694-739b-aea5-966c26f8ad91"})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kNotImplemented);
}

TEST(RequestRecord, ATruncatedOrMistypedPayloadIsCorrupt) {
  const std::string payload = encode(full_record());
  for (size_t length = 0; length < payload.size(); ++length) {
    auto read = decode(std::string_view(payload).substr(0, length));
    ASSERT_FALSE(read) << length;
    ASSERT_EQ(read.error().code, ErrorCode::kCorrupt) << length;
  }
  for (std::string_view text : {"[]", "null", "{}", R"({"v":1,"id":"x"})", R"({"v":1,"id":7})",
                                R"({"id":"0190163d-8694-739b-aea5-966c26f8ad91","tokens":5})",
                                R"({"id":"0190163d-8694-739b-aea5-966c26f8ad91","metadata":{"a":1}})",
                                R"({"id":"0190163d-8694-739b-aea5-966c26f8ad91","status":"200"})"}) {
    auto read = decode(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << text;
  }
}

TEST(RequestRecord, ACopyWithoutBodiesKeepsEverythingElse) {
  RequestRecord expected = full_record();
  expected.input.clear();
  expected.output.clear();
  expect_same(without_bodies(full_record()), expected);
}

TEST(RequestRecord, AnErrorInTheMiddleOfAStreamCountsAsAnError) {
  RequestRecord record;
  record.status = 200;
  EXPECT_FALSE(is_error(record));
  record.error_code = "upstream";
  EXPECT_TRUE(is_error(record));
  record.error_code.clear();
  record.status = 429;
  EXPECT_TRUE(is_error(record));
}

}  // namespace
}  // namespace penstock::observability
