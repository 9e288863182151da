#include "app/client_keys.h"

#include <gtest/gtest.h>

namespace penstock::app {
namespace {

TEST(ClientKeys, WithoutKeysEverybodyMayCall) { EXPECT_EQ(*ClientKeys({}).principal({}), ""); }

TEST(ClientKeys, AKeyIsReadFromEitherHeaderAndNamed) {
  ClientKeys keys({{"a", Digest::of("key-of-a-1")}, {"b", Digest::of("key-of-b-1")}});
  EXPECT_EQ(*keys.principal({{"Authorization", "bEARER key-of-b-1"}}), "b");
  EXPECT_EQ(*keys.principal({{"x-api-key", "key-of-a-1"}}), "a");
}

TEST(ClientKeys, AWrongKeyIsRefusedAndNeverRepeated) {
  ClientKeys keys({{"a", Digest::of("key-of-a-1")}});
  for (const Headers& headers :
       {Headers{}, Headers{{"authorization", "Bearer "}}, Headers{{"authorization", "Basic x"}},
        Headers{{"authorization", "Bearer key-of-a-2"}}}) {
    auto refused = keys.principal(headers);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(refused.error().message.contains("key-of-a-2"));
  }
}

}  // namespace
}  // namespace penstock::app
