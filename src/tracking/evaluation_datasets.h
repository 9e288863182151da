#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/random.h"
#include "core/result.h"
#include "storage/database/database.h"

// Evaluation datasets of MLflow 3: named sets of records (inputs, what is expected of them) that grow by use.
// Everything works on a connection, within its caller's transaction; errors are in MLflow's words.
namespace penstock::tracking {

// Tables of evaluation datasets and scorers: numbers 61 to 64.
std::span<const database::Migration> evaluation_migrations();

using DatasetTags = std::map<std::string, std::string, std::less<>>;

struct EvaluationDataset {
  std::string dataset_id;  // "d-" + 32 hex digits
  std::string name;
  DatasetTags tags;
  std::string schema;   // JSON: the type of each field seen; empty: no records yet
  std::string profile;  // JSON: {"num_records": n}; empty: no records yet
  std::string digest;   // changes with every change
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::optional<std::string> created_by;
  std::optional<std::string> updated_by;
};

struct NewEvaluationDataset {
  std::string name;
  DatasetTags tags;
  std::vector<std::string> experiment_ids;
};

inline constexpr int64_t kDatasetResultsMax = 50'000;
inline constexpr size_t kRecordsPerCallMax = 10'000;
inline constexpr size_t kDatasetExperimentsMax = 1'000;

Result<EvaluationDataset> create_evaluation_dataset(database::Connection& connection, Random& random,
                                                    const NewEvaluationDataset& dataset, int64_t now_ms);
// kNotFound.
Result<EvaluationDataset> get_evaluation_dataset(database::Connection& connection,
                                                 std::string_view dataset_id);
// With its records; nothing where there is none.
Result<void> delete_evaluation_dataset(database::Connection& connection, std::string_view dataset_id);

struct DatasetSearch {
  std::vector<std::string> experiment_ids;  // empty: all
  std::string filter;  // name, created_time, last_update_time, created_by, last_updated_by, tags
  int64_t results_max = 1000;
  std::vector<std::string> order_by;  // default: the newest first
  int64_t offset = 0;
};
struct DatasetPage {
  std::vector<EvaluationDataset> datasets;
  bool more = false;
};
Result<DatasetPage> search_evaluation_datasets(database::Connection& connection, const DatasetSearch& search);

Result<void> set_evaluation_dataset_tags(database::Connection& connection, std::string_view dataset_id,
                                         const DatasetTags& tags);
Result<void> delete_evaluation_dataset_tag(database::Connection& connection, std::string_view dataset_id,
                                           std::string_view key);

Result<std::vector<std::string>> dataset_experiments(database::Connection& connection,
                                                     std::string_view dataset_id);
// The experiments must exist; that is the caller's to check.
Result<EvaluationDataset> add_dataset_to_experiments(database::Connection& connection,
                                                     std::string_view dataset_id,
                                                     std::span<const std::string> experiment_ids,
                                                     int64_t now_ms);
Result<EvaluationDataset> remove_dataset_from_experiments(database::Connection& connection,
                                                          std::string_view dataset_id,
                                                          std::span<const std::string> experiment_ids,
                                                          int64_t now_ms);

// Records. One is known by its inputs: the same inputs again update it.
struct UpsertCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
};
// `records` is a JSON list of {inputs, outputs, expectations, tags, source}.
Result<UpsertCounts> upsert_records(database::Connection& connection, Random& random,
                                    std::string_view dataset_id, const Json& records, int64_t now_ms);
Result<int64_t> delete_records(database::Connection& connection, std::string_view dataset_id,
                               std::span<const std::string> record_ids);

struct RecordPage {
  std::string records;  // a JSON list
  std::string next_page_token;
};
Result<RecordPage> read_records(database::Connection& connection, std::string_view dataset_id,
                                int64_t results_max, const std::string& page_token);

// Tells the rest of this folder's files that records of a dataset have changed.
Result<void> refresh_dataset(database::Connection& connection, const EvaluationDataset& dataset,
                             const std::string& schema, const std::string& profile,
                             const std::optional<std::string>& by, int64_t now_ms);

}  // namespace penstock::tracking
