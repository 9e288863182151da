#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "core/temporary_directory.h"
#include "core/wakeup.h"
#include "http/server.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr int64_t kForeverMs = 60'000;

// A handler that works until it is told to answer, or its client has gone.
class Worker {
 public:
  Handler handler() {
    return [this](Request& /*request*/, ResponseStream& out) { return work(out); };
  }
  void wait_until_begun() { begun_.get_future().wait(); }
  void answer() { wakeup_.notify(); }
  Wakeup::Reason outcome() { return ended_.get_future().get(); }

 private:
  Task<> work(ResponseStream& out) {
    begun_.set_value();
    auto reason = co_await wakeup_.wait(kForeverMs, out.disconnected());
    if (reason == Wakeup::Reason::kNotified) co_await out.send(Response::text(200, "done"));
    ended_.set_value(reason);
  }

  Wakeup wakeup_;
  std::promise<void> begun_;
  std::promise<Wakeup::Reason> ended_;
};

class DisconnectTest : public testing::Test {
 protected:
  void start(std::string_view listen = "127.0.0.1:0", int64_t grace_ms = kForeverMs) {
    ServerOptions options;
    options.timeouts.half_close_grace_ms = grace_ms;
    server_ = Server::create(*loops_, options, worker_.handler()).value();
    address_ = server_->listen(listen).value();
  }
  RawPeer begin() {
    RawPeer client = RawPeer::to(address_);
    client.send(kGet);
    worker_.wait_until_begun();
    return client;
  }

  TemporaryDirectory directory_;
  std::string socket_ = "unix:" + (directory_.path() / "s").string();
  std::unique_ptr<EventLoops> loops_ = test_loops();
  Worker worker_;
  std::string address_;
  std::unique_ptr<Server> server_;
};

TEST_F(DisconnectTest, AResetCancelsTheHandlerAtOnce) {
  start();
  begin().reset();
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
}

TEST_F(DisconnectTest, AHalfClosedClientStillGetsItsAnswer) {
  start();
  RawPeer client = begin();
  client.half_close();
  worker_.answer();
  EXPECT_EQ(body_of(client.read_to_end()), "done");
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kNotified);
}

TEST_F(DisconnectTest, AHalfClosedClientIsGivenUpWhenItsGraceIsOver) {
  start("127.0.0.1:0", 50);
  RawPeer client = begin();
  client.half_close();
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
}

TEST_F(DisconnectTest, AResetAfterAHalfCloseCancelsTheHandlerAtOnce) {
  start();
  RawPeer client = begin();
  client.half_close();
  client.reset();
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
}

TEST_F(DisconnectTest, AClosedUnixSocketIsCertain) {
  start(socket_);
  begin().close();
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
}

TEST_F(DisconnectTest, AHalfClosedUnixSocketIsNot) {
  start(socket_);
  RawPeer client = begin();
  client.half_close();
  worker_.answer();
  EXPECT_EQ(body_of(client.read_to_end()), "done");
}

TEST_F(DisconnectTest, BytesThatComeMeanwhileAreKept) {
  start();
  RawPeer client = begin();
  client.send("BAD\r\n\r\n");
  worker_.answer();
  EXPECT_EQ(body_of(client.read_answer()), "done");
  EXPECT_EQ(status_of(client.read_answer()), 400);
}

TEST(ReadAheadTest, KeepsTheBytesInOrderHoweverTheyArrive) {
  auto loops = test_loops();
  Wakeup wakeup;
  std::atomic<int> begun = 0;
  auto handler = [&](Request& request, ResponseStream& out) -> Task<> {
    ++begun;
    co_await wakeup.wait(kForeverMs, out.disconnected());
    co_await out.send(Response::text(200, request.path));
  };
  auto server = Server::create(*loops, {}, handler).value();
  RawPeer client = RawPeer::to(server->listen("127.0.0.1:0").value());
  constexpr int kRequests = 50;
  auto request = [](int i) { return "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; };
  // While a request is at work, the rest of the next one and the start of the one behind it arrive.
  std::string sent = request(0) + request(1).substr(0, 9);
  client.send(sent);
  for (int i = 0; i < kRequests; ++i) {
    while (begun <= i) std::this_thread::yield();
    client.send(request(i + 1).substr(9));
    client.send(request(i + 2).substr(0, 9));
    wakeup.notify();
    ASSERT_EQ(body_of(client.read_answer()), "/" + std::to_string(i));
  }
}

TEST_F(DisconnectTest, AResetBehindPipelinedBytesIsSeen) {
  start();
  RawPeer client = begin();
  client.send(kGet);
  client.reset();
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
}

TEST(StalledClientTest, IsCutAndReportedAsCancelled) {
  auto loops = test_loops();
  std::promise<ErrorCode> failure;
  auto flood = [&failure](Request& /*request*/, ResponseStream& out) -> Task<> {
    co_await out.start({});
    std::string megabyte(1 << 20, 'x');
    while (true) {
      auto written = co_await out.write(megabyte);
      if (written) continue;
      failure.set_value(written.error().code);
      EXPECT_TRUE(out.disconnected().cancelled());
      co_return;
    }
  };
  ServerOptions options;
  options.timeouts.write_ms = 50;
  auto server = Server::create(*loops, options, flood).value();
  RawPeer client = RawPeer::to(server->listen("127.0.0.1:0").value(), 4096);
  client.send(kGet);
  EXPECT_EQ(failure.get_future().get(), ErrorCode::kCancelled);
}

TEST_F(DisconnectTest, DrainLetsTheAnswerFinishAndClosesWhatIsIdle) {
  start();
  RawPeer idle = RawPeer::to(address_);
  RawPeer client = begin();
  auto drained = std::async(std::launch::async, [this] { server_->drain(kForeverMs); });
  EXPECT_EQ(idle.read_to_end(), "");
  worker_.answer();
  std::string answer = client.read_to_end();
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_EQ(body_of(answer), "done");
  drained.get();
  EXPECT_EQ(server_->stats().connections, 0);
  EXPECT_FALSE(RawPeer::to(address_).send("x") && false) << "nobody listens any more";
}

TEST_F(DisconnectTest, DrainCutsWhatDoesNotFinishInTime) {
  start();
  RawPeer client = begin();
  server_->drain(10);
  EXPECT_EQ(worker_.outcome(), Wakeup::Reason::kCancelled);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(DisconnectTest, ADestroyedServerTakesItsUnixSocketAlong) {
  start(socket_);
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / "s"));
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "s"));
}

}  // namespace
}  // namespace penstock::http
