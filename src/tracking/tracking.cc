#include "tracking/tracking.h"

#include "tracking/run_log.h"

namespace penstock::tracking {

using database::Connection;

Result<void> Tracking::prepare() {
  return database_.write_now(
      [now = now_ms()](Connection& connection) { return prepare_default_experiment(connection, now); });
}

Task<Result<std::string>> Tracking::create_experiment(NewExperiment experiment) {
  auto work = [experiment = std::move(experiment), now = now_ms()](Connection& connection) {
    return tracking::create_experiment(connection, experiment, now);
  };
  co_return co_await database_.write<std::string>(std::move(work));
}

Task<Result<Experiment>> Tracking::experiment(std::string id) {
  auto work = [id = std::move(id)](Connection& connection) {
    return tracking::get_experiment(connection, id);
  };
  co_return co_await database_.read<Experiment>(std::move(work));
}

Task<Result<Experiment>> Tracking::experiment_by_name(std::string name) {
  auto work = [name = std::move(name)](Connection& connection) {
    return tracking::get_experiment_by_name(connection, name);
  };
  co_return co_await database_.read<Experiment>(std::move(work));
}

Task<Result<void>> Tracking::delete_experiment(std::string id) {
  auto work = [id = std::move(id), now = now_ms()](Connection& connection) {
    return tracking::delete_experiment(connection, id, now);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::restore_experiment(std::string id) {
  auto work = [id = std::move(id), now = now_ms()](Connection& connection) {
    return tracking::restore_experiment(connection, id, now);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::rename_experiment(std::string id, std::string name) {
  auto work = [id = std::move(id), name = std::move(name), now = now_ms()](Connection& connection) {
    return tracking::rename_experiment(connection, id, name, now);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::set_experiment_tag(std::string id, Tag tag) {
  auto work = [id = std::move(id), tag = std::move(tag)](Connection& connection) {
    return tracking::set_experiment_tag(connection, id, tag);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::delete_experiment_tag(std::string id, std::string key) {
  auto work = [id = std::move(id), key = std::move(key)](Connection& connection) {
    return tracking::delete_experiment_tag(connection, id, key);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<Page<Experiment>>> Tracking::search_experiments(ExperimentSearch search) {
  auto work = [search = std::move(search)](Connection& connection) {
    return tracking::search_experiments(connection, search);
  };
  co_return co_await database_.read<Page<Experiment>>(std::move(work));
}

Task<Result<Run>> Tracking::create_run(NewRun run) {
  run.run_id = new_run_id(random_);
  run.fallback_name = new_run_name(random_);
  auto work = [run = std::move(run)](Connection& connection) {
    return tracking::create_run(connection, run);
  };
  co_return co_await database_.write<Run>(std::move(work));
}

Task<Result<Run>> Tracking::run(std::string run_id) {
  auto work = [run_id = std::move(run_id)](Connection& connection) {
    return tracking::get_run(connection, run_id);
  };
  co_return co_await database_.read<Run>(std::move(work));
}

Task<Result<RunInfo>> Tracking::update_run(RunChange change) {
  auto work = [change = std::move(change)](Connection& connection) {
    return tracking::update_run(connection, change);
  };
  co_return co_await database_.write<RunInfo>(std::move(work));
}

Task<Result<void>> Tracking::delete_run(std::string run_id) {
  auto work = [run_id = std::move(run_id), now = now_ms()](Connection& connection) {
    return tracking::delete_run(connection, run_id, now);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::restore_run(std::string run_id) {
  auto work = [run_id = std::move(run_id)](Connection& connection) {
    return tracking::restore_run(connection, run_id);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<Page<Run>>> Tracking::search_runs(RunSearch search) {
  auto work = [search = std::move(search)](Connection& connection) {
    return tracking::search_runs(connection, search);
  };
  co_return co_await database_.read<Page<Run>>(std::move(work));
}

Task<Result<void>> Tracking::log_batch(std::string run_id, Batch batch) {
  auto work = [run_id = std::move(run_id), batch = std::move(batch)](Connection& connection) mutable {
    return tracking::log_batch(connection, run_id, std::move(batch));
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::log_metric(std::string run_id, Metric metric) {
  auto work = [run_id = std::move(run_id), metric = std::move(metric)](Connection& connection) {
    return tracking::log_metric(connection, run_id, metric);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::log_param(std::string run_id, Param param) {
  auto work = [run_id = std::move(run_id), param = std::move(param)](Connection& connection) {
    return tracking::log_param(connection, run_id, param);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::set_tag(std::string run_id, Tag tag) {
  auto work = [run_id = std::move(run_id), tag = std::move(tag)](Connection& connection) {
    return tracking::set_tag(connection, run_id, tag);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::delete_tag(std::string run_id, std::string key) {
  auto work = [run_id = std::move(run_id), key = std::move(key)](Connection& connection) {
    return tracking::delete_tag(connection, run_id, key);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::log_legacy_model(std::string run_id, std::string model_json) {
  auto work = [run_id = std::move(run_id), model_json = std::move(model_json)](Connection& connection) {
    return tracking::log_legacy_model(connection, run_id, model_json);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::log_inputs(std::string run_id, std::vector<DatasetInput> datasets,
                                        std::vector<ModelLink> models) {
  auto work = [run_id = std::move(run_id), datasets = std::move(datasets),
               models = std::move(models)](Connection& connection) {
    return tracking::log_inputs(connection, run_id, datasets, models);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Tracking::log_outputs(std::string run_id, std::vector<ModelLink> models) {
  auto work = [run_id = std::move(run_id), models = std::move(models)](Connection& connection) {
    return tracking::log_outputs(connection, run_id, models);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<std::vector<DatasetSummary>>> Tracking::search_datasets(std::vector<std::string> experiment_ids) {
  auto work = [experiment_ids = std::move(experiment_ids)](Connection& connection) {
    return tracking::search_datasets(connection, experiment_ids);
  };
  co_return co_await database_.read<std::vector<DatasetSummary>>(std::move(work));
}

Task<Result<HistoryPage>> Tracking::metric_history(std::string run_id, std::string key,
                                                   std::optional<int64_t> max_results,
                                                   std::string page_token) {
  auto work = [run_id = std::move(run_id), key = std::move(key), max_results,
               page_token = std::move(page_token)](Connection& connection) {
    return tracking::metric_history(connection, run_id, key, max_results, page_token);
  };
  co_return co_await database_.read<HistoryPage>(std::move(work));
}

Task<Result<std::vector<RunPoints>>> Tracking::metric_histories(std::vector<std::string> run_ids,
                                                                std::string key, int64_t max_results) {
  auto work = [run_ids = std::move(run_ids), key = std::move(key), max_results](Connection& connection) {
    return tracking::metric_histories(connection, run_ids, key, max_results);
  };
  co_return co_await database_.read<std::vector<RunPoints>>(std::move(work));
}

Task<Result<std::vector<RunPoints>>> Tracking::sampled_histories(std::vector<std::string> run_ids,
                                                                 std::string key,
                                                                 std::optional<StepRange> steps,
                                                                 int64_t max_results) {
  auto work = [run_ids = std::move(run_ids), key = std::move(key), steps,
               max_results](Connection& connection) {
    return tracking::sampled_histories(connection, run_ids, key, steps, max_results);
  };
  co_return co_await database_.read<std::vector<RunPoints>>(std::move(work));
}

}  // namespace penstock::tracking
