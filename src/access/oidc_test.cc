#include "access/oidc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "access/id_token_samples.h"
#include "core/run_task.h"

namespace penstock::access {
namespace {

using testing::HasSubstr;

// Answers by endpoint and target, and keeps what was asked.
class FakeProvider : public HttpClient {
 public:
  class Answer : public HttpAnswer {
   public:
    explicit Answer(std::string body) : body_(std::move(body)) { head_.status = body_.empty() ? 404 : 200; }
    const ResponseHead& head() const override { return head_; }
    Task<Result<std::string_view>> read() override {
      co_return std::exchange(told_, true) ? std::string_view() : std::string_view(body_);
    }

   private:
    ResponseHead head_;
    std::string body_;
    bool told_ = false;
  };

  Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint& endpoint, HttpCall call) override {
    EXPECT_TRUE(call.target.starts_with('/')) << call.target;
    EXPECT_EQ(endpoint.prefix, "");
    asked.push_back(std::string(call.method) + " " + endpoint.text() + std::string(call.target) + " " +
                    std::string(call.body) + " " + std::string(call.headers.get("authorization")));
    auto found = answers.find(std::string(call.target));
    co_return std::make_unique<Answer>(found == answers.end() ? "" : found->second);
  }

  std::map<std::string, std::string> answers = {
      {"/.well-known/openid-configuration",
       R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth?tenant=1",
           "token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys"})"},
      {"/keys", std::string(kKeySet)},
      {"/token", R"({"access_token":"a","id_token":")" + std::string(kRs256Token) + R"("})"}};
  std::vector<std::string> asked;
};

class OidcTest : public testing::Test {
 protected:
  Oidc make(std::string issuer = "https://id.example") {
    OidcConfig config{.name = "Test",
                      .issuer = std::move(issuer),
                      .client_id = "penstock",
                      .client_secret = "s:e/cret",
                      .redirect_url = "https://penstock.example/api/v1/login/oidc/callback",
                      .default_role = Role::kViewer};
    return Oidc(std::move(config), client_, clock_, random_);
  }
  static Result<Identity> finish(Oidc& oidc, std::string state, std::string cookie, std::string issuer = "") {
    return run_task(oidc.finish(std::move(state), "the-code", std::move(issuer), std::move(cookie)));
  }

  FakeProvider client_;
  ManualClock clock_;
  SeededRandom random_{7};
  const std::string state_ = std::string(32, 's');
  const std::string cookie_ = state_ + ".n-0S6." + std::string(64, 'v');
};

TEST_F(OidcTest, TheBrowserIsLedToTheProviderWithPkceStateAndNonce) {
  Oidc oidc = make();
  OidcStart start = run_task(oidc.start()).value();
  EXPECT_TRUE(start.location.starts_with("https://id.example/auth?tenant=1&response_type=code&"))
      << start.location;
  for (const char* part :
       {"client_id=penstock", "scope=openid%20email%20profile", "code_challenge_method=S256",
        "redirect_uri=https%3A%2F%2Fpenstock.example%2Fapi%2Fv1%2Flogin%2Foidc%2Fcallback"}) {
    EXPECT_THAT(start.location, HasSubstr(part));
  }
  std::string verifier = start.cookie.substr(start.cookie.rfind('.') + 1);
  EXPECT_FALSE(start.location.contains(verifier)) << "only its digest goes through the browser's address";
  EXPECT_NE(run_task(oidc.start()).value().cookie, start.cookie);
}

TEST_F(OidcTest, TheCodeIsExchangedWithSecretAndVerifier) {
  Oidc oidc = make();
  Identity identity = finish(oidc, state_, cookie_).value();
  EXPECT_EQ(identity.subject, "https://id.example 248289761001");
  EXPECT_EQ(identity.role, Role::kViewer);
  EXPECT_EQ(identity.email, "") << "the provider has not verified any";
  ASSERT_EQ(client_.asked.size(), 3U);
  EXPECT_THAT(client_.asked[1], HasSubstr("code=the-code"));
  EXPECT_THAT(client_.asked[1], HasSubstr("code_verifier=" + std::string(64, 'v')));
  EXPECT_THAT(client_.asked[1], HasSubstr("Basic cGVuc3RvY2s6cyUzQWUlMkZjcmV0"));
  EXPECT_TRUE(finish(oidc, state_, cookie_));
  EXPECT_EQ(client_.asked.size(), 4U) << "description and keys are remembered";
}

TEST_F(OidcTest, WhatBelongsToNoLoginOfThisBrowserIsRefusedBeforeAnythingIsAsked) {
  Oidc oidc = make();
  for (const auto& [state, cookie] : std::vector<std::pair<std::string, std::string>>{
           {state_, ""}, {std::string(32, 'x'), cookie_}, {"", ".n."}, {state_, state_}, {"", ""}}) {
    EXPECT_EQ(finish(oidc, state, cookie).error().reason, "invalid_state");
  }
  EXPECT_EQ(finish(oidc, state_, cookie_, "https://evil.example").error().reason, "invalid_state");
  EXPECT_TRUE(client_.asked.empty());
}

TEST_F(OidcTest, AnotherNonceThanThisLoginsIsRefused) {
  Oidc oidc = make();
  EXPECT_EQ(finish(oidc, state_, state_ + ".other." + std::string(64, 'v')).error().reason,
            "invalid_id_token");
}

TEST_F(OidcTest, AProviderThatCallsItselfOtherwiseOrSpeaksInTheClearIsNotBelieved) {
  Oidc other = make("https://id.example/other");
  EXPECT_EQ(run_task(other.start()).error().code, ErrorCode::kUpstream);
  Oidc plain = make("http://id.example");
  EXPECT_THAT(run_task(plain.start()).error().message, HasSubstr("https"));
  client_.answers["/.well-known/openid-configuration"] =
      R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth",
          "token_endpoint":"http://id.example/token","jwks_uri":"https://id.example/keys"})";
  Oidc downgraded = make();
  EXPECT_THAT(run_task(downgraded.start()).error().message, HasSubstr("token_endpoint"));
}

TEST_F(OidcTest, AnUnknownKeyIsLookedUpAnewButNotAtOnce) {
  client_.answers["/keys"] = R"({"keys":[]})";
  Oidc oidc = make();
  EXPECT_FALSE(finish(oidc, state_, cookie_));
  client_.answers["/keys"] = std::string(kKeySet);
  EXPECT_FALSE(finish(oidc, state_, cookie_)) << "whoever invents key ids makes nobody fetch";
  clock_.advance_us(Oidc::kKeysPauseMs * 1000);
  EXPECT_TRUE(finish(oidc, state_, cookie_));
}

TEST_F(OidcTest, AProviderThatIsAwayIsAnUpstreamsFailure) {
  client_.answers.clear();
  Oidc oidc = make();
  EXPECT_EQ(run_task(oidc.start()).error().code, ErrorCode::kUpstream);
}

}  // namespace
}  // namespace penstock::access
