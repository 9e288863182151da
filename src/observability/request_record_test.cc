#include "observability/request_record.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "observability/record_samples.h"

namespace penstock::observability {
namespace {

TEST(RequestRecord, AFullRecordReadsBackAsItWasWritten) {
  auto read = decode(encode(full_record()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(full_record(), *read);
}

TEST(RequestRecord, AnEmptyRecordReadsBackAsItWasWritten) {
  auto read = decode(encode(RequestRecord{}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(RequestRecord{}, *read);
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
    EXPECT_EQ(*read, *again);
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
  EXPECT_EQ(record, *read);
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
  EXPECT_EQ(without_bodies(full_record()), expected);
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

TEST(RequestRecord, CanBeWrittenWithoutItsBodies) {
  RequestRecord record = full_record();
  auto read = decode(encode(record, Bodies::kLeftOut));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->input.empty());
  EXPECT_TRUE(read->output.empty());
  EXPECT_EQ(encode(*read), encode(without_bodies(record)));
  EXPECT_EQ(encode(*decode(encode(record), Bodies::kLeftOut)), encode(*read));
}

}  // namespace
}  // namespace penstock::observability
