#include "gateway/health_checks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "core/temporary_directory.h"
#include "http/event_loops.h"

namespace penstock::gateway {
namespace {

class EmptyAnswer : public HttpAnswer {
 public:
  explicit EmptyAnswer(int status) { head_.status = status; }
  const ResponseHead& head() const override { return head_; }
  Task<Result<std::string_view>> read() override { co_return std::string_view{}; }

 private:
  ResponseHead head_;
};

// Answers every question with `status`, 0 being a refused connection, and keeps what was asked.
class FakeProviders : public HttpClient {
 public:
  std::atomic<int> status{200};
  std::atomic<int> asked{0};
  std::mutex mutex;
  std::set<std::string> questions;  // "http://host:port/v1 /path authorization"

  Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint& endpoint, HttpCall call) override {
    ++asked;
    {
      std::lock_guard lock(mutex);
      questions.insert(endpoint.text() + " " + std::string(call.target) + " " +
                       std::string(call.headers.get("authorization")));
    }
    if (status == 0) co_return Failure(Error::unavailable("cannot connect"));
    co_return std::make_unique<EmptyAnswer>(status);
  }
};

class HealthChecksTest : public testing::Test {
 protected:
  static ProviderConfig provider(const std::string& name, const std::string& path) {
    return {.name = name,
            .type = providers::find_provider_type("openai"),
            .endpoint = Endpoint::parse("http://" + name + ":80/v1").value(),
            .keys = {{.secret = "secret-of-" + name}},
            .health = {.path = path, .interval_ms = 1}};
  }
  // A setup with these providers and no route.
  static std::shared_ptr<const gateway::Setup> setup(std::vector<ProviderConfig> providers) {
    GatewayConfig config;
    for (ProviderConfig& each : providers) config.providers[each.name] = each;
    TargetStates states;
    auto routes = RouteTable::create(config, {}, states).value();
    return std::make_shared<gateway::Setup>(
        gateway::Setup{.config = std::move(config), .routes = std::move(routes)});
  }
  static const Upstream& only(const gateway::Setup& setup) { return *setup.routes->upstreams().at(0); }
  static bool wait_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 5'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return condition();
  }

  FakeProviders client_;
  std::unique_ptr<http::EventLoops> loops_ = http::EventLoops::create(1).value();
  SeededRandom random_{1};
  void TearDown() override { checks_.stop(); }

  HealthChecks checks_{client_, random_, {loops_->executor(0)}};
};

TEST_F(HealthChecksTest, AProviderIsUnwellWhileItDoesNotAnswer2xx) {
  auto now = setup({provider("a", "/models")});
  checks_.follow(now);
  for (int bad : {503, 0, 302}) {
    client_.status = bad;
    EXPECT_TRUE(wait_until([&] { return only(*now).unwell.load(); })) << bad;
    client_.status = 204;
    EXPECT_TRUE(wait_until([&] { return !only(*now).unwell.load(); })) << bad;
  }
}

TEST_F(HealthChecksTest, AsksThePathBelowTheBaseUrlWithTheProvidersKey) {
  checks_.follow(setup({provider("a", "/models")}));
  ASSERT_TRUE(wait_until([&] { return client_.asked > 0; }));
  std::lock_guard lock(client_.mutex);
  EXPECT_EQ(client_.questions, std::set<std::string>{"http://a:80/v1 /models Bearer secret-of-a"});
}

TEST_F(HealthChecksTest, AProviderWithoutAPathIsNotAsked) {
  checks_.follow(setup({provider("a", ""), provider("b", "/ok")}));
  ASSERT_TRUE(wait_until([&] { return client_.asked > 3; }));
  std::lock_guard lock(client_.mutex);
  EXPECT_EQ(client_.questions, std::set<std::string>{"http://b:80/v1 /ok Bearer secret-of-b"});
}

TEST_F(HealthChecksTest, AReloadKeepsWhatWasLearntOfAProviderThatStays) {
  client_.status = 500;
  auto before = setup({provider("a", "/models")});
  checks_.follow(before);
  ASSERT_TRUE(wait_until([&] { return only(*before).unwell.load(); }));
  ProviderConfig slow = provider("a", "/models");
  slow.health.interval_ms = 3'600'000;
  auto after = setup({slow});
  checks_.follow(after);
  EXPECT_TRUE(only(*after).unwell.load());
  auto other_path = setup({provider("a", "/health")});
  client_.status = 200;
  checks_.follow(other_path);
  EXPECT_FALSE(only(*other_path).unwell.load());
}

TEST_F(HealthChecksTest, AfterAReloadOnlyTheNewProvidersAreAsked) {
  checks_.follow(setup({provider("a", "/a")}));
  ASSERT_TRUE(wait_until([&] { return client_.asked > 0; }));
  checks_.follow(setup({provider("b", "/b")}));
  ASSERT_TRUE(wait_until([&] {
    std::lock_guard lock(client_.mutex);
    return client_.questions.contains("http://b:80/v1 /b Bearer secret-of-b");
  }));
  checks_.follow(setup({}));
  checks_.stop();
  int asked = client_.asked;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(client_.asked, asked);
}

TEST_F(HealthChecksTest, StopEndsWhatSleepsForAnHour) {
  ProviderConfig rare = provider("a", "/a");
  rare.health.interval_ms = 3'600'000;
  checks_.follow(setup({rare}));
  ASSERT_TRUE(wait_until([&] { return client_.asked > 0; }));
  checks_.stop();
}

}  // namespace
}  // namespace penstock::gateway
