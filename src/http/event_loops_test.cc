#include "http/event_loops.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>

#include "http/loop.h"

namespace penstock::http {
namespace {

std::optional<size_t> index_on(EventLoops& loops, size_t index) {
  std::promise<std::optional<size_t>> seen;
  boost::asio::post(loops.executor(index), [&seen] { seen.set_value(EventLoops::current()); });
  return seen.get_future().get();
}

TEST(EventLoopsTest, RunEachOnItsOwnThread) {
  auto loops = EventLoops::create(3).value();
  EXPECT_EQ(loops->size(), 3u);
  EXPECT_EQ(EventLoops::current(), std::nullopt);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(index_on(*loops, i), i);
}

TEST(EventLoopsTest, GoOnAfterACallbackThatThrows) {
  auto loops = EventLoops::create(1).value();
  boost::asio::post(loops->executor(0), [] { throw std::runtime_error("bug"); });
  EXPECT_EQ(index_on(*loops, 0), 0u);
}

TEST(EventLoopsTest, AreAtLeastOne) {
  EXPECT_EQ(EventLoops::create(0).error().code, ErrorCode::kInvalidArgument);
}

TEST(HttpDateTest, IsInTheFormOfTheStandard) {
  HttpDate date;
  EXPECT_EQ(date.text(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.text(784'111'778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace penstock::http
