#include "access/accounts.h"

#include <gmock/gmock.h>

#include "access/access_fixture.h"
#include "access/passwords.h"

namespace penstock::access {
namespace {

using testing::HasSubstr;

constexpr const char* kPassword = "correct horse battery";

class AccountsTest : public AccessFixture {
 protected:
  void SetUp() override {
    AccessFixture::SetUp();
    accounts_ = std::make_unique<Accounts>(*directory_, *database_, *audit_, pool_, clock_, random_);
  }

  Result<User> make(std::string email, Role role, Role by = Role::kOwner, std::string password = kPassword) {
    NewUser user{.email = std::move(email), .role = role, .password = std::move(password)};
    return run_task(accounts_->create_user(std::move(user), by, actor_));
  }
  Result<IssuedSession> login(std::string email, std::string password, std::string peer = "10.0.0.1:5") {
    return run_task(accounts_->login(std::move(email), std::move(password), std::move(peer), {}));
  }
  std::string cookie(const std::string& secret) const {
    auto known = directory_->authenticate({{"cookie", "penstock_session=" + secret}});
    return known ? *known : known.error().reason;
  }

  BlockingPool pool_{{.name = "passwords"}};
  std::unique_ptr<Accounts> accounts_;
};

TEST_F(AccountsTest, TheFirstAccountIsAnOwnerAndClosesTheServer) {
  EXPECT_THAT(make("ada@example.com", Role::kViewer).error().message, HasSubstr("--role owner"));
  EXPECT_TRUE(directory_->authenticate({}));
  ASSERT_TRUE(make("Ada@Example.com", Role::kOwner));
  EXPECT_EQ(directory_->authenticate({}).error().reason, "missing_api_key");
  EXPECT_EQ(make("ada@example.com", Role::kViewer).error().field, "email") << "addresses count without case";
}

TEST_F(AccountsTest, LoginOpensASessionThatEndsByItselfOrByLogout) {
  User ada = make("ada@example.com", Role::kOwner).value();
  IssuedSession first = login("ADA@example.com", kPassword).value();
  EXPECT_EQ(cookie(first.secret), "user:" + ada.id);
  ASSERT_TRUE(run_task(accounts_->end_session(first.session.id, actor_)));
  EXPECT_EQ(cookie(first.secret), "session_ended");
  IssuedSession second = login("ada@example.com", kPassword).value();
  clock_.advance_us(Accounts::kSessionMs * 1000);
  EXPECT_EQ(cookie(second.secret), "session_ended");
}

TEST_F(AccountsTest, AWrongLoginSaysNotWhatWasWrong) {
  make("ada@example.com", Role::kOwner).value();
  Error password = login("ada@example.com", "wrong horse battery").error();
  Error address = login("bob@example.com", kPassword).error();
  EXPECT_EQ(password.message, address.message);
  EXPECT_EQ(password.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(audited()[0].event.action, "login.failed");
  EXPECT_EQ(audited()[0].event.actor.name, "bob@example.com");
}

TEST_F(AccountsTest, GuessingIsSlowedDownAndThenForgiven) {
  make("ada@example.com", Role::kOwner).value();
  for (int i = 0; i < LoginThrottle::kFreeFailuresOfAccount; ++i)
    login("ada@example.com", "no", "10.0.0.9:1");
  Error waiting = login("ada@example.com", kPassword, "10.0.0.8:1").error();
  EXPECT_EQ(waiting.code, ErrorCode::kRateLimited) << "also from elsewhere, also with the right password";
  EXPECT_EQ(waiting.retry_after_ms, 1000);
  clock_.advance_us(1'000'000);
  EXPECT_TRUE(login("ada@example.com", kPassword));
  EXPECT_TRUE(login("ada@example.com", kPassword)) << "a success starts anew";
}

TEST_F(AccountsTest, ADisabledAccountHasNoWayIn) {
  make("ada@example.com", Role::kOwner).value();
  User bob = make("bob@example.com", Role::kDeveloper).value();
  IssuedSession session = login("bob@example.com", kPassword).value();
  IssuedToken token = run_task(accounts_->create_token(bob.id, "ci", std::nullopt, actor_)).value();
  EXPECT_EQ(bearer(token.secret), "token:" + token.token.id);
  EXPECT_EQ(directory_->snapshot()->find("token:" + token.token.id)->role, Role::kDeveloper);
  ASSERT_TRUE(run_task(accounts_->update_user(bob.id, {.disabled = true}, Role::kAdmin, actor_)));
  EXPECT_EQ(cookie(session.secret), "session_ended");
  EXPECT_EQ(bearer(token.secret), "user_disabled");
  EXPECT_FALSE(login("bob@example.com", kPassword));
}

TEST_F(AccountsTest, ANewPasswordEndsTheSessions) {
  User ada = make("ada@example.com", Role::kOwner).value();
  IssuedSession session = login("ada@example.com", kPassword).value();
  Actor self{.id = "user:" + ada.id, .name = "ada@example.com"};
  Error wrong =
      run_task(accounts_->change_own_password(ada.id, "not the old one", "a new pass phrase", self)).error();
  EXPECT_EQ(wrong.field, "old_password");
  ASSERT_TRUE(run_task(accounts_->change_own_password(ada.id, kPassword, "a new pass phrase", self)));
  EXPECT_EQ(cookie(session.secret), "session_ended");
  EXPECT_FALSE(login("ada@example.com", kPassword));
  EXPECT_TRUE(login("ada@example.com", "a new pass phrase"));
}

TEST_F(AccountsTest, OnlyOwnersTouchOwnersAndTheLastOneStays) {
  User ada = make("ada@example.com", Role::kOwner).value();
  EXPECT_EQ(make("eve@example.com", Role::kOwner, Role::kAdmin).error().reason, "owners_only");
  User bob = make("bob@example.com", Role::kAdmin, Role::kAdmin).value();
  auto promote = run_task(accounts_->set_role(bob.id, "default", Role::kOwner, Role::kAdmin, actor_));
  EXPECT_EQ(promote.error().reason, "owners_only");
  auto demote = run_task(accounts_->set_role(ada.id, "default", Role::kViewer, Role::kAdmin, actor_));
  EXPECT_EQ(demote.error().reason, "owners_only");
  EXPECT_EQ(run_task(accounts_->update_user(ada.id, {.password = "stolen by an admin"}, Role::kAdmin, actor_))
                .error()
                .reason,
            "owners_only");
  for (auto last :
       {run_task(accounts_->set_role(ada.id, "default", Role::kViewer, Role::kOwner, actor_)).error(),
        run_task(accounts_->update_user(ada.id, {.disabled = true}, Role::kOwner, actor_)).error(),
        run_task(accounts_->delete_user(ada.id, Role::kOwner, actor_)).error()}) {
    EXPECT_EQ(last.code, ErrorCode::kConflict) << last.message;
  }
  ASSERT_TRUE(run_task(accounts_->set_role(bob.id, "default", Role::kOwner, Role::kOwner, actor_)));
  ASSERT_TRUE(run_task(accounts_->delete_user(ada.id, Role::kOwner, actor_)));
  EXPECT_EQ(run_task(accounts_->delete_user(bob.id, Role::kOwner, actor_)).error().code, ErrorCode::kConflict)
      << "the last account";
}

TEST_F(AccountsTest, RolesArePerProject) {
  make("ada@example.com", Role::kOwner).value();
  User bob = make("bob@example.com", Role::kViewer).value();
  ASSERT_TRUE(run_task(accounts_->create_project({.name = "search"}, actor_)));
  User changed = run_task(accounts_->set_role(bob.id, "search", Role::kAdmin, Role::kOwner, actor_)).value();
  EXPECT_EQ(role_in(changed, "search"), Role::kAdmin);
  EXPECT_EQ(directory_->snapshot()->find("user:" + bob.id)->role, Role::kViewer);
  EXPECT_EQ(run_task(accounts_->set_role(bob.id, "none", Role::kViewer, Role::kOwner, actor_)).error().code,
            ErrorCode::kNotFound);
  ASSERT_TRUE(run_task(accounts_->delete_project("search", actor_)));
  EXPECT_EQ(role_in(*directory_->snapshot()->user(bob.id), "search"), Role::kNone);
  EXPECT_FALSE(run_task(accounts_->delete_project("default", actor_)));
}

TEST_F(AccountsTest, AnIdentityFindsItsAccountOrGetsOne) {
  make("ada@example.com", Role::kOwner).value();
  auto enter = [&](Identity identity) {
    return run_task(accounts_->login_by_identity(std::move(identity), {}));
  };
  EXPECT_EQ(enter({.subject = "i 1", .email = "x@example.com"}).error().reason, "no_role");
  EXPECT_EQ(enter({.subject = "i 1", .role = Role::kViewer}).error().reason, "no_role")
      << "no verified address";
  ASSERT_TRUE(enter({.subject = "i 1", .email = "bob@example.com", .name = "Bob", .role = Role::kDeveloper}));
  ASSERT_TRUE(enter({.subject = "i 1", .email = "bob@elsewhere.com", .role = Role::kAdmin}));
  auto now = directory_->snapshot();
  ASSERT_EQ(now->data().users.size(), 2U) << "the identity counts, not the address";
  auto bob = std::ranges::find(now->data().users, "i 1", &User::oidc_subject);
  EXPECT_EQ(role_in(*bob, kDefaultProject), Role::kAdmin) << "the groups decide";
  EXPECT_FALSE(enter({.subject = "i 2", .email = "bob@example.com", .role = Role::kOwner}))
      << "the address belongs to another identity";
  ASSERT_TRUE(enter({.subject = "i 3", .email = "ada@example.com", .role = Role::kViewer}));
  EXPECT_EQ(role_in(*std::ranges::find(directory_->snapshot()->data().users, "i 3", &User::oidc_subject),
                    kDefaultProject),
            Role::kOwner)
      << "the last owner stays one";
}

TEST_F(AccountsTest, ErrorsNameTheField) {
  EXPECT_EQ(make("no address", Role::kOwner).error().field, "email");
  EXPECT_EQ(make("a@b", Role::kOwner, Role::kOwner, "short").error().field, "password");
  EXPECT_EQ(make("a@b", Role::kOwner, Role::kOwner, "aaaaaaaaaaaaaaaa").error().field, "password");
  EXPECT_EQ(run_task(accounts_->create_token("u", "", std::nullopt, actor_)).error().field, "name");
  EXPECT_EQ(run_task(accounts_->create_project({.name = "Big Name"}, actor_)).error().field, "name");
}

TEST(Passwords, HashesAreSaltedAndVerify) {
  SeededRandom random(1);
  std::string first = hash_password(kPassword, random).value();
  std::string second = hash_password(kPassword, random).value();
  EXPECT_NE(first, second);
  EXPECT_TRUE(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(password_matches(kPassword, first));
  EXPECT_FALSE(password_matches("correct horse batterz", first));
  EXPECT_FALSE(password_matches(kPassword, nobodys_hash()));
  EXPECT_FALSE(password_matches(kPassword, "garbage"));
}

TEST(LoginThrottle, PausesGrowAndMemoryIsBounded) {
  ManualClock clock;
  LoginThrottle throttle(clock);
  for (int i = 0; i < LoginThrottle::kFreeFailuresOfAccount + 30; ++i)
    throttle.failed("ada", std::to_string(i));
  EXPECT_EQ(throttle.check("ada", "x").error().retry_after_ms, LoginThrottle::kPauseMaxMs);
  for (size_t i = 0; i < LoginThrottle::kEntriesMax; ++i) throttle.failed(std::to_string(i), "one:1");
  EXPECT_TRUE(throttle.check("ada", "x:1")) << "pushed out by newer ones";
  EXPECT_FALSE(throttle.check("new", "one:2")) << "the address that guesses waits, whatever its port";
  clock.advance_us(LoginThrottle::kForgetMs * 1000 + 1);
  EXPECT_TRUE(throttle.check("new", "one:2"));
}

}  // namespace
}  // namespace penstock::access
