#include "http/streamed_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <thread>

#include "core/digest.h"
#include "core/wakeup.h"
#include "http/router.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int64_t kStreamMax = 16 << 20;

std::string put_head(std::string_view framing, std::string_view path = "/files/a") {
  return "PUT " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(framing) + "\r\n\r\n";
}

std::string with_length(size_t bytes) { return "Content-Length: " + std::to_string(bytes); }

std::string noise(size_t bytes) {
  std::string text(bytes, ' ');
  uint32_t state = 7;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

// Answers how many pieces came, and their digest; or the error, with its code.
Task<> measure(Request& request, ResponseStream& out) {
  Hasher hasher;
  std::string piece;
  int pieces = 0;
  size_t largest = 0;
  while (true) {
    Result<void> read = co_await request.stream->read(piece);
    if (!read) {
      std::string text = std::string(error_code_name(read.error().code)) + ": " + read.error().message;
      co_await out.send(Response::text(http_status(read.error().code), std::move(text)));
      co_return;
    }
    if (piece.empty()) break;
    hasher.update(std::as_bytes(std::span(piece)));
    largest = std::max(largest, piece.size());
    ++pieces;
  }
  EXPECT_LE(largest, BodyStream::kPieceBytes + Channel::kBufferBytesMax);
  std::string text = (pieces > 1 ? "pieces " : "whole ") + hasher.finish().text();
  co_await out.send(Response::text(200, std::move(text)));
}

class StreamedBodyTest : public testing::Test {
 protected:
  void start(Handler handler, ServerTimeouts timeouts = {}) {
    router_.add_streaming("PUT", "/files/{path...}", kStreamMax, std::move(handler));
    router_.add("POST", "/whole", [](Request& request, ResponseStream& out) -> Task<> {
      co_await out.send(Response::text(200, std::to_string(request.body.size())));
    });
    ServerOptions options{.timeouts = timeouts, .streamed_body = router_.streamed_body()};
    options.limits.body_bytes_max = 1000;
    server_ = Server::create(*loops_, std::move(options), router_.handler(), router_.error_shape()).value();
    address_ = server_->listen("127.0.0.1:0").value();
  }
  RawPeer peer() { return RawPeer::to(address_); }

  std::unique_ptr<EventLoops> loops_ = test_loops();
  Router router_;
  std::string address_;
  std::unique_ptr<Server> server_;
};

TEST_F(StreamedBodyTest, GivesTheHandlerBodiesBeyondTheServersLimitPieceByPiece) {
  start(measure);
  RawPeer client = peer();
  for (size_t size : {100'000, 5 << 20, static_cast<int>(kStreamMax)}) {
    std::string body = noise(size);
    client.send(put_head(with_length(size)));
    client.send(body);
    EXPECT_THAT(client.read_answer(), HasSubstr(Digest::of(body).text())) << "the connection is kept";
  }
}

TEST_F(StreamedBodyTest, ReadsChunksHoweverTheyAreCut) {
  start(measure);
  RawPeer client = peer();
  std::string body = noise(700'000);
  for (size_t chunk : {1'000, 65'536, 700'000}) {
    client.send(put_head("Transfer-Encoding: chunked"));
    for (size_t at = 0; at < body.size(); at += chunk) {
      std::string_view part = std::string_view(body).substr(at, chunk);
      std::array<char, 20> head{};
      std::snprintf(head.data(), head.size(), "%zx\r\n", part.size());
      client.send(std::string(head.data()) + std::string(part) + "\r\n");
    }
    client.send("0\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("pieces " + Digest::of(body).text()));
  }
}

TEST_F(StreamedBodyTest, GivesBodiesThatCameWithTheirHeadInOnePiece) {
  start(measure);
  RawPeer client = peer();
  for (std::string body : {"", "x", "hello"}) {
    client.send(put_head(with_length(body.size())) + body);
    EXPECT_THAT(client.read_answer(), HasSubstr("whole " + Digest::of(body).text()));
  }
}

TEST_F(StreamedBodyTest, LeavesOtherRoutesAsTheyWere) {
  start(measure);
  RawPeer client = peer();
  client.send("POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n");
  client.send(std::string(999, 'x'));
  EXPECT_EQ(body_of(client.read_answer()), "999");
  client.send("POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 413);
}

TEST_F(StreamedBodyTest, RefusesWhatIsOverTheRoutesLimit) {
  start(measure);
  RawPeer announced = peer();
  announced.send(put_head(with_length(kStreamMax + 1)));
  EXPECT_EQ(status_of(announced.read_answer()), 413);
  RawPeer chunked = peer();
  chunked.send(put_head("Transfer-Encoding: chunked") + "1000001\r\n");
  EXPECT_THAT(chunked.read_answer(), HasSubstr("too_large"));
}

TEST_F(StreamedBodyTest, AsksTheGuardBeforeTheBody) {
  router_.guard([](Request& request) -> Result<void> {
    if (request.headers.has("authorization")) return {};
    return Failure(Error{.code = ErrorCode::kUnauthenticated, .message = "who are you?"});
  });
  start(measure);
  RawPeer stranger = peer();
  stranger.send(put_head(with_length(1 << 20) + "\r\nExpect: 100-continue"));
  std::string answer = stranger.read_answer();
  EXPECT_EQ(status_of(answer), 401) << "and not 100";
  EXPECT_THAT(answer, HasSubstr("connection: close"));

  RawPeer pushing = peer();
  pushing.send(put_head(with_length(8 << 20)));
  pushing.send(noise(8 << 20));
  EXPECT_EQ(status_of(pushing.read_answer()), 401) << "readable also by those who send first";

  RawPeer known = peer();
  known.send(put_head(with_length(1 << 20) + "\r\nExpect: 100-continue\r\nAuthorization: x"));
  EXPECT_THAT(known.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  std::string body = noise(1 << 20);
  known.send(body);
  EXPECT_THAT(known.read_answer(), HasSubstr(Digest::of(body).text()));
}

TEST_F(StreamedBodyTest, SlowsTheSenderDownWhenTheHandlerIsSlow) {
  Wakeup release;
  start([&release](Request& request, ResponseStream& out) -> Task<> {
    std::string piece;
    co_await request.stream->read(piece);
    co_await release.wait(20'000);
    co_await measure(request, out);
  });
  RawPeer client = peer();
  client.send(put_head(with_length(kStreamMax)));
  std::string body = noise(kStreamMax);
  size_t sent = 0;
  for (int idle = 0; sent < body.size() && idle < 50;) {
    ssize_t count = ::send(client.fd(), body.data() + sent, body.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    idle = count > 0 ? 0 : idle + 1;
    sent += count > 0 ? static_cast<size_t>(count) : 0;
    if (count <= 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_LT(sent, body.size());
  release.notify();
  client.send(std::string_view(body).substr(sent));
  EXPECT_EQ(status_of(client.read_answer()), 200);
  server_.reset();  // after the handler has returned
}

TEST_F(StreamedBodyTest, TellsHandlersOfBodiesThatEndEarlyOrPause) {
  start(measure, {.body_ms = 60});
  RawPeer short_one = peer();
  short_one.send(put_head(with_length(300'000)) + noise(200'000));
  short_one.half_close();
  EXPECT_THAT(short_one.read_to_end(), HasSubstr("invalid_argument: the connection ended"));
  RawPeer slow = peer();
  slow.send(put_head(with_length(300'000)) + noise(200'000));
  EXPECT_THAT(slow.read_to_end(), HasSubstr("deadline_exceeded"));
  RawPeer malformed = peer();
  malformed.send(put_head("Transfer-Encoding: chunked") + "zz\r\nabc\r\n");
  EXPECT_EQ(status_of(malformed.read_to_end()), 400);
}

TEST_F(StreamedBodyTest, TellsHandlersWhenTheSenderHasGone) {
  std::promise<ErrorCode> seen;
  start([&seen](Request& request, ResponseStream& out) -> Task<> {
    std::string piece;
    Result<void> read;
    do {
      read = co_await request.stream->read(piece);
    } while (read && !piece.empty());
    EXPECT_TRUE(out.disconnected().cancelled());
    seen.set_value(read ? ErrorCode::kInternal : read.error().code);
  });
  RawPeer client = peer();
  client.send(put_head(with_length(1 << 20)) + noise(10'000));
  client.reset();
  EXPECT_EQ(seen.get_future().get(), ErrorCode::kCancelled);
}

TEST_F(StreamedBodyTest, ClosesAfterAnAnswerThatDidNotWaitForTheBody) {
  start([](Request& /*request*/, ResponseStream& out) -> Task<> {
    co_await out.send(Response::text(200, "enough"));
  });
  RawPeer client = peer();
  client.send(put_head(with_length(4 << 20)));
  client.send(noise(4 << 20));
  std::string answer = client.read_to_end();
  EXPECT_THAT(answer, HasSubstr("connection: close"));
  EXPECT_THAT(answer, HasSubstr("enough"));
  EXPECT_FALSE(client.was_reset());
}

}  // namespace
}  // namespace penstock::http
