#include "registry/webhooks.h"

#include <deque>

#include "core/hmac.h"
#include "core/text.h"
#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

// An answer with a status and no body.
class BareAnswer : public HttpAnswer {
 public:
  explicit BareAnswer(int status) { head_.status = status; }
  const ResponseHead& head() const override { return head_; }
  Task<Result<std::string_view>> read() override { co_return std::string_view(); }

 private:
  ResponseHead head_;
};

// Keeps what was sent; answers with the given outcomes in turn, then with 200. 0: no connection.
class RecordingClient : public HttpClient {
 public:
  struct Sent {
    std::string endpoint;
    std::string target;
    Headers headers;
    std::string body;
  };
  Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint& endpoint, HttpCall call) override {
    sent.push_back({endpoint.text(), std::string(call.target), call.headers, std::string(call.body)});
    int status = 200;
    if (!outcomes.empty()) {
      status = outcomes.front();
      outcomes.pop_front();
    }
    if (status == 0) co_return Failure(Error::unavailable("no connection"));
    if (status == 403) co_return Failure(Error{.code = ErrorCode::kPermissionDenied, .message = "private"});
    co_return std::make_unique<BareAnswer>(status);
  }
  std::vector<Sent> sent;
  std::deque<int> outcomes;
};

class WebhooksTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    webhooks_ = std::make_unique<Webhooks>(*database_, client_, WebhookRules{}, clock_);
  }
  static Webhook hook(const std::string& url = "https://example.com/in?x=1") {
    return {.name = "hook", .url = url, .secret = "s3cret", .events = {{"registered_model", "created"}}};
  }
  std::string refused(Webhook webhook) {
    auto made = run_task(webhooks_->create(std::move(webhook)));
    return made ? "" : made.error().message;
  }
  void tell() {
    ASSERT_TRUE(write<bool>([&](auto& c) {
                  return announce(c, {"registered_model", "created"}, R"({"name":"m"})", clock_.now());
                }).value());
  }
  int64_t round() { return run_task(webhooks_->send_due()).value(); }

  RecordingClient client_;
  std::unique_ptr<Webhooks> webhooks_;
};

TEST_P(WebhooksTest, AMessageIsSignedAndSentOnce) {
  ASSERT_TRUE(run_task(webhooks_->create(hook())));
  tell();
  EXPECT_EQ(round(), 1);
  EXPECT_EQ(round(), 0);
  ASSERT_EQ(client_.sent.size(), 1U);
  const auto& sent = client_.sent[0];
  EXPECT_EQ(sent.endpoint + sent.target, "https://example.com:443/in?x=1");
  EXPECT_TRUE(sent.body.ends_with(R"("data":{"name":"m"}})")) << sent.body;
  std::string time(sent.headers.get("x-mlflow-timestamp"));
  EXPECT_EQ(time, std::to_string(clock_.now().us / 1'000'000));
  std::string text = std::string(sent.headers.get("x-mlflow-delivery-id")) + "." + time + "." + sent.body;
  std::string_view secret = "s3cret";
  EXPECT_EQ(sent.headers.get("x-mlflow-signature"),
            "v1," + base64(hmac_sha256(std::as_bytes(std::span(secret)), text)));
}

TEST_P(WebhooksTest, ABusyReceiverIsAskedAgainEverLater) {
  ASSERT_TRUE(run_task(webhooks_->create(hook())));
  tell();
  client_.outcomes = {503, 0, 429};
  EXPECT_EQ(round(), 1);
  EXPECT_EQ(round(), 0) << "not before a second has passed";
  for (int64_t wait_s : {1, 2, 4}) {
    clock_.advance_us(wait_s * 1'000'000);
    EXPECT_EQ(round(), 1);
  }
  clock_.advance_us(100'000'000);
  EXPECT_EQ(round(), 0);
  EXPECT_EQ(client_.sent.size(), 4U);
  EXPECT_EQ(client_.sent[0].headers.get("x-mlflow-delivery-id"),
            client_.sent[3].headers.get("x-mlflow-delivery-id"));
}

TEST_P(WebhooksTest, RefusalsAreFinalAndSoIsTheFifthTry) {
  ASSERT_TRUE(run_task(webhooks_->create(hook())));
  for (int final_status : {404, 403}) {
    client_.outcomes = {final_status};
    tell();
    EXPECT_EQ(round(), 1);
    clock_.advance_us(100'000'000);
    EXPECT_EQ(round(), 0);
  }
  tell();
  client_.outcomes = {500, 500, 500, 500, 500, 500};
  int tries = 0;
  for (int i = 0; i < 10; ++i) {
    tries += static_cast<int>(round());
    clock_.advance_us(100'000'000);
  }
  EXPECT_EQ(tries, Webhooks::kTriesMax);
}

TEST_P(WebhooksTest, WhereAWebhookMayGo) {
  EXPECT_EQ(refused(hook("http://example.com/")),
            "Invalid webhook URL scheme: 'http'. Allowed schemes are: https.");
  EXPECT_EQ(refused(hook("https://")), "Webhook URL must include a hostname: 'https://'");
  for (const char* url :
       {"https://127.0.0.1/x", "https://169.254.169.254/", "https://[::1]/", "https://10.1.2.3:8443/",
        "https://localhost/", "https://0x7f000001/", "https://2130706433/"}) {
    EXPECT_TRUE(refused(hook(url)).contains("non-public IP address")) << url;
  }
  EXPECT_EQ(refused(hook("https://8.8.8.8/")), "");
  Webhooks open(*database_, client_, {.allow_private = true, .allow_http = true}, clock_);
  EXPECT_TRUE(run_task(open.create(hook("http://127.0.0.1:9/"))));
}

TEST_P(WebhooksTest, NamesAndEventsAreChecked) {
  Webhook bad_name = hook();
  bad_name.name = "w 1";
  EXPECT_TRUE(refused(bad_name).starts_with("Webhook name 'w 1' is invalid."));
  Webhook bad_event = hook();
  bad_event.events = {{"registered_model", "deleted"}};
  EXPECT_EQ(refused(bad_event),
            "Invalid action 'deleted' for entity 'registered_model'. Valid actions are: ['created']");
  Webhook none = hook();
  none.events.clear();
  EXPECT_TRUE(refused(none).starts_with("Webhook events must be a non-empty list"));
}

TEST_P(WebhooksTest, WebhooksAreListedChangedAndDeleted) {
  auto made = run_task(webhooks_->create(hook()));
  ASSERT_TRUE(made);
  ASSERT_TRUE(run_task(webhooks_->create(hook())));
  auto page = run_task(webhooks_->list(1, ""));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->webhooks.size(), 1U);
  EXPECT_EQ(run_task(webhooks_->list(1, page->next_token))->webhooks.size(), 1U);
  auto changed = run_task(webhooks_->update(made->id, {.active = false}));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_FALSE(changed->active);
  ASSERT_TRUE(run_task(webhooks_->remove(made->id)));
  EXPECT_EQ(run_task(webhooks_->get(made->id)).error().message,
            "Webhook with ID " + made->id + " not found.");
  auto tried = run_task(webhooks_->test(run_task(webhooks_->list(1, ""))->webhooks[0].id, std::nullopt));
  ASSERT_TRUE(tried);
  EXPECT_TRUE(tried->success);
}

PENSTOCK_ON_ALL_ENGINES(WebhooksTest);

}  // namespace
}  // namespace penstock::registry
