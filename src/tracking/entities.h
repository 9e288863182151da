#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::tracking {

// What MLflow's contract knows as these. Times are the client's milliseconds since the epoch, kept as given.

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};
using Tags = std::vector<Tag>;
using Param = Tag;
using Params = std::vector<Param>;

enum class Stage : uint8_t { kActive, kDeleted };
std::string_view stage_name(Stage stage);  // "active", "deleted"

enum class View : uint8_t { kActiveOnly, kDeletedOnly, kAll };
std::optional<View> parse_view(std::string_view name);  // "ACTIVE_ONLY"

struct Experiment {
  std::string id;  // a decimal number; "0" is the one that is always there
  std::string name;
  std::string artifact_location;
  Stage stage = Stage::kActive;
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  Tags tags;
};

// One logged value. NaN is a value; infinities are kept as the greatest finite doubles, as MLflow keeps them.
struct Metric {
  std::string key;
  double value = 0;
  int64_t timestamp_ms = 0;
  int64_t step = 0;
  std::string model_id;  // of a logged model that it was measured on; empty: none
  std::string dataset_name;
  std::string dataset_digest;
};

struct Dataset {
  std::string name;
  std::string digest;
  std::string source_type;
  std::string source;
  std::string schema;
  std::string profile;
};

struct DatasetInput {
  Dataset dataset;
  Tags tags;
};

// A logged model that a run used, or made at a step.
struct ModelLink {
  std::string model_id;
  int64_t step = 0;
};

struct RunInfo {
  std::string run_id;  // 32 hexadecimal digits
  std::string experiment_id;
  std::string name;
  std::string user_id;
  std::string status;  // RUNNING, SCHEDULED, FINISHED, FAILED or KILLED
  int64_t start_time_ms = 0;
  std::optional<int64_t> end_time_ms;
  std::string artifact_uri;
  Stage stage = Stage::kActive;
};

struct Run {
  RunInfo info;
  std::vector<Metric> metrics;  // the latest of each key
  Params params;
  Tags tags;
  std::vector<DatasetInput> datasets;
  std::vector<ModelLink> model_inputs;
  std::vector<ModelLink> model_outputs;
};

template <class T>
struct Page {
  std::vector<T> items;
  std::string next_page_token;  // empty: there is no more
};

}  // namespace penstock::tracking
