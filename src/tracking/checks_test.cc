#include "tracking/checks.h"

#include <gtest/gtest.h>

namespace penstock::tracking {
namespace {

std::string why(Result<void> checked) { return checked ? "" : checked.error().message; }

Metric metric(std::string key, double value = 1, int64_t timestamp_ms = 0) {
  return {.key = std::move(key),
          .value = value,
          .timestamp_ms = timestamp_ms,
          .model_id = {},
          .dataset_name = {},
          .dataset_digest = {}};
}

TEST(Checks, NamesArePathsThatStayWhereTheyAre) {
  for (std::string_view good : {"a", "a/b", "a.b-c_d e:f", "é", ".hidden"}) {
    EXPECT_EQ(why(check_metric(metric(std::string(good)), "")), "") << good;
  }
  EXPECT_EQ(
      why(check_metric(metric("a$"), "metrics[3]")),
      "Invalid value \"a$\" for parameter 'metrics[3].name' supplied: Names may only contain alphanumerics, "
      "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
  EXPECT_EQ(why(check_metric(metric("a/../b"), "")),
            "Invalid value \"a/../b\" for parameter 'name' supplied: Names may be treated as files in "
            "certain cases, "
            "and must not resolve to other names when treated as such. This name would resolve to 'b'");
  for (std::string_view bad : {"..", "../a", "/a", "a/", "a//b", "./a", "."}) {
    EXPECT_NE(why(check_metric(metric(std::string(bad)), "")), "") << bad;
  }
}

TEST(Checks, MetricsHaveATimeAndAShortName) {
  EXPECT_EQ(
      why(check_metric(metric("a", 0.5, -1), "")),
      "Invalid value -1 for parameter 'timestamp' supplied: metric 'a' (value=0.5). Timestamp must be a "
      "nonnegative long (64-bit integer) ");
  EXPECT_EQ(why(check_metric(metric(std::string(251, 'a')), "")),
            "'Metric name' exceeds the maximum length of 250 characters");
}

TEST(Checks, LongValuesAreCutByCharacters) {
  Param param{"k", std::string(5999, 'x') + "éé"};
  EXPECT_EQ(why(check_param(param, "")), "");
  EXPECT_EQ(param.value, std::string(5999, 'x') + "é");
  Tag tag{std::string(251, 'k'), "v"};
  EXPECT_EQ(why(check_tag(tag, "tags[0]")), "'tags[0].key' exceeds the maximum length of 250 characters");
}

TEST(Checks, ABatchHasLimits) {
  Batch many{.metrics = std::vector<Metric>(1001, metric("a")), .params = {}, .tags = {}};
  EXPECT_EQ(
      why(check_batch(many)),
      "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics "
      "across multiple requests and try again.");
  Batch twice{.metrics = {}, .params = {{"a", "1"}, {"b", "1"}, {"a", "2"}}, .tags = {}};
  EXPECT_EQ(why(check_batch(twice)),
            "Duplicate parameter keys have been submitted: ['a']. Please ensure the request contains only "
            "one param "
            "value per param key.");
}

TEST(Checks, RunIdsAreWords) {
  EXPECT_EQ(why(check_run_id("0123abc")), "");
  EXPECT_EQ(why(check_run_id("a b")), "Invalid value \"a b\" for parameter 'run_id' supplied.");
  EXPECT_NE(why(check_run_id("")), "");
}

TEST(Checks, WritesAsPythonWrites) {
  EXPECT_EQ(python_repr("it's"), "\"it's\"");
  EXPECT_EQ(python_repr("a\n"), "'a\\n'");
  EXPECT_EQ(python_float(1), "1.0");
  EXPECT_EQ(python_float(0.1), "0.1");
  EXPECT_EQ(python_float(1e-7), "1e-07");
  EXPECT_EQ(python_float(1e16), "1e+16");
}

}  // namespace
}  // namespace penstock::tracking
