#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/logged_model_store.h"

namespace penstock::tracking {

// Metrics of this dataset; without a digest, of any version of it.
struct DatasetChoice {
  std::string name;
  std::string digest;
};

struct LoggedModelOrder {
  std::string field;  // "creation_time", "metrics.accuracy"
  bool ascending = true;
  DatasetChoice dataset;  // whose metric; an empty name: any
};

struct LoggedModelQuery {
  std::vector<std::string> experiment_ids;
  std::string filter;                   // core/filter_expression.h; attributes, metrics, params, tags
  std::vector<DatasetChoice> datasets;  // metrics in `filter` are of one of these
  std::vector<LoggedModelOrder> order;  // then newest first
  size_t max_results = 100;
  std::string page_token;
};

struct LoggedModelPage {
  std::vector<LoggedModel> models;
  std::string next_page_token;  // empty: there is no more
};

// The models of the experiments that match. What is unset or absent comes last in every order. Reads the rows
// of all models of the experiments once, and of their metrics, parameters and tags only those that the query
// names. kInvalidArgument in MLflow's words.
Result<LoggedModelPage> search_logged_models(database::Connection& connection, const LoggedModelQuery& query);

// SQL's LIKE: % stands for any text, _ for one character; `ignore_case` for ASCII letters.
enum class LetterCase : uint8_t { kMatters, kIgnored };
bool is_like(std::string_view text, std::string_view pattern, LetterCase letters);

}  // namespace penstock::tracking
