#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/task.h"
#include "storage/database/database.h"
#include "tracking/checks.h"
#include "tracking/entities.h"
#include "tracking/experiment_search.h"
#include "tracking/experiments.h"
#include "tracking/metric_history.h"
#include "tracking/run_inputs.h"
#include "tracking/run_search.h"
#include "tracking/runs.h"

namespace penstock::tracking {

// Experiments and runs over the database, each call one transaction. Thread-safe; what was acknowledged
// survives `kill -9`. What each does and how it fails stands with the function of that name on a connection.
class Tracking {
 public:
  // All of these outlive it.
  Tracking(database::Database& database, const Clock& clock, Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // To be called once before anything else. Blocks.
  Result<void> prepare();

  Task<Result<std::string>> create_experiment(NewExperiment experiment);
  Task<Result<Experiment>> experiment(std::string id);
  Task<Result<Experiment>> experiment_by_name(std::string name);
  Task<Result<void>> delete_experiment(std::string id);
  Task<Result<void>> restore_experiment(std::string id);
  Task<Result<void>> rename_experiment(std::string id, std::string name);
  Task<Result<void>> set_experiment_tag(std::string id, Tag tag);
  Task<Result<void>> delete_experiment_tag(std::string id, std::string key);
  Task<Result<Page<Experiment>>> search_experiments(ExperimentSearch search);

  Task<Result<Run>> create_run(NewRun run);  // gives it its id, and a name if it has none
  Task<Result<Run>> run(std::string run_id);
  Task<Result<RunInfo>> update_run(RunChange change);
  Task<Result<void>> delete_run(std::string run_id);
  Task<Result<void>> restore_run(std::string run_id);
  Task<Result<Page<Run>>> search_runs(RunSearch search);

  Task<Result<void>> log_batch(std::string run_id, Batch batch);
  Task<Result<void>> log_metric(std::string run_id, Metric metric);
  Task<Result<void>> log_param(std::string run_id, Param param);
  Task<Result<void>> set_tag(std::string run_id, Tag tag);
  Task<Result<void>> delete_tag(std::string run_id, std::string key);
  Task<Result<void>> log_legacy_model(std::string run_id, std::string model_json);
  Task<Result<void>> log_inputs(std::string run_id, std::vector<DatasetInput> datasets,
                                std::vector<ModelLink> models);
  Task<Result<void>> log_outputs(std::string run_id, std::vector<ModelLink> models);
  Task<Result<std::vector<DatasetSummary>>> search_datasets(std::vector<std::string> experiment_ids);

  Task<Result<HistoryPage>> metric_history(std::string run_id, std::string key,
                                           std::optional<int64_t> max_results, std::string page_token);
  Task<Result<std::vector<RunPoints>>> metric_histories(std::vector<std::string> run_ids, std::string key,
                                                        int64_t max_results);
  Task<Result<std::vector<RunPoints>>> sampled_histories(std::vector<std::string> run_ids, std::string key,
                                                         std::optional<StepRange> steps, int64_t max_results);

 private:
  int64_t now_ms() const { return clock_.now().us / 1000; }

  database::Database& database_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace penstock::tracking
