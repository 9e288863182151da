#include "http/deadlines.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

namespace penstock::http {
namespace {

// Each test runs its loop until nothing is queued any more; how long that takes is not looked at.
TEST(DeadlinesTest, FireOnceInTheOrderOfTheirTimes) {
  boost::asio::io_context io(1);
  DeadlineWheel wheel(io);
  std::vector<int> fired;
  Deadline late(wheel, [&] { fired.push_back(3); });
  Deadline early(wheel, [&] { fired.push_back(1); });
  Deadline middle(wheel, [&] { fired.push_back(2); });
  late.set_in_ms(120);
  early.set_in_ms(1);
  middle.set_in_ms(60);
  io.run();
  EXPECT_EQ(fired, (std::vector{1, 2, 3}));
  EXPECT_FALSE(early.is_set());
}

TEST(DeadlinesTest, MoveLaterAndEarlier) {
  boost::asio::io_context io(1);
  DeadlineWheel wheel(io);
  std::vector<int> fired;
  Deadline postponed(wheel, [&] { fired.push_back(2); });
  Deadline advanced(wheel, [&] { fired.push_back(1); });
  postponed.set_in_ms(1);
  postponed.set_in_ms(100);
  advanced.set_in_ms(60'000);
  advanced.set_in_ms(30);
  io.run();
  EXPECT_EQ(fired, (std::vector{1, 2}));
}

TEST(DeadlinesTest, DoNotFireOnceClearedOrDestroyed) {
  boost::asio::io_context io(1);
  DeadlineWheel wheel(io);
  int fired = 0;
  Deadline cleared(wheel, [&] { ++fired; });
  auto destroyed = std::make_unique<Deadline>(wheel, [&] { ++fired; });
  Deadline never(wheel, [&] { ++fired; });
  cleared.set_in_ms(10);
  destroyed->set_in_ms(10);
  never.set_in_ms(0);
  cleared.clear();
  destroyed.reset();
  io.run();
  EXPECT_EQ(fired, 0);
}

TEST(DeadlinesTest, MaySetOrDestroyOthersAndThemselvesWhenTheyFire) {
  boost::asio::io_context io(1);
  DeadlineWheel wheel(io);
  std::vector<std::unique_ptr<Deadline>> all;
  int fired = 0;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<Deadline>(wheel, [&] {
      if (++fired == 1) return all.resize(15);
      if (fired < 10) all.front()->set_in_ms(1);
    }));
    all.back()->set_in_ms(5);
  }
  io.run();
  EXPECT_GE(fired, 15);
}

TEST(DeadlinesTest, SurviveTheirWheel) {
  boost::asio::io_context io(1);
  auto wheel = std::make_unique<DeadlineWheel>(io);
  Deadline orphan(*wheel, [] {});
  orphan.set_in_ms(10);
  wheel.reset();
  io.run();
  EXPECT_TRUE(orphan.is_set());
}

}  // namespace
}  // namespace penstock::http
