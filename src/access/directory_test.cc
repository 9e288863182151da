#include "access/directory.h"

#include "access/access_fixture.h"

namespace penstock::access {
namespace {

class DirectoryTest : public AccessFixture {
 protected:
  void configure(std::string name, std::string secret, Role role = Role::kClient) {
    Key key{.id = name, .name = name, .source = Source::kConfig, .role = role, .secret = Digest::of(secret)};
    config_.keys.push_back(std::move(key));
    directory_->configure(config_);
  }
  std::string reason(const Headers& headers) const {
    auto known = directory_->authenticate(headers);
    return known ? "admitted " + *known : known.error().reason;
  }

  AccessConfig config_;
};

TEST_F(DirectoryTest, WithoutKeysAndAccountsWhoeverReachesTheServerOwnsIt) {
  EXPECT_EQ(reason({}), "admitted ");
  EXPECT_EQ(directory_->snapshot()->find("")->role, Role::kOwner);
  EXPECT_EQ(reason({{"cookie", "penstock_session=x"}}), "admitted ");
}

TEST_F(DirectoryTest, AServerThatOthersReachLetsNobodyInUnknown) {
  Directory exposed(AccessConfig{}, *database_, clock_, Anonymous::kRefused);
  EXPECT_EQ(exposed.authenticate({}).error().reason, "missing_api_key");
  EXPECT_EQ(exposed.snapshot()->find(""), nullptr);
}

TEST_F(DirectoryTest, AConfiguredKeyOfAnyShapeIsReadFromEitherHeader) {
  configure("a", "key-of-a-1");
  configure("b", "key-of-b-1");
  EXPECT_EQ(reason({{"Authorization", "bEARER  key-of-b-1"}}), "admitted config:b");
  EXPECT_EQ(reason({{"x-api-key", "key-of-a-1"}}), "admitted config:a");
  EXPECT_EQ(directory_->snapshot()->find(""), nullptr);
}

TEST_F(DirectoryTest, AWrongKeyIsRefusedAndNeverRepeated) {
  configure("a", "key-of-a-1");
  for (const Headers& headers :
       {Headers{}, Headers{{"authorization", "Bearer "}}, Headers{{"authorization", "Basic key-of-a-1"}},
        Headers{{"authorization", "Bearer key-of-a-2"}}, Headers{{"x-api-key", std::string(4096, 'k')}},
        Headers{{"authorization", "Bearer ' OR '1'='1"}}, Headers{{"x-api-key", "config:a"}}}) {
    auto refused = directory_->authenticate(headers);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(refused.error().message.contains("key-of-a-2"));
  }
}

TEST_F(DirectoryTest, ACookieIsFoundAmongOthersByItsWholeName) {
  Headers headers{{"cookie", "a=1; penstock_session=abc; xpenstock_session=no"}};
  EXPECT_EQ(cookie_of(headers, "penstock_session"), "abc");
  EXPECT_EQ(cookie_of(headers, "session"), "");
  EXPECT_EQ(cookie_of({}, "a"), "");
}

TEST_F(DirectoryTest, ComparisonsOfDigestsAreExact) {
  Digest a = Digest::of("a");
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    Digest b = a;
    b.bytes[i] ^= std::byte{1};
    EXPECT_FALSE(equal_in_constant_time(a, b));
  }
  EXPECT_TRUE(equal_in_constant_time(a, a));
}

}  // namespace
}  // namespace penstock::access
