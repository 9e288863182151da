#include "engine/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/text.h"

namespace penstock::engine {
namespace {

using ::testing::HasSubstr;

TEST(EngineMetrics, CountsUnderVllmsNames) {
  EngineMetrics metrics;
  metrics.running = 3;
  metrics.prompt_tokens = 11;
  metrics.ended(Ending::kStop);
  metrics.time_to_first_token.observe(0.03);
  const std::string text = metrics.render("m\"1");
  EXPECT_THAT(text, HasSubstr("vllm:num_requests_running{model_name=\"m\\\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("vllm:prompt_tokens_total{model_name=\"m\\\"1\"} 11\n"));
  EXPECT_THAT(text,
              HasSubstr("vllm:request_success_total{model_name=\"m\\\"1\",finished_reason=\"stop\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("vllm:time_to_first_token_seconds_bucket{model_name=\"m\\\"1\",le=\"0.02\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("vllm:time_to_first_token_seconds_bucket{model_name=\"m\\\"1\",le=\"0.04\"} 1\n"));
}

// The rules of promtool check metrics that matter: each family has HELP and TYPE before its samples, stands
// once, and counters end in _total; buckets never decrease and end in +Inf, which is the count.
TEST(EngineMetrics, RendersWellFormedText) {
  EngineMetrics metrics;
  for (double value : {0.0001, 0.02, 5.0, 1e9}) metrics.inter_token_latency.observe(value);
  const std::string text = metrics.render("m");
  std::set<std::string> families;
  std::string family;
  std::string type;
  double last_bucket = 0;
  for (std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family << " stands twice";
      last_bucket = 0;
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(line.substr(7).starts_with(family + " ")) << line;
      type = line.substr(7 + family.size() + 1);
      if (type == "counter") EXPECT_TRUE(family.ends_with("_total")) << family;
    } else {
      EXPECT_TRUE(line.starts_with(family)) << line;
      const double value = std::stod(std::string(line.substr(line.rfind(' ') + 1)));
      if (!line.starts_with(family + "_bucket")) continue;
      EXPECT_GE(value, last_bucket) << line;
      last_bucket = value;
    }
  }
  EXPECT_THAT(text, HasSubstr("vllm:inter_token_latency_seconds_bucket{model_name=\"m\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("vllm:inter_token_latency_seconds_count{model_name=\"m\"} 4\n"));
}

}  // namespace
}  // namespace penstock::engine
