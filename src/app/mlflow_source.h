#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "tracking/entities.h"
#include "tracking/logged_model_store.h"

namespace penstock::app {

// What an MLflow store holds, as it stands there. Artifact locations are those of the store.
struct SourceRun {
  tracking::Run run;  // its `metrics` are empty: all points are in `history`
  std::vector<tracking::Metric> history;
};

struct SourceVersion {
  int64_t number = 0;
  std::string description;
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  std::string stage;
  std::string source;
  std::string run_id;
  std::string run_link;
  tracking::Tags tags;
};

struct SourceModel {
  std::string name;
  std::string description;
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  tracking::Tags tags;
  std::vector<std::pair<std::string, int64_t>> aliases;
  std::vector<SourceVersion> versions;  // by number
};

// Something of the store that an import does not take over.
struct LeftOut {
  std::string what;  // "traces"
  int64_t count = 0;
};

// A store of MLflow that is read: an `mlflow.db` or an `mlruns` folder. Blocking; one thread.
class MlflowSource {
 public:
  virtual ~MlflowSource() = default;
  virtual Result<std::vector<tracking::Experiment>> experiments() = 0;  // deleted ones too
  virtual Result<std::vector<std::string>> run_ids(const std::string& experiment_id) = 0;
  virtual Result<SourceRun> run(const std::string& experiment_id, const std::string& run_id) = 0;
  virtual Result<std::vector<tracking::LoggedModel>> logged_models(const std::string& experiment_id) = 0;
  virtual Result<std::vector<SourceModel>> models() = 0;
  virtual Result<std::vector<LeftOut>> left_out() = 0;
};

Result<std::unique_ptr<MlflowSource>> open_mlflow_database(const std::filesystem::path& file);
Result<std::unique_ptr<MlflowSource>> open_mlflow_folder(const std::filesystem::path& folder);
// By what `path` is. kInvalidArgument for anything else.
Result<std::unique_ptr<MlflowSource>> open_mlflow_store(const std::filesystem::path& path);

}  // namespace penstock::app
