#include <algorithm>
#include <limits>
#include <map>

#include "app/mlflow_source.h"
#include "core/file.h"
#include "core/text.h"
#include "core/yaml.h"

// An mlruns folder as MLflow's FileStore writes it (mlflow/store/tracking/file_store.py):
//   mlruns/<experiment>/meta.yaml, tags/, datasets/<id>/meta.yaml,
//   models/<model>/{meta.yaml,tags/,params/,metrics/} mlruns/<experiment>/<run>/meta.yaml, params/<key>,
//   tags/<key>, metrics/<key>, inputs/<id>/meta.yaml mlruns/models/<name>/meta.yaml, tags/, aliases/<alias>,
//   version-<n>/{meta.yaml,tags/} mlruns/.trash/<experiment>
namespace penstock::app {
namespace {

namespace fs = std::filesystem;
using tracking::Tag;
using tracking::Tags;

constexpr size_t kMetaBytesMax = 4 << 20;
constexpr size_t kValueBytesMax = 1 << 20;
constexpr size_t kMetricBytesMax = 1 << 30;
constexpr std::string_view kRunStatuses[] = {"", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};

Result<YamlNode> read_meta(const fs::path& folder) {
  fs::path file = folder / "meta.yaml";
  ASSIGN_OR_RETURN(std::string text, read_file(file, kMetaBytesMax));
  return parse_yaml(text, file.string());
}

int64_t integer(const YamlNode& meta, std::string_view key, int64_t fallback = 0) {
  return parse_int(meta.text_at(key)).value_or(fallback);
}

// Names of what is in a folder, sorted; none where it is absent. Below it too if `deep`: keys may hold '/'.
enum class Depth : uint8_t { kFolders, kFiles, kFilesBelow };
std::vector<std::string> names_in(const fs::path& folder, Depth depth) {
  std::vector<std::string> names;
  std::error_code failure;
  if (depth == Depth::kFilesBelow) {
    for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end;
         at.increment(failure)) {
      if (at->is_regular_file(failure)) names.push_back(fs::relative(at->path(), folder).generic_string());
    }
  } else {
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
      bool wanted = depth == Depth::kFolders ? at->is_directory(failure) : at->is_regular_file(failure);
      if (wanted) names.push_back(at->path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

Result<Tags> read_values(const fs::path& folder) {
  Tags tags;
  for (const std::string& key : names_in(folder, Depth::kFilesBelow)) {
    ASSIGN_OR_RETURN(std::string value, read_file(folder / key, kValueBytesMax));
    if (value.ends_with('\n')) value.pop_back();
    tags.push_back({.key = key, .value = std::move(value)});
  }
  return tags;
}

double number_of(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::string lower = to_lower(text);
  if (lower == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (lower == "inf" || lower == "infinity") return kInfinity;
  if (lower == "-inf" || lower == "-infinity") return -kInfinity;
  return parse_number(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

// "timestamp value step [dataset name and digest, run]" in each line.
Result<std::vector<tracking::Metric>> read_metric(const fs::path& folder, const std::string& key,
                                                  std::vector<std::string>* runs = nullptr) {
  std::vector<tracking::Metric> points;
  ASSIGN_OR_RETURN(std::string text, read_file(folder / key, kMetricBytesMax));
  for (std::string_view line : split(text, '\n')) {
    std::vector<std::string_view> parts = split(trim(line), ' ');
    if (parts.size() < 2) continue;
    tracking::Metric point{.key = key,
                           .value = number_of(parts[1]),
                           .timestamp_ms = parse_int(parts[0]).value_or(0),
                           .step = parts.size() > 2 ? static_cast<int64_t>(number_of(parts[2])) : 0,
                           .model_id = {},
                           .dataset_name = {},
                           .dataset_digest = {}};
    if (runs != nullptr) {
      if (parts.size() >= 6) point.dataset_name = parts[4], point.dataset_digest = parts[5];
      runs->emplace_back(parts.size() > 3 ? parts[3] : std::string_view());
    }
    points.push_back(std::move(point));
  }
  return points;
}

tracking::Stage stage_of(const YamlNode& meta) {
  return meta.text_at("lifecycle_stage") == "deleted" ? tracking::Stage::kDeleted : tracking::Stage::kActive;
}

class MlflowFolder final : public MlflowSource {
 public:
  explicit MlflowFolder(fs::path folder) : folder_(std::move(folder)) {}

  Result<std::vector<tracking::Experiment>> experiments() override;
  Result<std::vector<std::string>> run_ids(const std::string& experiment_id) override;
  Result<SourceRun> run(const std::string& experiment_id, const std::string& run_id) override;
  Result<std::vector<tracking::LoggedModel>> logged_models(const std::string& experiment_id) override;
  Result<std::vector<SourceModel>> models() override;
  Result<std::vector<LeftOut>> left_out() override;

 private:
  fs::path experiment_folder(const std::string& id) const { return places_.at(id); }
  Result<std::vector<tracking::DatasetInput>> inputs(const fs::path& run, const fs::path& experiment);
  Result<SourceModel> model(const fs::path& folder, const std::string& name);

  fs::path folder_;
  std::map<std::string, fs::path> places_;  // of experiments, deleted ones too
};

Result<std::vector<tracking::Experiment>> MlflowFolder::experiments() {
  std::vector<tracking::Experiment> found;
  places_.clear();
  for (const fs::path& root : {folder_, folder_ / ".trash"}) {
    for (const std::string& name : names_in(root, Depth::kFolders)) {
      std::error_code ignored;
      if (!parse_int(name) || !fs::exists(root / name / "meta.yaml", ignored)) continue;
      ASSIGN_OR_RETURN(YamlNode meta, read_meta(root / name));
      tracking::Experiment experiment{.id = name,
                                      .name = std::string(meta.text_at("name")),
                                      .artifact_location = std::string(meta.text_at("artifact_location")),
                                      .stage = stage_of(meta),
                                      .created_at_ms = integer(meta, "creation_time"),
                                      .updated_at_ms = integer(meta, "last_update_time"),
                                      .tags = {}};
      if (root != folder_) experiment.stage = tracking::Stage::kDeleted;
      ASSIGN_OR_RETURN(experiment.tags, read_values(root / name / "tags"));
      places_[name] = root / name;
      found.push_back(std::move(experiment));
    }
  }
  return found;
}

Result<std::vector<std::string>> MlflowFolder::run_ids(const std::string& experiment_id) {
  std::vector<std::string> ids;
  fs::path experiment = experiment_folder(experiment_id);
  for (const std::string& name : names_in(experiment, Depth::kFolders)) {
    std::error_code ignored;
    bool other = name == "tags" || name == "datasets" || name == "models" || name == "traces";
    if (!other && fs::exists(experiment / name / "meta.yaml", ignored)) ids.push_back(name);
  }
  return ids;
}

Result<std::vector<tracking::DatasetInput>> MlflowFolder::inputs(const fs::path& run,
                                                                 const fs::path& experiment) {
  std::vector<tracking::DatasetInput> found;
  for (const std::string& name : names_in(run / "inputs", Depth::kFolders)) {
    ASSIGN_OR_RETURN(YamlNode link, read_meta(run / "inputs" / name));
    std::string dataset(link.text_at("source_id"));
    if (dataset.empty() || dataset.find('/') != std::string::npos) continue;
    Result<YamlNode> meta = read_meta(experiment / "datasets" / dataset);
    if (!meta) continue;  // a model as an input, which has no folder there
    tracking::DatasetInput input{.dataset = {.name = std::string(meta->text_at("name")),
                                             .digest = std::string(meta->text_at("digest")),
                                             .source_type = std::string(meta->text_at("source_type")),
                                             .source = std::string(meta->text_at("source")),
                                             .schema = std::string(meta->text_at("schema")),
                                             .profile = std::string(meta->text_at("profile"))},
                                 .tags = {}};
    if (const YamlNode* tags = link.find("tags"); tags != nullptr) {
      for (const auto& [key, value] : tags->members)
        input.tags.push_back({.key = key, .value = value.scalar});
    }
    found.push_back(std::move(input));
  }
  return found;
}

Result<SourceRun> MlflowFolder::run(const std::string& experiment_id, const std::string& run_id) {
  fs::path experiment = experiment_folder(experiment_id);
  fs::path folder = experiment / run_id;
  ASSIGN_OR_RETURN(YamlNode meta, read_meta(folder));
  SourceRun source;
  int64_t status = integer(meta, "status", 3);
  source.run.info = {.run_id = run_id,
                     .experiment_id = experiment_id,
                     .name = std::string(meta.text_at("run_name")),
                     .user_id = std::string(meta.text_at("user_id")),
                     .status = std::string(kRunStatuses[status < 1 || status > 5 ? 3 : status]),
                     .start_time_ms = integer(meta, "start_time"),
                     .end_time_ms = parse_int(meta.text_at("end_time")),
                     .artifact_uri = std::string(meta.text_at("artifact_uri")),
                     .stage = stage_of(meta)};
  ASSIGN_OR_RETURN(source.run.params, read_values(folder / "params"));
  ASSIGN_OR_RETURN(source.run.tags, read_values(folder / "tags"));
  ASSIGN_OR_RETURN(source.run.datasets, inputs(folder, experiment));
  for (const std::string& key : names_in(folder / "metrics", Depth::kFilesBelow)) {
    ASSIGN_OR_RETURN(std::vector<tracking::Metric> points, read_metric(folder / "metrics", key));
    std::ranges::move(points, std::back_inserter(source.history));
  }
  return source;
}

Result<std::vector<tracking::LoggedModel>> MlflowFolder::logged_models(const std::string& experiment_id) {
  std::vector<tracking::LoggedModel> found;
  fs::path folder = experiment_folder(experiment_id) / "models";
  for (const std::string& id : names_in(folder, Depth::kFolders)) {
    Result<YamlNode> meta = read_meta(folder / id);
    if (!meta) continue;
    int64_t status = integer(*meta, "status", 2);
    tracking::LoggedModel model{
        .model_id = id,
        .experiment_id = experiment_id,
        .name = std::string(meta->text_at("name")),
        .artifact_location = std::string(meta->text_at("artifact_location")),
        .created_at_ms = integer(*meta, "creation_timestamp"),
        .updated_at_ms = integer(*meta, "last_updated_timestamp"),
        .model_type = std::string(meta->text_at("model_type")),
        .source_run_id = std::string(meta->text_at("source_run_id")),
        .status = static_cast<tracking::LoggedModelStatus>(std::clamp<int64_t>(status, 0, 3)),
        .deleted = meta->text_at("lifecycle_stage") == "deleted",
        .tags = {},
        .params = {},
        .metrics = {}};
    ASSIGN_OR_RETURN(model.tags, read_values(folder / id / "tags"));
    ASSIGN_OR_RETURN(model.params, read_values(folder / id / "params"));
    for (const std::string& key : names_in(folder / id / "metrics", Depth::kFilesBelow)) {
      std::vector<std::string> runs;
      ASSIGN_OR_RETURN(auto points, read_metric(folder / id / "metrics", key, &runs));
      for (size_t i = 0; i < points.size(); ++i) {
        points[i].model_id = id;
        model.metrics.push_back({.metric = std::move(points[i]), .run_id = std::move(runs[i])});
      }
    }
    found.push_back(std::move(model));
  }
  return found;
}

Result<SourceModel> MlflowFolder::model(const fs::path& folder, const std::string& name) {
  ASSIGN_OR_RETURN(YamlNode meta, read_meta(folder));
  SourceModel model{.name = name,
                    .description = std::string(meta.text_at("description")),
                    .created_at_ms = integer(meta, "creation_timestamp"),
                    .updated_at_ms = integer(meta, "last_updated_timestamp"),
                    .tags = {},
                    .aliases = {},
                    .versions = {}};
  ASSIGN_OR_RETURN(model.tags, read_values(folder / "tags"));
  ASSIGN_OR_RETURN(Tags aliases, read_values(folder / "aliases"));
  for (const Tag& alias : aliases) {
    model.aliases.emplace_back(alias.key, parse_int(trim(alias.value)).value_or(0));
  }
  for (const std::string& entry : names_in(folder, Depth::kFolders)) {
    if (!entry.starts_with("version-")) continue;
    ASSIGN_OR_RETURN(YamlNode version, read_meta(folder / entry));
    if (version.text_at("current_stage") == "Deleted_Internal") continue;
    SourceVersion one{.number = integer(version, "version"),
                      .description = std::string(version.text_at("description")),
                      .created_at_ms = integer(version, "creation_timestamp"),
                      .updated_at_ms = integer(version, "last_updated_timestamp"),
                      .stage = std::string(version.text_at("current_stage")),
                      .source = std::string(version.text_at("source")),
                      .run_id = std::string(version.text_at("run_id")),
                      .run_link = std::string(version.text_at("run_link")),
                      .tags = {}};
    ASSIGN_OR_RETURN(one.tags, read_values(folder / entry / "tags"));
    model.versions.push_back(std::move(one));
  }
  std::ranges::sort(model.versions, {}, &SourceVersion::number);
  return model;
}

Result<std::vector<SourceModel>> MlflowFolder::models() {
  std::vector<SourceModel> found;
  for (const std::string& name : names_in(folder_ / "models", Depth::kFolders)) {
    std::error_code ignored;
    if (!fs::exists(folder_ / "models" / name / "meta.yaml", ignored)) continue;
    ASSIGN_OR_RETURN(SourceModel one, model(folder_ / "models" / name, name));
    found.push_back(std::move(one));
  }
  return found;
}

Result<std::vector<LeftOut>> MlflowFolder::left_out() {
  LeftOut traces{.what = "traces"};
  for (const auto& [id, place] : places_) {
    traces.count += static_cast<int64_t>(names_in(place / "traces", Depth::kFolders).size());
  }
  if (traces.count == 0) return std::vector<LeftOut>();
  return std::vector{traces};
}

}  // namespace

Result<std::unique_ptr<MlflowSource>> open_mlflow_folder(const fs::path& folder) {
  std::unique_ptr<MlflowSource> source = std::make_unique<MlflowFolder>(folder);
  ASSIGN_OR_RETURN(auto experiments, source->experiments());
  if (!experiments.empty()) return source;
  return Failure(Error::invalid("PATH", folder.string() +
                                            " is not an mlruns folder: no folder in it is named by "
                                            "a number and has a meta.yaml"));
}

Result<std::unique_ptr<MlflowSource>> open_mlflow_store(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return open_mlflow_folder(path);
  return open_mlflow_database(path);
}

}  // namespace penstock::app
