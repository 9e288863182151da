#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/temporary_directory.h"
#include "http/server.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::StartsWith;

Task<> ok(Request& /*request*/, ResponseStream& out) { co_await out.send(Response::text(200, "ok")); }

class ListenTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    server_ = Server::create(*loops_, std::move(options), ok).value();
  }
  int ask(std::string_view address, std::string_view head) {
    RawPeer client = RawPeer::to(address);
    client.send(std::string(head) + "\r\n\r\n");
    return status_of(client.read_answer());
  }

  TemporaryDirectory directory_;
  std::filesystem::path socket_ = directory_.path() / "s";
  std::string unix_ = "unix:" + socket_.string();
  std::unique_ptr<EventLoops> loops_ = test_loops(2);
  std::unique_ptr<Server> server_;
};

TEST_F(ListenTest, ReturnsTheAddressWithItsRealPort) {
  start();
  EXPECT_THAT(server_->listen("127.0.0.1:0").value(), StartsWith("127.0.0.1:"));
  EXPECT_THAT(server_->listen("localhost:0").value(), StartsWith("127.0.0.1:"));
  EXPECT_EQ(server_->listen(unix_).value(), unix_);
  auto ipv6 = server_->listen("[::1]:0");
  if (ipv6) EXPECT_THAT(*ipv6, StartsWith("[::1]:"));
}

TEST_F(ListenTest, RefusesWhatIsNoAddress) {
  start();
  for (std::string_view bad : {"", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                               "::1:80", "nowhere.invalid:80", "unix:", "203.0.113.1:80"}) {
    auto refused = server_->listen(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << bad << ": " << refused.error().message;
    EXPECT_EQ(refused.error().field, "listen");
  }
  EXPECT_FALSE(server_->listen("unix:/" + std::string(200, 'x')));
}

TEST_F(ListenTest, SaysWhenAnAddressIsTaken) {
  start();
  std::string address = server_->listen("127.0.0.1:0").value();
  EXPECT_EQ(server_->listen(address).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(server_->listen(unix_));
  EXPECT_EQ(server_->listen(unix_).error().code, ErrorCode::kConflict);
  EXPECT_EQ(ask(unix_, "GET / HTTP/1.1\r\nHost: localhost"), 200) << "the first goes on";
}

TEST_F(ListenTest, KeepsOthersFromAUnixSocket) {
  start();
  ASSERT_TRUE(server_->listen(unix_));
  struct stat file{};
  ASSERT_EQ(::stat(socket_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(ListenTest, ReplacesTheSocketOfADeadProcessButNoOtherFile) {
  {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(name.sun_path, socket_.c_str(), socket_.string().size());
    Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  }
  start();
  EXPECT_TRUE(server_->listen(unix_));
  std::filesystem::path file = directory_.path() / "file";
  std::ofstream(file) << "precious";
  EXPECT_FALSE(server_->listen("unix:" + file.string()));
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(ListenTest, AnswersForItsOwnNamesOnly) {
  ServerOptions options;
  options.allowed_hosts = {"llm.example.com"};
  start(options);
  std::string address = server_->listen("127.0.0.1:0").value();
  for (std::string host :
       {"localhost", "LOCALHOST:1", "127.0.0.1", "[::1]", "llm.example.com", "LLM.example.com:443"}) {
    EXPECT_EQ(ask(address, "GET / HTTP/1.1\r\nHost: " + host), 200) << host;
  }
  for (std::string host :
       {"evil.example.com", "localhost.evil.com", "example.com", "127.0.0.2", "xn--localhost"}) {
    EXPECT_EQ(ask(address, "GET / HTTP/1.1\r\nHost: " + host), 403) << host;
  }
}

TEST_F(ListenTest, TakesChangesFromPagesOfItsOwnOriginOnly) {
  start();
  std::string address = server_->listen("127.0.0.1:0").value();
  auto from = [&](std::string method, std::string origin) {
    return ask(address,
               method + " / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 0\r\nOrigin: " + origin);
  };
  EXPECT_EQ(from("POST", "http://localhost:8080"), 200);
  EXPECT_EQ(from("POST", "https://localhost:8080"), 200) << "a proxy may have ended TLS";
  for (std::string other : {"http://evil.com", "http://localhost:8081", "http://localhost", "null", "",
                            "file://", "http://localhost:8080.evil.com", "http://localhost:8080/x"}) {
    EXPECT_EQ(from("POST", other), 403) << other;
    EXPECT_EQ(from("DELETE", other), 403) << other;
    EXPECT_EQ(from("GET", other), 200) << other;
  }
  EXPECT_EQ(
      ask(address, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nOrigin: http://localhost:80"),
      200);
}

TEST_F(ListenTest, ChecksNoHostWhereNoneIsWanted) {
  ServerOptions options;
  options.check_host = false;
  start(options);
  std::string address = server_->listen(unix_).value();
  EXPECT_EQ(ask(address, "POST / HTTP/1.1\r\nHost: any\r\nContent-Length: 0\r\nOrigin: http://evil.com"),
            200);
}

TEST_F(ListenTest, RefusesConnectionsOverTheLimit) {
  ServerOptions options;
  options.limits.connections_max = 2;
  start(options);
  std::string address = server_->listen("127.0.0.1:0").value();
  RawPeer first = RawPeer::to(address);
  RawPeer second = RawPeer::to(address);
  for (RawPeer* peer : {&first, &second}) {
    peer->send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(status_of(peer->read_answer()), 200);
  }
  EXPECT_EQ(status_of(RawPeer::to(address).read_to_end()), 503);
  EXPECT_EQ(server_->stats().connections_refused, 1);
  EXPECT_EQ(server_->stats().connections, 2);
}

TEST_F(ListenTest, HandsConnectionsToTheLoopWithTheFewest) {
  std::array<std::atomic<int>, 2> by_loop{};
  auto count = [&by_loop](Request& /*request*/, ResponseStream& out) -> Task<> {
    ++by_loop.at(EventLoops::current().value());
    co_await out.send(Response::text(200, ""));
  };
  server_ = Server::create(*loops_, {}, count).value();
  std::string address = server_->listen("127.0.0.1:0").value();
  std::vector<RawPeer> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(RawPeer::to(address));
    peers.back().send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(status_of(peers.back().read_answer()), 200);
  }
  EXPECT_EQ(by_loop[0], 5);
  EXPECT_EQ(by_loop[1], 5);
}

TEST_F(ListenTest, HoldsAThousandIdleConnectionsAndStillAnswers) {
  start();
  std::string address = server_->listen("127.0.0.1:0").value();
  std::vector<RawPeer> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back(RawPeer::to(address));
  EXPECT_EQ(ask(address, "GET / HTTP/1.1\r\nHost: localhost"), 200);
  for (RawPeer& peer : idle) {
    peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_EQ(status_of(peer.read_answer()), 200);
  }
  EXPECT_GE(server_->stats().connections, 1000);
}

TEST_F(ListenTest, RefusesLimitsThatCannotWork) {
  ServerOptions options;
  options.limits.connections_max = 0;
  EXPECT_EQ(Server::create(*loops_, options, ok).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace penstock::http
