#include "core/mailbox.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <thread>

namespace penstock {
namespace {

Task<> collect(Mailbox<int>& mailbox, std::vector<int>& out) {
  while (true) {
    std::vector<int> values = co_await mailbox.take();
    if (values.empty()) co_return;
    out.insert(out.end(), values.begin(), values.end());
  }
}

void run(boost::asio::io_context& context, Task<> task) {
  boost::asio::co_spawn(context, std::move(task), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
}

TEST(Mailbox, GivesWhatWasPushedInOrderThenTheEnd) {
  Mailbox<int> mailbox(8);
  EXPECT_TRUE(mailbox.push(1));
  EXPECT_TRUE(mailbox.push(2));
  mailbox.close();
  EXPECT_FALSE(mailbox.push(3));
  std::vector<int> out;
  boost::asio::io_context context(1);
  run(context, collect(mailbox, out));
  EXPECT_EQ(out, (std::vector<int>{1, 2}));
}

TEST(Mailbox, RefusesMoreThanItHolds) {
  Mailbox<int> mailbox(2);
  EXPECT_TRUE(mailbox.push(1));
  EXPECT_TRUE(mailbox.push(2));
  EXPECT_FALSE(mailbox.push(3));
}

TEST(Mailbox, WakesAWaitingTakerFromAnotherThread) {
  constexpr int kCount = 2'000;
  Mailbox<int> mailbox(kCount);
  std::thread producer([&] {
    for (int i = 0; i < kCount; ++i) mailbox.push(i);
    mailbox.close();
  });
  std::vector<int> out;
  boost::asio::io_context context(1);
  run(context, collect(mailbox, out));
  producer.join();
  ASSERT_EQ(out.size(), size_t{kCount});
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(out[i], i);
}

TEST(Mailbox, KeepsTheLoopAliveWhileATakerWaits) {
  Mailbox<int> mailbox(1);
  std::vector<int> out;
  boost::asio::io_context context(1);
  std::thread producer;
  boost::asio::post(context, [&] {
    producer = std::thread([&] {
      mailbox.push(7);
      mailbox.close();
    });
  });
  run(context, collect(mailbox, out));
  producer.join();
  EXPECT_EQ(out, std::vector<int>{7});
}

}  // namespace
}  // namespace penstock
