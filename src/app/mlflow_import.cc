#include "app/mlflow_import.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <tuple>

#include "core/file.h"
#include "core/text.h"
#include "tracking/artifact_path.h"
#include "tracking/artifact_store.h"
#include "tracking/experiments.h"
#include "tracking/metric_store.h"
#include "tracking/run_inputs.h"
#include "tracking/run_log.h"
#include "tracking/runs.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;
using database::Connection;
using tracking::Batch;
using tracking::Metric;

constexpr std::string_view kOriginTag = "penstock.imported_from";

Failure differs(const std::string& what) {
  return Failure(Error{.code = ErrorCode::kCorrupt,
                       .message = what + "; nothing of it was kept, so the import can be started again"});
}

// Each point once: the same key, time, step and value again says nothing.
std::vector<Metric> distinct(std::vector<Metric> points) {
  auto key = [](const Metric& m) {
    bool nan = std::isnan(m.value);
    return std::tuple(std::string_view(m.key), m.step, m.timestamp_ms, nan, nan ? 0.0 : m.value);
  };
  std::ranges::sort(points, [&](const Metric& a, const Metric& b) { return key(a) < key(b); });
  auto same = [&](const Metric& a, const Metric& b) { return key(a) == key(b); };
  auto rest = std::ranges::unique(points, same);
  points.erase(rest.begin(), rest.end());
  return points;
}

Result<void> log_all(Connection& connection, const SourceRun& source) {
  const std::string& id = source.run.info.run_id;
  for (size_t at = 0; at < source.run.params.size(); at += tracking::kParamsPerBatchMax) {
    Batch batch;
    auto part = std::span(source.run.params).subspan(at);
    part = part.first(std::min(part.size(), tracking::kParamsPerBatchMax));
    batch.params.assign(part.begin(), part.end());
    RETURN_IF_ERROR(tracking::log_batch(connection, id, std::move(batch)));
  }
  for (size_t at = 0; at < source.history.size(); at += tracking::kMetricsPerBatchMax) {
    Batch batch;
    auto part = std::span(source.history).subspan(at);
    part = part.first(std::min(part.size(), tracking::kMetricsPerBatchMax));
    batch.metrics.assign(part.begin(), part.end());
    RETURN_IF_ERROR(tracking::log_batch(connection, id, std::move(batch)));
  }
  return tracking::log_inputs(connection, id, source.run.datasets, {});
}

}  // namespace

Result<MlflowImported> MlflowImport::run() {
  ASSIGN_OR_RETURN(std::vector<tracking::Experiment> experiments, source_.experiments());
  for (const tracking::Experiment& experiment : experiments) {
    ASSIGN_OR_RETURN(std::string id, take_experiment(experiment));
    RETURN_IF_ERROR(take_runs(experiment, id));
    RETURN_IF_ERROR(take_logged_models(experiment, id));
  }
  RETURN_IF_ERROR(take_models());
  // Last, because nothing is added to a deleted experiment.
  for (const tracking::Experiment& experiment : experiments) {
    if (experiment.stage != tracking::Stage::kDeleted) continue;
    RETURN_IF_ERROR(target_.database.write_now([&](Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(auto known, tracking::get_experiment_by_name(connection, experiment.name));
      if (known.stage == tracking::Stage::kDeleted) return {};
      return tracking::delete_experiment(connection, known.id, target_.clock.now().us / 1000);
    }));
  }
  ASSIGN_OR_RETURN(done_.left_out, source_.left_out());
  return std::move(done_);
}

Result<std::string> MlflowImport::take_experiment(const tracking::Experiment& experiment) {
  std::string id;
  int64_t now_ms = target_.clock.now().us / 1000;
  RETURN_IF_ERROR(target_.database.write_now([&](Connection& connection) -> Result<void> {
    auto known = tracking::get_experiment_by_name(connection, experiment.name);
    if (!known && known.error().code != ErrorCode::kNotFound) return Failure(known.error());
    if (known) {
      id = known->id;
      if (known->stage == tracking::Stage::kActive) return {};
      return tracking::restore_experiment(connection, id, now_ms);  // of an import that was broken off
    }
    tracking::NewExperiment fresh{.name = experiment.name, .artifact_location = {}, .tags = experiment.tags};
    fresh.tags.push_back({.key = std::string(kOriginTag), .value = "mlflow experiment " + experiment.id});
    ASSIGN_OR_RETURN(id, tracking::create_experiment(connection, fresh, experiment.created_at_ms));
    return {};
  }));
  ++done_.experiments;
  return id;
}

Result<void> MlflowImport::take_runs(const tracking::Experiment& experiment, const std::string& id) {
  ASSIGN_OR_RETURN(std::vector<std::string> runs, source_.run_ids(experiment.id));
  for (const std::string& run : runs) {
    std::string there;
    RETURN_IF_ERROR(target_.database.read_now([&](Connection& connection) -> Result<void> {
      auto known = tracking::get_run(connection, run);
      if (known) there = known->info.artifact_uri;
      bool absent = !known && known.error().code == ErrorCode::kNotFound;
      return known || absent ? Result<void>{} : Failure(known.error());
    }));
    ASSIGN_OR_RETURN(SourceRun source, source_.run(experiment.id, run));
    if (!there.empty()) {
      roots_[source.run.info.artifact_uri] = there;
      ++done_.runs_there;
      continue;
    }
    RETURN_IF_ERROR(take_run(std::move(source), id));
    if (target_.progress) target_.progress(done_);
  }
  return {};
}

Result<void> MlflowImport::take_run(SourceRun source, const std::string& experiment_id) {
  source.history = distinct(std::move(source.history));
  ASSIGN_OR_RETURN(std::vector<StoredFile> files,
                   take_files(source.run.info.artifact_uri, "run " + source.run.info.run_id));
  RETURN_IF_ERROR(target_.database.write_now(
      [&](Connection& connection) { return write_run(connection, source, experiment_id, files); }));
  ++done_.runs;
  done_.points += static_cast<int64_t>(source.history.size());
  done_.params += static_cast<int64_t>(source.run.params.size());
  done_.tags += static_cast<int64_t>(source.run.tags.size());
  done_.files += static_cast<int64_t>(files.size());
  for (const StoredFile& file : files) done_.bytes += file.blob.size_bytes;
  return {};
}

Result<void> MlflowImport::write_run(Connection& connection, const SourceRun& source,
                                     const std::string& experiment_id, const std::vector<StoredFile>& files) {
  const tracking::RunInfo& info = source.run.info;
  tracking::NewRun fresh{.run_id = info.run_id,
                         .experiment_id = experiment_id,
                         .name = info.name,
                         .fallback_name = info.run_id,
                         .user_id = info.user_id,
                         .start_time_ms = info.start_time_ms,
                         .tags = source.run.tags};
  ASSIGN_OR_RETURN(tracking::Run made, tracking::create_run(connection, fresh));
  RETURN_IF_ERROR(log_all(connection, source));
  tracking::RunChange end{
      .run_id = info.run_id, .status = info.status, .end_time_ms = info.end_time_ms, .name = {}};
  RETURN_IF_ERROR(tracking::update_run(connection, end));
  RETURN_IF_ERROR(write_files(connection, files, made.info.artifact_uri));
  RETURN_IF_ERROR(check_run(connection, source));
  roots_[info.artifact_uri] = made.info.artifact_uri;
  if (info.stage == tracking::Stage::kActive) return {};
  return tracking::delete_run(connection, info.run_id, target_.clock.now().us / 1000);
}

Result<void> MlflowImport::check_run(Connection& connection, const SourceRun& source) {
  const std::string& id = source.run.info.run_id;
  ASSIGN_OR_RETURN(tracking::Run run, tracking::get_run(connection, id));
  ASSIGN_OR_RETURN(tracking::RunKey row, tracking::find_active_run(connection, id));
  std::set<std::string> keys;
  for (const Metric& metric : source.history) keys.insert(metric.key);
  size_t points = 0;
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(auto found, tracking::load_points(connection, row.run, key));
    points += found.size();
  }
  bool whole = run.params.size() == source.run.params.size() && run.metrics.size() == keys.size() &&
               points == source.history.size() && run.tags.size() >= source.run.tags.size();
  if (whole) return {};
  return differs("run " + id + " has " + std::to_string(source.run.params.size()) + " params and " +
                 std::to_string(source.history.size()) + " points, but " + std::to_string(run.params.size()) +
                 " and " + std::to_string(points) + " were read back");
}

Result<void> MlflowImport::take_logged_models(const tracking::Experiment& experiment, const std::string& id) {
  ASSIGN_OR_RETURN(std::vector<tracking::LoggedModel> models, source_.logged_models(experiment.id));
  for (tracking::LoggedModel& model : models) {
    std::string old_location = model.artifact_location;
    model.experiment_id = id;
    bool there = false;
    RETURN_IF_ERROR(target_.database.read_now([&](Connection& connection) -> Result<void> {
      auto known = tracking::get_logged_model(connection, model.model_id, tracking::Deleted::kShown);
      there = known.has_value();
      if (there) roots_[old_location] = known->artifact_location;
      bool absent = !known && known.error().code == ErrorCode::kNotFound;
      return known || absent ? Result<void>{} : Failure(known.error());
    }));
    if (there) continue;
    ASSIGN_OR_RETURN(std::vector<StoredFile> files,
                     take_files(old_location, "logged model " + model.model_id));
    RETURN_IF_ERROR(target_.database.write_now([&](Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(auto owner, tracking::get_experiment(connection, id));
      model.artifact_location =
          tracking::join_path(owner.artifact_location, "models/" + model.model_id + "/artifacts");
      RETURN_IF_ERROR(tracking::add_logged_model(connection, model));
      for (const tracking::LoggedModelMetric& measured : model.metrics) {
        RETURN_IF_ERROR(
            tracking::append_model_metrics(connection, measured.run_id, std::span(&measured.metric, 1)));
      }
      return write_files(connection, files, model.artifact_location);
    }));
    roots_[old_location] = model.artifact_location;
    ++done_.logged_models;
    done_.files += static_cast<int64_t>(files.size());
    for (const StoredFile& file : files) done_.bytes += file.blob.size_bytes;
  }
  return {};
}

fs::path MlflowImport::local_path(const std::string& location) const {
  if (location.starts_with(tracking::kArtifactScheme)) {
    Result<std::string> path = tracking::artifact_path_of(location);
    return path && !target_.artifacts.empty() ? target_.artifacts / *path : fs::path();
  }
  if (location.starts_with("file://")) return fs::path(location.substr(7));
  if (location.starts_with("file:")) return fs::path(location.substr(5));
  if (location.find("://") != std::string::npos || location.empty()) return {};
  fs::path path(location);
  return path.is_absolute() ? path : target_.base / path;
}

Result<std::vector<MlflowImport::StoredFile>> MlflowImport::take_files(const std::string& location,
                                                                       const std::string& of) {
  std::vector<StoredFile> files;
  fs::path root = local_path(location);
  std::error_code failure;
  if (root.empty()) {
    if (!location.empty()) note("the files of " + of + " are not here: " + location);
    return files;
  }
  if (!fs::is_directory(root, failure)) return files;  // nothing was logged
  for (fs::recursive_directory_iterator at(root, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored)) continue;
    std::string path = fs::relative(at->path(), root, ignored).generic_string();
    Result<std::string> checked = tracking::artifact_path(path);
    if (!checked) {
      note("a file of " + of + " has a name that artifacts can't have: " + path);
      continue;
    }
    ASSIGN_OR_RETURN(StoredFile file, take_file(at->path(), std::move(*checked)));
    files.push_back(std::move(file));
  }
  if (failure) return Failure(Error::from_errno(failure.value(), "cannot list " + root.string()));
  return files;
}

Result<MlflowImport::StoredFile> MlflowImport::take_file(const fs::path& file, std::string path) {
  std::error_code failure;
  auto size = static_cast<int64_t>(fs::file_size(file, failure));
  if (failure) return Failure(Error::from_errno(failure.value(), "cannot read " + file.string()));
  StoredFile stored{
      .path = std::move(path), .blob = {}, .content = {}, .inlined = size <= tracking::kInlineBytesMax};
  if (stored.inlined) {
    ASSIGN_OR_RETURN(stored.content, read_file(file, tracking::kInlineBytesMax));
    stored.blob = {.digest = Digest::of(stored.content),
                   .size_bytes = static_cast<int64_t>(stored.content.size())};
    return stored;
  }
  ASSIGN_OR_RETURN(stored.blob, target_.blobs.put_file(file));
  auto ignore = [](std::span<const std::byte>) -> Result<void> { return {}; };
  RETURN_IF_ERROR(target_.blobs.read(stored.blob.digest, blobs::Verify::kYes, ignore));
  return stored;
}

Result<void> MlflowImport::write_files(Connection& connection, const std::vector<StoredFile>& files,
                                       const std::string& uri) {
  ASSIGN_OR_RETURN(std::string root, tracking::artifact_path_of(uri));
  for (const StoredFile& file : files) {
    tracking::ArtifactFile row{.path = tracking::join_path(root, file.path),
                               .digest = file.blob.digest,
                               .size_bytes = file.blob.size_bytes,
                               .put_at = target_.clock.now(),
                               .inlined = file.inlined};
    RETURN_IF_ERROR(tracking::put_artifact(connection, row, file.content));
  }
  return {};
}

std::string MlflowImport::moved(const std::string& location) const {
  for (const auto& [old_root, root] : roots_) {
    if (old_root.empty() || !location.starts_with(old_root)) continue;
    std::string_view rest = std::string_view(location).substr(old_root.size());
    if (rest.empty() || rest.starts_with('/')) return root + std::string(rest);
  }
  return location;
}

}  // namespace penstock::app
