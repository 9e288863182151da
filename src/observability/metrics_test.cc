#include "observability/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observability/record_samples.h"

namespace penstock::observability {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const RequestMetrics& metrics) {
  PrometheusText out;
  metrics.write(out);
  return out.take();
}

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

RequestRecord plain(const std::string& model) {
  RequestRecord r = full_record();
  r.model = r.route = model;
  r.error_code.clear();
  return r;
}

TEST(RequestMetrics, CountsByModelUpstreamAndStatus) {
  RequestMetrics metrics;
  metrics.add(plain("gpt-4o-mini"));
  metrics.add(plain("gpt-4o-mini"));
  RequestRecord refused = plain("gpt-4o-mini");
  refused.status = 429;
  refused.error_code = "rate_limited";
  metrics.add(refused);
  std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr("# TYPE penstock_requests_total counter\n"));
  EXPECT_THAT(
      text,
      HasSubstr("penstock_requests_total{model=\"gpt-4o-mini\",upstream=\"openai\",status=\"200\"} 2\n"));
  EXPECT_THAT(
      text,
      HasSubstr("penstock_requests_total{model=\"gpt-4o-mini\",upstream=\"openai\",status=\"429\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_request_errors_total{model=\"gpt-4o-mini\",upstream=\"openai\",code="
                              "\"rate_limited\"} 1\n"));
}

TEST(RequestMetrics, AClientThatCancelledIsNoError) {
  RequestMetrics metrics;
  RequestRecord cancelled = plain("gpt-4o-mini");
  cancelled.status = 499;
  cancelled.error_code = "cancelled";
  metrics.add(cancelled);
  std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr("status=\"499\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("penstock_request_errors_total{")));
}

TEST(RequestMetrics, SumsTokensByKindAndCost) {
  RequestMetrics metrics;
  metrics.add(full_record());
  metrics.add(full_record());
  std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr("penstock_tokens_total{kind=\"input\"} 240\n"));
  EXPECT_THAT(text, HasSubstr("penstock_tokens_total{kind=\"cached_input\"} 160\n"));
  EXPECT_THAT(text, HasSubstr("penstock_tokens_total{kind=\"output\"} 84\n"));
  EXPECT_THAT(text, HasSubstr("penstock_tokens_total{kind=\"reasoning\"} 18\n"));
  EXPECT_THAT(text, HasSubstr("penstock_cost_usd_total 0.002469\n"));
}

TEST(RequestMetrics, HistogramsAreCumulativeAndEndWithTheirCount) {
  RequestMetrics metrics;
  metrics.add(plain("m"));  // first token after 0.25 s, end after 1.5 s
  std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr("penstock_ttft_seconds_bucket{model=\"m\",le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("penstock_ttft_seconds_bucket{model=\"m\",le=\"0.25\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_ttft_seconds_bucket{model=\"m\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_ttft_seconds_sum{model=\"m\"} 0.25\n"));
  EXPECT_THAT(text, HasSubstr("penstock_ttft_seconds_count{model=\"m\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_request_duration_seconds_bucket{model=\"m\",le=\"1.28\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("penstock_request_duration_seconds_bucket{model=\"m\",le=\"2.56\"} 1\n"));
}

TEST(RequestMetrics, WhatCallersInventDoesNotBecomeSeriesWithoutLimit) {
  RequestMetrics metrics;
  for (int i = 0; i < 5'000; ++i) {
    RequestRecord r = plain("model-" + std::to_string(i));
    r.upstream = "upstream-" + std::to_string(i / 40);
    metrics.add(r);
  }
  RequestRecord scan = plain("../../etc/passwd");
  scan.route.clear();
  metrics.add(scan);
  std::string text = text_of(metrics);
  EXPECT_LE(count(text, "\npenstock_requests_total{"), RequestMetrics::kSeriesMax + 600);
  EXPECT_LE(count(text, "penstock_ttft_seconds_count"), RequestMetrics::kLabelValuesMax + 1);
  EXPECT_THAT(text, Not(HasSubstr("passwd")));
  EXPECT_THAT(text, HasSubstr("model=\"other\""));
}

TEST(RequestMetrics, LabelValuesCannotBreakTheFormat) {
  RequestMetrics metrics;
  metrics.add(plain("a\"} 1\nevil 2\\"));
  metrics.add(plain("not utf-8: \xFF"));
  metrics.add(plain(std::string(100'000, 'x')));
  std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr(R"(model="a\"} 1\nevil 2\\")"));
  EXPECT_THAT(text, Not(HasSubstr("\xFF")));
  EXPECT_LT(text.size(), 20'000U);
}

}  // namespace
}  // namespace penstock::observability
