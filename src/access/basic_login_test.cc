#include "access/basic_login.h"

#include <gmock/gmock.h>

#include "access/access_fixture.h"

namespace penstock::access {
namespace {

constexpr const char* kPassword = "correct horse battery";

class BasicLoginTest : public AccessFixture {
 protected:
  void SetUp() override {
    AccessFixture::SetUp();
    accounts_ = std::make_unique<Accounts>(*directory_, *database_, *audit_, pool_, clock_, random_);
    login_ = std::make_unique<BasicLogin>(*directory_, *accounts_, clock_, random_);
    NewUser user{
        .email = "ada@example.com", .name = "ada", .role = Role::kOwner, .password = std::string(kPassword)};
    ada_ = run_task(accounts_->create_user(std::move(user), Role::kOwner, actor_)).value();
  }

  static Headers basic(const std::string& name, const std::string& password) {
    std::string plain = name + ":" + password;
    return {{"authorization", "Basic " + base64(std::as_bytes(std::span(plain)))}};
  }
  std::string ask(const Headers& headers) {
    Result<std::string> known = run_task(login_->authenticate(headers, "10.0.0.1:5"));
    return known ? *known : std::string(error_code_name(known.error().code));
  }

  BlockingPool pool_{{.name = "passwords"}};
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<BasicLogin> login_;
  User ada_;
};

TEST_F(BasicLoginTest, KnowsUsersByAddressAndByName) {
  EXPECT_EQ(ask(basic("ada@example.com", kPassword)), "user:" + ada_.id);
  EXPECT_EQ(ask(basic("ADA@example.com", kPassword)), "user:" + ada_.id);
  EXPECT_EQ(ask(basic("ada", kPassword)), "user:" + ada_.id);
  EXPECT_EQ(ask(basic("ada", "wrong horse battery")), "unauthenticated");
  EXPECT_EQ(ask(basic("bob", kPassword)), "unauthenticated");
  EXPECT_EQ(audited()[0].event.action, "login.failed");
}

TEST_F(BasicLoginTest, TakesATokenAsThePasswordOfAnyName) {
  IssuedToken token = run_task(accounts_->create_token(ada_.id, "laptop", {}, actor_)).value();
  EXPECT_EQ(ask(basic("whoever", token.secret)), "token:" + token.token.id);
  EXPECT_EQ(ask(basic("", token.secret)), "token:" + token.token.id);
}

TEST_F(BasicLoginTest, RefusesWhatIsNoCredential) {
  EXPECT_FALSE(BasicLogin::is_tried({{"authorization", "Bearer x"}}));
  EXPECT_FALSE(BasicLogin::is_tried({{"authorization", "Basic "}}));
  EXPECT_TRUE(BasicLogin::is_tried({{"Authorization", "basic eA=="}}));
  for (std::string text : {"Basic !!!", "Basic YQ==", "Basic a-_b", "Basic YTpi="}) {
    EXPECT_EQ(ask({{"authorization", text}}), "unauthenticated") << text;
  }
  EXPECT_EQ(ask({{"authorization", "Basic " + std::string(4'000, 'A')}}), "unauthenticated");
}

TEST_F(BasicLoginTest, RemembersARightPasswordUntilSomethingChanges) {
  ASSERT_EQ(ask(basic("ada", kPassword)), "user:" + ada_.id);
  int64_t before = clock_.monotonic_us();
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(ask(basic("ada", kPassword)), "user:" + ada_.id);
  EXPECT_EQ(clock_.monotonic_us(), before);
  UserChange change{.password = std::string("another pass phrase")};
  ASSERT_TRUE(run_task(accounts_->update_user(ada_.id, std::move(change), Role::kOwner, actor_)));
  EXPECT_EQ(ask(basic("ada", kPassword)), "unauthenticated");
  EXPECT_EQ(ask(basic("ada", "another pass phrase")), "user:" + ada_.id);
}

TEST_F(BasicLoginTest, SlowsGuessingDown) {
  for (int i = 0; i < LoginThrottle::kFreeFailuresOfAccount; ++i) ask(basic("ada", "no"));
  EXPECT_EQ(ask(basic("ada", kPassword)), "rate_limited");
  clock_.advance_us(1'000'000);
  EXPECT_EQ(ask(basic("ada", kPassword)), "user:" + ada_.id);
}

}  // namespace
}  // namespace penstock::access
