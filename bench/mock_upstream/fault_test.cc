#include "bench/mock_upstream/fault.h"

#include <gtest/gtest.h>

namespace penstock::bench {
namespace {

TEST(Fault, IsNoneForAnOrdinaryModel) {
  EXPECT_EQ(Fault::of("gpt-x").kind, FaultKind::kNone);
  EXPECT_EQ(Fault::of("fault-unheard-of").kind, FaultKind::kNone);
  EXPECT_EQ(Fault::of("fault-999").kind, FaultKind::kNone);
}

TEST(Fault, TakesItsNumberFromTheName) {
  EXPECT_EQ(Fault::of("fault-cut-40").kind, FaultKind::kCut);
  EXPECT_EQ(Fault::of("fault-cut-40").number, 40);
  EXPECT_EQ(Fault::of("fault-cut").number, 5);
  EXPECT_EQ(Fault::of("fault-slow-headers-20").number, 20);
}

TEST(Fault, IsBilledWhereAnythingWasAnswered) {
  for (std::string_view name : {"gpt-x", "fault-cut", "fault-reset-3", "fault-stall", "fault-no-usage"}) {
    EXPECT_TRUE(Fault::of(name).is_billed()) << name;
  }
  for (std::string_view name : {"fault-429", "fault-reset", "fault-silent", "fault-quota", "fault-html"}) {
    EXPECT_FALSE(Fault::of(name).is_billed()) << name;
  }
}

TEST(Fault, OfAStatusMayEndAfterSoManyCalls) {
  const Fault fault = Fault::of("fault-429-3");
  EXPECT_EQ(fault.kind, FaultKind::kStatus);
  EXPECT_EQ(fault.status, 429);
  EXPECT_EQ(fault.number, 3);
  EXPECT_EQ(Fault::of("fault-503").number, 0);
  EXPECT_EQ(Fault::of("fault-200-error").kind, FaultKind::kErrorIn200);
}

}  // namespace
}  // namespace penstock::bench
