#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <future>

#include "core/temporary_directory.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;

struct Outcome {
  int status = 0;
  Headers headers;
  std::string body;
};

// One call whose answer is read to its end.
Task<Result<Outcome>> fetch(HttpClient& client, Endpoint endpoint, HttpCall call) {
  ASSIGN_OR_CO_RETURN(auto answer, co_await client.send(endpoint, std::move(call)));
  Outcome outcome{answer->head().status, answer->head().headers, {}};
  ASSIGN_OR_CO_RETURN(outcome.body, co_await read_all(*answer, 64 << 20));
  co_return outcome;
}

Task<> echo(Request& request, ResponseStream& out) {
  Response response = Response::text(200, request.method + " " + request.target + " " + request.body);
  response.head.headers.add("x-peer", request.peer);
  response.head.headers.add("x-host", std::string(request.headers.get("host")));
  co_await out.send(std::move(response));
}

class ClientTest : public testing::Test {
 protected:
  Result<Outcome> call(const std::string& url, HttpCall call = {}) {
    return run_on(*loops_, fetch(*client_, Endpoint::parse(url).value(), std::move(call)));
  }
  // What fails with this answer.
  ErrorCode failure_of(std::string_view answer) {
    ScriptedServer server([answer](RawPeer& peer, int) {
      peer.read_until("\r\n\r\n");
      peer.send(answer);
    });
    auto outcome = call(server.url());
    EXPECT_FALSE(outcome.has_value()) << answer;
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }
  std::string serve(Handler handler) {
    server_ = Server::create(*loops_, {}, std::move(handler)).value();
    return "http://" + server_->listen("127.0.0.1:0").value();
  }

  std::unique_ptr<EventLoops> loops_ = test_loops(2);
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpClient> client_ = make_client(*loops_);
};

TEST_F(ClientTest, SendsACallAndReadsItsAnswer) {
  std::string url = serve(echo);
  auto outcome = call(url + "/v1", {.method = "POST", .target = "/chat?x=1", .body = "hello"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->status, 200);
  EXPECT_EQ(outcome->body, "POST /v1/chat?x=1 hello");
  EXPECT_EQ("http://" + std::string(outcome->headers.get("x-host")), url);
}

TEST_F(ClientTest, KeepsConnectionsForTheNextCall) {
  std::string url = serve(echo);
  std::string first(call(url)->headers.get("x-peer"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(url + "/prefix")->headers.get("x-peer"), first);
  EXPECT_EQ(server_->stats().connections_total, 1);
}

TEST_F(ClientTest, ClosesTheConnectionOfAnAnswerThatIsNotReadToItsEnd) {
  auto flood = [](Request& /*request*/, ResponseStream& out) -> Task<> {
    co_await out.send(Response::text(200, std::string(1 << 20, 'x')));
  };
  std::string url = serve(flood);
  auto peek = [](HttpClient& client, Endpoint endpoint) -> Task<bool> {
    auto answer = co_await client.send(endpoint, {});
    co_return answer.has_value() && (co_await (*answer)->read()).has_value();
  };
  EXPECT_TRUE(run_on(*loops_, peek(*client_, Endpoint::parse(url).value())));
  EXPECT_EQ(call(url)->body.size(), 1u << 20);
  EXPECT_EQ(server_->stats().connections_total, 2);
}

TEST_F(ClientTest, ReplacesAPooledConnectionThatWasClosedMeanwhile) {
  ScriptedServer server([](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    // Closed only after the next request has come: the client can't have known.
    peer.read_until("\r\n\r\n");
  });
  for (int i = 0; i < 3; ++i) {
    auto outcome = call(server.url());
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->body, "ok");
  }
  client_.reset();  // or the script would wait for one more request
}

TEST_F(ClientTest, DoesNotRepeatACallOnceItsAnswerHasBegun) {
  std::atomic<int> requests = 0;
  ScriptedServer server([&requests](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    ++requests;
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    peer.read_until("\r\n\r\n");
    ++requests;
    peer.send("HTTP/1.1 2");
  });
  ASSERT_TRUE(call(server.url()));
  EXPECT_EQ(call(server.url()).error().code, ErrorCode::kUpstream);
  EXPECT_EQ(requests, 2);
}

TEST_F(ClientTest, DoesNotRepeatACallOnAFreshConnection) {
  std::atomic<int> connections = 0;
  ScriptedServer server([&connections](RawPeer& peer, int) {
    ++connections;
    peer.read_until("\r\n\r\n");
  });
  EXPECT_EQ(call(server.url()).error().code, ErrorCode::kUpstream);
  EXPECT_EQ(connections, 1);
}

TEST_F(ClientTest, DropsPooledConnectionsThatTheServerCloses) {
  std::promise<void> closed;
  ScriptedServer server([&closed](RawPeer& peer, int connection) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    if (connection > 0) return;
    peer.half_close();
    EXPECT_EQ(peer.read_to_end(), "") << "the client closes too, without a request";
    closed.set_value();
  });
  ASSERT_TRUE(call(server.url()));
  closed.get_future().wait();
  EXPECT_TRUE(call(server.url()));
}

TEST_F(ClientTest, DropsPooledConnectionsThatSendUnasked) {
  ScriptedServer server([](RawPeer& peer, int connection) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    if (connection == 0) peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    if (connection == 0) peer.read_to_end();
  });
  EXPECT_EQ(call(server.url())->body, "ok");
  EXPECT_EQ(call(server.url())->body, "ok");
}

TEST_F(ClientTest, ReadsBodiesOfEveryFraming) {
  std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nT: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nhello",
      "HTTP/1.0 200 Fine\r\n\r\nhello",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: "
      "5\r\n\r\nhello",
  };
  for (const std::string& answer : answers) {
    for (size_t step : {answer.size(), size_t{1}, size_t{7}}) {
      ScriptedServer server([&](RawPeer& peer, int) {
        peer.read_until("\r\n\r\n");
        for (size_t at = 0; at < answer.size(); at += step)
          peer.send(std::string_view(answer).substr(at, step));
      });
      auto outcome = call(server.url());
      ASSERT_TRUE(outcome) << outcome.error().message << "\n" << answer;
      EXPECT_EQ(outcome->body, "hello") << answer;
      EXPECT_EQ(outcome->status, 200);
    }
  }
}

TEST_F(ClientTest, ReadsAnEmptyChunkedBodyHoweverItIsCut) {
  ScriptedServer server([](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::string_view byte : {"0", "\r", "\n", "\r", "\n"}) peer.send(byte);
  });
  auto outcome = call(server.url());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->body, "");
}

TEST_F(ClientTest, ReadsNoBodyWhereThereIsNone) {
  ScriptedServer server([](RawPeer& peer, int) {
    std::string request = peer.read_until("\r\n\r\n");
    while (!request.empty()) {
      bool head = request.starts_with("HEAD");
      peer.send(head ? "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n" : "HTTP/1.1 204 No Content\r\n\r\n");
      request = peer.read_until("\r\n\r\n");
    }
  });
  EXPECT_EQ(call(server.url(), {.method = "HEAD"})->body, "");
  EXPECT_EQ(call(server.url())->status, 204);
  EXPECT_EQ(call(server.url(), {.method = "HEAD"})->status, 200);
  client_.reset();
}

TEST_F(ClientTest, RefusesAnswersThatReadersCouldUnderstandDifferently) {
  const std::vector<std::string> broken = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "nonsense",
      "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'),
  };
  for (const std::string& answer : broken)
    EXPECT_EQ(failure_of(answer), ErrorCode::kUpstream) << answer.substr(0, 99);
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 103 Hints\r\n\r\n";
  EXPECT_EQ(failure_of(interim), ErrorCode::kUpstream);
}

TEST_F(ClientTest, NeverTakesACutBodyForAnEnd) {
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"), ErrorCode::kUpstream);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
            ErrorCode::kUpstream);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
            ErrorCode::kUpstream);
}

TEST_F(ClientTest, GivesEachPhaseItsTime) {
  ScriptedServer silent([](RawPeer& peer, int) { peer.read_to_end(); });
  HttpTimeouts brief{.first_byte_ms = 30};
  EXPECT_EQ(call(silent.url(), {.timeouts = brief}).error().code, ErrorCode::kDeadlineExceeded);
  brief = {.total_ms = 30};
  EXPECT_EQ(call(silent.url(), {.timeouts = brief}).error().code, ErrorCode::kDeadlineExceeded);
  ScriptedServer slow([](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
    peer.read_to_end();
  });
  brief = {.idle_ms = 30};
  EXPECT_EQ(call(slow.url(), {.timeouts = brief}).error().code, ErrorCode::kDeadlineExceeded);
  brief = {.total_ms = 30};
  EXPECT_EQ(call(slow.url(), {.timeouts = brief}).error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ClientTest, SaysWhyItCannotConnect) {
  std::string url;
  {
    url = ScriptedServer([](RawPeer&, int) {}).url();
  }
  auto refused = call(url);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr(url));
  EXPECT_THAT(refused.error().message, HasSubstr("refused"));
  EXPECT_EQ(call("unix:/nowhere/socket").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(call("unix:/" + std::string(200, 'x')).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ClientTest, TriesAllAddressesOfAHost) {
  std::string url = serve(echo);
  auto outcome = call("http://localhost" + url.substr(url.rfind(':')));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->status, 200);
}

// Cancels from within the loop while the call waits.
TEST_F(ClientTest, CancellingClosesTheConnectionAtOnce) {
  for (std::string_view sent : {"", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"}) {
    CancelSource source;
    std::promise<std::string> seen;
    ScriptedServer server([&](RawPeer& peer, int) {
      peer.read_until("\r\n\r\n");
      peer.send(sent);
      boost::asio::post(loops_->executor(0), [&source] { source.cancel(); });
      seen.set_value(peer.read_to_end());
    });
    HttpCall wanted;
    wanted.cancel = source.token();
    EXPECT_EQ(call(server.url(), std::move(wanted)).error().code, ErrorCode::kCancelled);
    EXPECT_EQ(seen.get_future().get(), "");
  }
}

TEST_F(ClientTest, DoesNotBeginACancelledCall) {
  CancelSource source;
  source.cancel();
  HttpCall unwanted;
  unwanted.cancel = source.token();
  EXPECT_EQ(call("http://127.0.0.1:1", std::move(unwanted)).error().code, ErrorCode::kCancelled);
}

TEST_F(ClientTest, ReadsAnAnswerThatComesBeforeTheBodyIsSent) {
  ScriptedServer server([](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nlong");
    peer.read_until("the client closes");
  });
  std::string body(64 << 20, 'x');
  auto outcome = call(server.url(), {.method = "POST", .body = body});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->status, 413);
  EXPECT_EQ(outcome->body, "long");
}

TEST_F(ClientTest, KeepsCallersFromSplittingARequest) {
  std::string url = serve(echo);
  EXPECT_EQ(call(url, {.method = "GET /x"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(call(url, {.target = "/x y"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(call(url, {.target = "/x\r\nevil: 1"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(call(url, {.target = "x"}).error().code, ErrorCode::kInvalidArgument);
  Headers evil{{"x", "a\r\nhost: evil"}, {"Host", "evil"}, {"Content-Length", "7"}, {"bad name", "x"}};
  auto outcome = call(url, {.headers = evil});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ("http://" + std::string(outcome->headers.get("x-host")), url);
}

TEST_F(ClientTest, CallsOverUnixSockets) {
  TemporaryDirectory directory;
  server_ = Server::create(*loops_, {}, echo).value();
  std::string address = server_->listen("unix:" + (directory.path() / "s").string()).value();
  for (int i = 0; i < 3; ++i) {
    auto outcome = call(address, {.method = "POST", .target = "/x", .body = "hi"});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->body, "POST /x hi");
    EXPECT_EQ(outcome->headers.get("x-peer"), "unix");
    EXPECT_EQ(outcome->headers.get("x-host"), "localhost");
  }
  EXPECT_EQ(server_->stats().connections_total, 1);
}

TEST_F(ClientTest, ServesManyCallsAtOnceOnAllLoops) {
  std::string url = serve(echo);
  std::vector<std::future<Result<Outcome>>> calls;
  std::vector<std::string> targets;
  for (int i = 0; i < 200; ++i) targets.push_back("/" + std::to_string(i));
  for (int i = 0; i < 200; ++i) {
    HttpCall call{.method = "POST", .target = targets[i]};
    auto task = fetch(*client_, Endpoint::parse(url).value(), std::move(call));
    calls.push_back(boost::asio::co_spawn(loops_->executor(i % 2), std::move(task), boost::asio::use_future));
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(calls[i].get()->body, "POST /" + std::to_string(i) + " ");
}

TEST_F(ClientTest, LeavesNothingBehindWhenTheLoopsEndWhileACallWaits) {
  std::promise<void> asked;
  ScriptedServer server([&asked](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    asked.set_value();
    peer.read_to_end();
  });
  auto task = fetch(*client_, Endpoint::parse(server.url()).value(), {});
  auto never = boost::asio::co_spawn(loops_->executor(0), std::move(task), boost::asio::use_future);
  asked.get_future().wait();
  loops_->stop();
  client_.reset();
  loops_.reset();
}

TEST_F(ClientTest, JoinsTheChunksOfOneReadIntoOnePiece) {
  ScriptedServer server([](RawPeer& peer, int) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
  });
  auto first_piece = [](HttpClient& client, Endpoint endpoint) -> Task<std::string> {
    auto answer = co_await client.send(endpoint, {});
    co_return std::string(*co_await (*answer)->read());
  };
  EXPECT_EQ(run_on(*loops_, first_piece(*client_, Endpoint::parse(server.url()).value())), "hello");
}

}  // namespace
}  // namespace penstock::http
