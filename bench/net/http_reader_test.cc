#include "bench/net/http_reader.h"

#include <gtest/gtest.h>

#include <random>

namespace penstock::bench {
namespace {

constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: one\r\n\r\n5\r\nhello\r\nA;x=y\r\n, "
    "world!!!\r\n0\r\n\r\n";
constexpr std::string_view kCounted = "POST /v1/x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpReader, ReadsTheSameMessageHoweverTheBytesAreCut) {
  constexpr unsigned kSeed = 1;
  std::mt19937 draw(kSeed);
  const std::string bytes = std::string(kChunked) + std::string(kCounted);
  for (int round = 0; round < 500; ++round) {
    HttpReader reader;
    std::vector<std::string> bodies;
    std::string unread;
    for (size_t at = 0; at < bytes.size();) {
      const size_t length = std::min<size_t>(1 + draw() % 40, bytes.size() - at);
      unread += bytes.substr(at, length);
      at += length;
      for (bool more = true; more;) {
        unread.erase(0, reader.feed(unread));
        more = reader.complete();
        if (more) bodies.push_back(reader.message().body);
        if (more) reader.reset();
      }
    }
    EXPECT_EQ(bodies, (std::vector<std::string>{"hello, world!!!", "hello"})) << "round " << round;
  }
}

TEST(HttpReader, FindsHeadersWhateverTheirCase) {
  HttpReader reader;
  reader.feed(kChunked);
  EXPECT_EQ(reader.message().header("x-a"), "one");
  EXPECT_EQ(reader.message().header("x-b"), "");
}

TEST(HttpReader, TakesNothingBehindTheMessage) {
  HttpReader reader;
  const std::string two = std::string(kCounted) + "GET";
  EXPECT_EQ(reader.feed(two), kCounted.size());
  EXPECT_TRUE(reader.complete());
}

TEST(HttpReader, EndsAnAnswerWithoutLengthWhereItsPeerCloses) {
  HttpReader reader;
  reader.feed("HTTP/1.1 200 OK\r\n\r\nall of it");
  EXPECT_FALSE(reader.complete());
  reader.end_of_input();
  EXPECT_TRUE(reader.complete());
  EXPECT_EQ(reader.message().body, "all of it");
}

TEST(HttpReader, IsBrokenByAnAnswerThatIsCut) {
  HttpReader reader;
  reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  reader.end_of_input();
  EXPECT_TRUE(reader.broken());
}

}  // namespace
}  // namespace penstock::bench
