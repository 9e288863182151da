#include "api/native/gateway_handlers.h"

#include <gtest/gtest.h>

#include "api/native/native_fixture.h"

namespace penstock::api::native {
namespace {

class GatewayHandlersTest : public NativeFixture {
 protected:
  http::AnswerRecorder post(std::string_view target, std::string_view body = {}) {
    Request request;
    request.method = "POST";
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.body = body;
    http::AnswerRecorder answer;
    run_task(router_.handle(request, answer));
    return answer;
  }

  static gateway::GatewayConfig two_targets() {
    gateway::GatewayConfig config;
    config.providers["a"] = {.name = "a",
                             .type = providers::find_provider_type("openai"),
                             .endpoint = Endpoint::parse("http://127.0.0.1:9/v1").value(),
                             .keys = {{.secret = "one"}, {.secret = "two"}},
                             .health = {.path = "/models"}};
    gateway::RouteConfig route{.name = "fast"};
    route.targets = {{.id = "stable", .provider = "a", .model = "m", .weight = 3},
                     {.id = "canary", .provider = "a", .weight = 1}};
    config.routes = {route};
    return config;
  }
};

TEST_F(GatewayHandlersTest, ShowsRoutesTargetsAndProvidersAsTheyAre) {
  setup_ = made_of(two_targets());
  const gateway::Route& route = *setup_->routes->find("fast");
  route.targets[1].state->in_flight = 2;
  route.targets[1].state->calls = 7;
  route.targets[1].upstream->unwell = true;
  route.targets[0].upstream->keys.rest(1, clock_.monotonic_us() + 1'000'000);
  gateway::BreakerPolicy policy{.error_rate = 0.1, .calls_min = 1};
  gateway::Breaker& breaker = route.targets[0].state->breaker;
  for (int i = 0; i < 4; ++i) {
    breaker.failed(breaker.admit(policy, clock_.monotonic_us()), policy, clock_.monotonic_us());
  }
  Json shown = get_described("/api/v1/gateway", "/api/v1/gateway");
  const JsonArray& targets = find(find(shown, "routes")->get_array().at(0), "targets")->get_array();
  EXPECT_EQ(string_at(targets.at(0), "id"), "stable");
  EXPECT_EQ(number_at(targets.at(0), "share"), 0.75);
  EXPECT_EQ(string_at(*find(targets.at(0), "breaker"), "state"), "open");
  EXPECT_GT(int_at(*find(targets.at(0), "breaker"), "until_us"), clock_.now().us);
  EXPECT_EQ(int_at(targets.at(1), "in_flight"), 2);
  EXPECT_EQ(int_at(targets.at(1), "calls"), 7);
  EXPECT_TRUE(bool_at(targets.at(1), "unwell"));
  const Json& provider = find(shown, "providers")->get_array().at(0);
  EXPECT_EQ(int_at(provider, "keys"), 2);
  EXPECT_EQ(int_at(provider, "keys_resting"), 1);
  EXPECT_EQ(string_at(provider, "base_url"), "http://127.0.0.1:9/v1");
}

TEST_F(GatewayHandlersTest, MetricsHaveASeriesForEachTarget) {
  setup_ = made_of(two_targets());
  setup_->routes->find("fast")->targets[0].state->errors = 5;
  http::AnswerRecorder answer = get("/metrics");
  EXPECT_NE(answer.body.find("penstock_target_errors_total{route=\"fast\",target=\"stable\"} 5\n"),
            std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find("penstock_target_state{route=\"fast\",target=\"canary\"} 0\n"),
            std::string::npos);
}

TEST_F(GatewayHandlersTest, ShowsTheConfigurationInEffect) {
  config_.now.needs_restart = {"listen"};
  Json shown = get_described("/api/v1/config", "/api/v1/config");
  EXPECT_EQ(int_at(shown, "version"), 3);
  EXPECT_EQ(string_at(shown, "text"), "xxx\n");
  EXPECT_TRUE(find(shown, "problem")->is_null());
}

TEST_F(GatewayHandlersTest, ListsVersionsPageByPage) {
  Json first = get_described("/api/v1/config/versions?limit=2", "/api/v1/config/versions");
  EXPECT_EQ(find(first, "versions")->get_array().size(), 2U);
  EXPECT_TRUE(bool_at(find(first, "versions")->get_array().at(0), "running"));
  ASSERT_EQ(int_at(first, "next_before"), 2);
  Json last = get_described("/api/v1/config/versions?limit=2&before=2", "/api/v1/config/versions");
  EXPECT_EQ(find(last, "versions")->get_array().size(), 1U);
  EXPECT_TRUE(find(last, "next_before")->is_null());
}

TEST_F(GatewayHandlersTest, ShowsOneVersionAndTheDifferenceOfTwo) {
  Json version = get_described("/api/v1/config/versions/2", "/api/v1/config/versions/{number}");
  EXPECT_EQ(string_at(version, "text"), "xx\n");
  get_described("/api/v1/config/versions/9", "/api/v1/config/versions/{number}", 404);
  get_described("/api/v1/config/versions/two", "/api/v1/config/versions/{number}", 404);
  constexpr std::string_view kDiff = "/api/v1/config/versions/diff";
  Json given = get_described("/api/v1/config/versions/diff?from=1&to=2", kDiff);
  EXPECT_EQ(string_at(given, "diff"), "--- version 1\n+++ version 2\n@@ -1 +1 @@\n-x\n+xx\n");
  Json usual = get_described(kDiff, kDiff);
  EXPECT_EQ(int_at(usual, "from"), 2);
  EXPECT_EQ(int_at(usual, "to"), 3);
}

TEST_F(GatewayHandlersTest, ACheckTellsEveryProblemWithItsPlace) {
  http::AnswerRecorder answer = post("/api/v1/config/check", R"({"text":"bad"})");
  EXPECT_EQ(answer.head.status, 200);
  Json check = parse_json(answer.body).value();
  EXPECT_FALSE(bool_at(check, "valid", true));
  const JsonArray& problems = find(check, "problems")->get_array();
  EXPECT_EQ(int_at(problems.at(0), "line"), 3);
  EXPECT_TRUE(find(problems.at(1), "line")->is_null());
  EXPECT_TRUE(bool_at(parse_json(post("/api/v1/config/check", R"({"text":"good"})").body).value(), "valid"));
}

TEST_F(GatewayHandlersTest, AppliesUndoesAndReloadsForWhoeverAsks) {
  http::AnswerRecorder applied =
      post("/api/v1/config/apply", R"({"text":"new","comment":"because","base_version":3})");
  EXPECT_EQ(applied.head.status, 200) << applied.body;
  EXPECT_EQ(config_.applied.text, "new");
  EXPECT_EQ(config_.applied.comment, "because");
  EXPECT_EQ(config_.by.request_id, applied.head.headers.get("x-request-id"));
  EXPECT_EQ(int_at(parse_json(applied.body).value(), "version"), 4);
  EXPECT_EQ(post("/api/v1/config/apply", R"({"text":"new","base_version":3})").head.status, 409);
  EXPECT_EQ(post("/api/v1/config/apply", R"({"text":"new"})").head.status, 400);
  EXPECT_EQ(post("/api/v1/config/undo").head.status, 200);
  EXPECT_FALSE(config_.undone_from);
  EXPECT_EQ(post("/api/v1/config/undo?base_version=5").head.status, 200);
  EXPECT_EQ(config_.undone_from, 5);
  EXPECT_EQ(post("/api/v1/config/reload").head.status, 200);
}

}  // namespace
}  // namespace penstock::api::native
