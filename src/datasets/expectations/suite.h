#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace penstock::datasets {

// One expectation as a suite states it. `type` is Great Expectations' name,
// expect_column_values_to_be_unique.
struct Expectation {
  std::string type;
  JsonObject kwargs{};
  JsonObject meta{};
  std::string id{};
  std::string severity = "critical";  // or "warning", "info"
  std::string description{};
};

struct Suite {
  std::string name = "default";
  std::vector<Expectation> expectations{};
  JsonObject meta{};
};

constexpr size_t kExpectationsMax = 10'000;
constexpr size_t kSuiteBytesMax = 16 << 20;

// A suite of Great Expectations 1.x (JSON), of 0.x (JSON, other field names), or our short YAML:
//
//   suite: users
//   table:
//     - row_count_to_be_between: {min_value: 1}
//   columns:
//     user_id: [not_be_null, be_unique]
//     age:
//       - mean_to_be_between: {min_value: 18, max_value: 65}
//
// whose short names are the full ones without expect_column_values_to_, expect_column_ or expect_table_.
// `file` is for errors. kInvalidArgument names the place; kTooLarge.
Result<Suite> parse_suite(std::string_view text, std::string_view file);

// Every {"$PARAMETER": "name"} in the kwargs replaced. kInvalidArgument names a parameter without a value.
Result<void> fill_parameters(Suite& suite, const JsonObject& values);

// As Great Expectations 1.x writes it.
Json suite_document(const Suite& suite);

}  // namespace penstock::datasets
