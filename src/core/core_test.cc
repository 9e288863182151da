#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/blocking_pool.h"
#include "core/cancel.h"
#include "core/digest.h"
#include "core/http_client.h"
#include "core/task_group.h"
#include "core/text.h"
#include "core/uuid.h"

namespace penstock {
namespace {

TEST(Uuid, IdsSortByTimeAndReadBack) {
  ManualClock clock;
  SeededRandom random(1);
  Uuid first = Uuid::v7(clock, random);
  clock.advance_us(1000);
  Uuid second = Uuid::v7(clock, random);
  EXPECT_LT(first, second);
  EXPECT_EQ(first.unix_ms(), 1'700'000'000'000);
  EXPECT_EQ(Uuid::parse(first.text()), first);
  EXPECT_EQ(first.text()[14], '7');
  EXPECT_FALSE(Uuid::parse("0190163d-8694-739b-aea5-966c26f8ad9"));
  EXPECT_FALSE(Uuid::parse("0190163d_8694-739b-aea5-966c26f8ad91"));
}

TEST(Text, Utf8IsCheckedAndNeverCut) {
  EXPECT_TRUE(is_valid_utf8("aé日😀"));
  EXPECT_FALSE(is_valid_utf8("\xC0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
  EXPECT_EQ(utf8_prefix("日本", 4), "日");
}

TEST(Text, TheNearestWordIsOfferedOnlyWhenItIsNear) {
  std::array<std::string_view, 2> words = {"listen", "models"};
  EXPECT_EQ(nearest("listn", words), "listen");
  EXPECT_EQ(nearest("zzzzzz", words), "");
}

TEST(Text, Base64IsPadded) {
  auto encode = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Digest, KnownVectorAndText) {
  Digest digest = Digest::of("abc");
  EXPECT_EQ(digest.text(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(*Digest::parse(digest.text()), digest);
  EXPECT_FALSE(Digest::parse("sha256:../../etc"));
}

TEST(Endpoint, UrlsAreReadAndWrittenBack) {
  auto endpoint = Endpoint::parse("https://api.example:8443/v1/");
  ASSERT_TRUE(endpoint);
  EXPECT_TRUE(endpoint->tls);
  EXPECT_EQ(endpoint->host, "api.example");
  EXPECT_EQ(endpoint->port, 8443);
  EXPECT_EQ(endpoint->prefix, "/v1");
  EXPECT_EQ(Endpoint::parse("http://[::1]:80")->host, "::1");
  EXPECT_EQ(Endpoint::parse("unix:/run/x.sock")->unix_path, "/run/x.sock");
  for (std::string_view bad : {"ftp://x", "http://", "http://a:0", "http://u:p@h", "http://h?q", "unix:"}) {
    EXPECT_FALSE(Endpoint::parse(bad)) << bad;
  }
}

TEST(CancelToken, CallbacksRunOnceAndASubscriptionThatEndedDoesNot) {
  CancelSource source;
  int calls = 0;
  auto kept = source.token().on_cancel([&] { ++calls; });
  {
    auto dropped = source.token().on_cancel([&] { calls += 100; });
  }
  source.cancel();
  source.cancel();
  EXPECT_EQ(calls, 1);
  auto late = source.token().on_cancel([&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(BlockingPool, WorkRunsElsewhereAndAFullQueueIsRefused) {
  boost::asio::io_context loop(1);
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 0});
  TaskGroup tasks;
  ErrorCode code{};
  auto refused = [&]() -> Task<> {
    auto outcome = co_await pool.run([]() -> Result<int> { return 1; });
    code = outcome.error().code;
  };
  tasks.spawn(loop.get_executor(), "refused", refused());
  loop.run();
  EXPECT_EQ(code, ErrorCode::kRateLimited);

  BlockingPool roomy({.name = "test"});
  int value = 0;
  auto accepted = [&]() -> Task<> { value = *co_await roomy.run([]() -> Result<int> { return 7; }); };
  loop.restart();
  auto work = boost::asio::make_work_guard(loop);
  tasks.spawn(loop.get_executor(), "accepted", accepted());
  while (tasks.running() > 0) loop.run_one();
  EXPECT_EQ(value, 7);
}

TEST(Headers, NamesCompareWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"x", "1"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  headers.set("CONTENT-TYPE", "b");
  EXPECT_EQ(headers.get("content-type"), "b");
  EXPECT_EQ(headers.size(), 2u);
}

TEST(Request, QueryValuesAreDecoded) {
  Request request;
  request.query = "a=1&q=x%20y+z&flag&bad=%zz";
  EXPECT_EQ(request.query_value("q"), "x y z");
  EXPECT_TRUE(request.has_query("flag"));
  EXPECT_EQ(request.query_value("bad"), "%zz");
  EXPECT_FALSE(request.has_query("b"));
}

}  // namespace
}  // namespace penstock
