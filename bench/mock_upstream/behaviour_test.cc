#include "bench/mock_upstream/behaviour.h"

#include <gtest/gtest.h>

namespace penstock::bench {
namespace {

TEST(Behaviour, OfAnOrdinaryModelIsToAnswer) {
  const Behaviour behaviour = Behaviour::of("gpt-x-mini");
  EXPECT_EQ(behaviour.fault.kind, FaultKind::kNone);
  EXPECT_FALSE(behaviour.tools);
}

TEST(Behaviour, HasTheTraitsBehindThePluses) {
  const Behaviour behaviour = Behaviour::of("gpt-x+cached+events-40+tools");
  EXPECT_TRUE(behaviour.cached && behaviour.tools);
  EXPECT_EQ(behaviour.events, 40);
}

TEST(Behaviour, JoinsAFaultWithTraits) {
  const Behaviour behaviour = Behaviour::of("fault-cut-3+first-2+as-vllm");
  EXPECT_EQ(behaviour.fault.kind, FaultKind::kCut);
  EXPECT_EQ(behaviour.fault.number, 3);
  EXPECT_EQ(behaviour.faulty_first, 2);
  EXPECT_EQ(behaviour.words, Words::kVllm);
}

TEST(Behaviour, OfAStatusWithANumberEndsAfterSoManyCalls) {
  const Behaviour behaviour = Behaviour::of("fault-429-3+retry-ms-20");
  EXPECT_EQ(behaviour.faulty_first, 3);
  EXPECT_EQ(behaviour.retry_after_ms, 20);
  EXPECT_EQ(behaviour.retry_after_s, 0);
}

TEST(Behaviour, IgnoresTraitsThatItDoesNotKnow) {
  const Behaviour behaviour = Behaviour::of("fault-500-2+some-test-7");
  EXPECT_EQ(behaviour.fault.status, 500);
  EXPECT_EQ(behaviour.faulty_first, 2);
}

}  // namespace
}  // namespace penstock::bench
