#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>

#include "core/wakeup.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

Task<> echo(Request& request, ResponseStream& out) {
  std::string text = request.method + " " + request.path + " " + request.body;
  co_await out.send(Response::text(200, std::move(text)));
}

class ServerTest : public testing::Test {
 protected:
  void start(Handler handler, ServerOptions options = {}) {
    server_ = Server::create(*loops_, std::move(options), std::move(handler)).value();
    address_ = server_->listen("127.0.0.1:0").value();
  }
  RawPeer peer() { return RawPeer::to(address_); }
  std::string ask(std::string_view request) {
    RawPeer client = peer();
    client.send(request);
    client.half_close();
    return client.read_to_end();
  }

  std::unique_ptr<EventLoops> loops_ = test_loops();
  std::string address_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersWithLengthAndDateOnAConnectionThatStaysOpen) {
  start(echo);
  RawPeer client = peer();
  for (int i = 0; i < 3; ++i) {
    client.send("POST /a%20b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi");
    std::string answer = client.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("content-length: 12\r\n"));
    EXPECT_THAT(answer, HasSubstr(" GMT\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("connection:")));
    EXPECT_EQ(body_of(answer), "POST /a b hi");
  }
  EXPECT_EQ(server_->stats().connections_total, 1);
  EXPECT_EQ(server_->stats().requests_total, 3);
}

TEST_F(ServerTest, GivesHandlersTheRequestAsItWas) {
  Request seen;
  auto keep = [&seen](Request& request, ResponseStream& out) -> Task<> {
    seen = request;
    co_await out.send(Response::text(200, ""));
  };
  start(keep);
  ask("PUT /x//y?a=1&b=%20 HTTP/1.1\r\nhost: LOCALHOST:99\r\nX-Tag:  one two \r\nX-Tag: three\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: no\r\n\r\n");
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.target, "/x//y?a=1&b=%20");
  EXPECT_EQ(seen.path, "/x/y");
  EXPECT_EQ(seen.query, "a=1&b=%20");
  EXPECT_EQ(seen.query_value("b"), " ");
  EXPECT_EQ(seen.headers.get("x-tag"), "one two");
  EXPECT_EQ(seen.headers.size(), 4u);
  EXPECT_FALSE(seen.headers.has("trailer"));
  EXPECT_EQ(seen.body, "hello world");
  EXPECT_THAT(seen.peer, StartsWith("127.0.0.1:"));
  EXPECT_FALSE(seen.encrypted);
  EXPECT_GT(seen.arrived_us, 0);
}

TEST_F(ServerTest, LeavesSpareBytesAfterEveryBody) {
  std::vector<size_t> spare;
  auto measure = [&spare](Request& request, ResponseStream& out) -> Task<> {
    spare.push_back(request.body.capacity() - request.body.size());
    co_await out.send(Response::text(200, ""));
  };
  start(measure);
  RawPeer client = peer();
  for (size_t size : {1, 15, 16, 63, 64, 1000, 16'384, 70'000, 2'000'000}) {
    std::string body(size, 'x');
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                body);
    EXPECT_EQ(status_of(client.read_answer()), 200);
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::array<char, 20> hex{};
    std::snprintf(hex.data(), hex.size(), "%zx\r\n", size);
    client.send(hex.data() + body + "\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(client.read_answer()), 200);
  }
  EXPECT_EQ(spare.size(), 18u);
  for (size_t bytes : spare) EXPECT_GE(bytes, 64u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start(echo);
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  RawPeer client = peer();
  client.send(requests);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(body_of(client.read_answer()), "GET /" + std::to_string(i) + " ");
}

TEST_F(ServerTest, AnswersTheSameHoweverTheBytesAreCut) {
  start(echo);
  std::string request =
      "POST /cut HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n";
  RawPeer client = peer();
  for (size_t step : {1, 2, 3, 7, 50}) {
    for (size_t at = 0; at < request.size(); at += step)
      client.send(std::string_view(request).substr(at, step));
    EXPECT_EQ(body_of(client.read_answer()), "POST /cut abc0123456789");
  }
  // Beast asserts when the last chunk comes in pieces and there was none before it.
  std::string head = "POST /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t step : {1, 2, 3, 4}) {
    client.send(head);
    for (std::string_view body = "0\r\nX: y\r\n\r\n"; !body.empty();
         body.remove_prefix(std::min(step, body.size()))) {
      client.send(body.substr(0, step));
    }
    EXPECT_EQ(body_of(client.read_answer()), "POST /none ");
  }
}

TEST_F(ServerTest, LeavesTheBodyOutOfAnswersToHead) {
  start(echo);
  RawPeer client = peer();
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("content-length: 7\r\n"));
  client.send(kGet);
  EXPECT_EQ(body_of(client.read_answer()), "GET / ");
}

TEST_F(ServerTest, StreamsInChunks) {
  auto stream = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    ResponseHead head{200, {{"content-type", "text/event-stream"}, {"Content-Length", "99"}}};
    co_await out.start(std::move(head));
    co_await out.write("one");
    co_await out.write("");
    co_await out.write(std::string(20, '2'));
    co_await out.finish();
  };
  start(stream);
  RawPeer client = peer();
  for (int i = 0; i < 2; ++i) {
    client.send(kGet);
    std::string head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("transfer-encoding: chunked\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("ontent-Length")));
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "3\r\none\r\n14\r\n" + std::string(20, '2') + "\r\n0\r\n\r\n");
  }
}

TEST_F(ServerTest, StreamsWithoutChunksWhenTheLengthIsKnown) {
  auto inexact = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    ResponseHead head{.status = 200, .headers = {}, .length = 6};
    co_await out.start(std::move(head));
    co_await out.write("one");
    EXPECT_FALSE(co_await out.write("more"));
    EXPECT_FALSE(co_await out.finish());
  };
  auto exact = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    ResponseHead head{.status = 206, .headers = {}, .length = 6};
    co_await out.start(std::move(head));
    co_await out.write("one");
    co_await out.write("two");
    co_await out.finish();
  };
  start(exact);
  RawPeer client = peer();
  for (int i = 0; i < 2; ++i) {
    client.send(kGet);
    std::string answer = client.read_answer();
    EXPECT_THAT(answer, HasSubstr("content-length: 6\r\n"));
    EXPECT_EQ(body_of(answer), "onetwo");
  }
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("content-length: 6\r\n"));
  start(inexact);
  EXPECT_THAT(ask(kGet), testing::EndsWith("\r\n\r\none"));
}

TEST_F(ServerTest, StreamsToHttp10ClientsUntilTheConnectionEnds) {
  auto stream = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    co_await out.start({});
    co_await out.write("one");
    co_await out.write("two");
    co_await out.finish();
  };
  start(stream);
  std::string answer = ask("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_EQ(body_of(answer), "onetwo");
}

TEST_F(ServerTest, KeepsHttp10ConnectionsOnlyWhenAsked) {
  start(echo);
  RawPeer client = peer();
  client.send("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("connection: keep-alive\r\n"));
  client.send("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("connection: close\r\n"));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  start(echo);
  RawPeer client = peer();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("connection: close\r\n"));
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ServerTest, SendsNoBodyWith204And304) {
  auto handler = [](Request& request, ResponseStream& out) -> Task<> {
    co_await out.send(Response::text(request.path == "/204" ? 204 : 304, "must not appear"));
  };
  start(handler);
  RawPeer client = peer();
  for (std::string path : {"/204", "/304", "/204"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), Not(HasSubstr("content-length")));
  }
}

TEST_F(ServerTest, AsksForTheBodyOnExpectContinue) {
  start(echo);
  RawPeer client = peer();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(body_of(client.read_answer()), "POST / abc");
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: miracles\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 417);
}

TEST_F(ServerTest, DoesNotAskForABodyThatItWouldRefuse) {
  start(echo);
  RawPeer client = peer();
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 413);
}

TEST_F(ServerTest, KeepsHandlersFromSplittingAnAnswer) {
  auto handler = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    Response response = Response::text(200, "x");
    response.head.headers.add("x-evil", "a\r\nset-cookie: b");
    response.head.headers.add("bad name", "c");
    co_await out.send(std::move(response));
  };
  start(handler);
  std::string answer = ask(kGet);
  EXPECT_THAT(answer, HasSubstr("x-evil: a  set-cookie: b\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("bad name")));
}

TEST_F(ServerTest, Answers500ForHandlersThatAnswerNothingOrThrow) {
  auto handler = [](Request& request, ResponseStream& /*out*/) -> Task<> {
    if (request.path == "/throw") throw std::runtime_error("bug");
    co_return;
  };
  start(handler);
  RawPeer client = peer();
  client.send(kGet);
  EXPECT_EQ(status_of(client.read_answer()), 500);
  client.send("GET /throw HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 500);
}

TEST_F(ServerTest, CutsStreamsThatAreAbortedOrForgotten) {
  auto handler = [](Request& request, ResponseStream& out) -> Task<> {
    co_await out.start({});
    co_await out.write("part");
    if (request.path == "/abort") out.abort();
  };
  start(handler);
  for (std::string path : {"/abort", "/forget"}) {
    std::string answer = ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("4\r\npart\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("0\r\n\r\n"))) << "an end would make the answer look complete";
    RawPeer old_client = peer();
    old_client.send("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    old_client.read_to_end();
    EXPECT_TRUE(old_client.was_reset()) << "without chunks only a reset tells";
  }
}

TEST_F(ServerTest, ReportsCallsOutOfOrder) {
  std::vector<bool> outcomes;
  auto handler = [&outcomes](Request& /*request*/, ResponseStream& out) -> Task<> {
    outcomes.push_back((co_await out.write("early")).has_value());
    outcomes.push_back((co_await out.finish()).has_value());
    outcomes.push_back((co_await out.send(Response::text(200, ""))).has_value());
    outcomes.push_back((co_await out.send(Response::text(200, ""))).has_value());
    outcomes.push_back((co_await out.start({})).has_value());
  };
  start(handler);
  EXPECT_EQ(status_of(ask(kGet)), 200);
  server_.reset();  // after the handler has returned
  EXPECT_THAT(outcomes, testing::ElementsAre(false, false, true, false, false));
}

TEST_F(ServerTest, RefusesBodiesOverTheLimitSoThatTheUploaderCanReadWhy) {
  start(echo);
  RawPeer client = peer();
  std::string megabyte(1 << 20, 'x');
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string((100 << 20) + 1) +
              "\r\n\r\n");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(megabyte)) << "after " << i << " MiB";
  EXPECT_TRUE(client.send("x"));
  EXPECT_EQ(status_of(client.read_answer()), 413);
  EXPECT_EQ(server_->stats().requests_refused, 1);
}

TEST_F(ServerTest, TakesBodiesUpToTheLimit) {
  ServerOptions options;
  options.limits.body_bytes_max = 1000;
  start(echo, options);
  auto post = [](size_t size) {
    return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  auto chunks = [](size_t count) {
    std::string text = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t i = 0; i < count; ++i) text += "a\r\n0123456789\r\n";
    return text + "0\r\n\r\n";
  };
  EXPECT_EQ(status_of(ask(post(1000))), 200);
  EXPECT_EQ(status_of(ask(post(1001))), 413);
  EXPECT_EQ(status_of(ask(chunks(100))), 200);
  EXPECT_EQ(status_of(ask(chunks(101))), 413);
}

TEST_F(ServerTest, RefusesHeadsOverTheLimits) {
  start(echo);
  std::string head = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  std::string many;
  for (int i = 0; i < 99; ++i) many += "x: y\r\n";
  EXPECT_EQ(status_of(ask(head + many + "\r\n")), 200);
  EXPECT_EQ(status_of(ask(head + many + "x: y\r\n\r\n")), 431);
  EXPECT_EQ(status_of(ask(head + "x: " + std::string(60'000, 'y') + "\r\n\r\n")), 200);
  EXPECT_EQ(status_of(ask(head + "x: " + std::string(66'000, 'y') + "\r\n\r\n")), 431);
  EXPECT_EQ(status_of(ask(head + "x: " + std::string(66'000, 'y'))), 431) << "before it is complete";
  EXPECT_EQ(status_of(ask("GET /" + std::string(66'000, 'y') + " HTTP/1.1\r\nHost: localhost\r\n\r\n")), 431);
  std::string halves = "x: " + std::string(33'000, 'y') + "\r\n";
  EXPECT_EQ(status_of(ask(head + halves + halves + "\r\n")), 431) << "all lines together count";
}

TEST_F(ServerTest, CutsOffClientsThatSendTooSlowly) {
  ServerOptions options;
  options.timeouts.header_ms = 60;
  options.timeouts.body_ms = 60;
  options.timeouts.keep_alive_ms = 60;
  start(echo, options);
  RawPeer slow_head = peer();
  slow_head.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_EQ(status_of(slow_head.read_to_end()), 408);
  RawPeer slow_body = peer();
  slow_body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(status_of(slow_body.read_to_end()), 408);
  RawPeer silent = peer();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(ServerTest, GivesAHeadItsTimeAsAWholeHoweverItDrips) {
  ServerOptions options;
  options.timeouts.header_ms = 200;
  start(echo, options);
  RawPeer client = peer();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  bool open = true;
  for (int i = 0; i < 1000 && open; ++i) {
    client.send("x: y\r\n");
    char byte = 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    open = ::recv(client.fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
  }
  EXPECT_FALSE(open);
  EXPECT_EQ(status_of(client.read_to_end()), 408);
}

TEST_F(ServerTest, AnswersHalfClosingClients) {
  start(echo);
  EXPECT_EQ(body_of(ask(std::string(kGet))), "GET / ");
  EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")), 400);
  EXPECT_EQ(status_of(ask("GET / HT")), 400);
}

}  // namespace
}  // namespace penstock::http
