#include "datasets/dvc/change.h"

#include <fmt/format.h>

#include "datasets/dvc/checkout.h"
#include "datasets/dvc/params_file.h"
#include "datasets/dvc/pipeline_file.h"
#include "datasets/dvc/status.h"
#include "datasets/dvc/template.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

Error refused(std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message)};
}

// Whether a commit of this stage would change what is written down.
Result<bool> is_changed(Repository& repository, const Stage& stage) {
  for (const Output& output : stage.outputs) {
    ASSIGN_OR_RETURN(std::string state, output_status(repository, stage, output));
    if (!state.empty() && state != "not in cache") return true;
  }
  for (const Dependency& dependency : stage.dependencies) {
    ASSIGN_OR_RETURN(Value state, dependency_status(repository, stage, dependency, SourceCheck::kNo));
    if (!state.members.empty()) return true;
  }
  return stage.is_pipeline() && (stage.command_changed || !stage.locked);
}

Result<void> save_sources(Repository& repository, Stage& stage) {
  for (Dependency& dependency : stage.dependencies) {
    if (dependency.repo || is_url(dependency.path)) continue;
    ASSIGN_OR_RETURN(Content content, repository.tree().read(stage.path_of(dependency.path), HashKind::kBytes,
                                                             nullptr, Storing::kNo));
    dependency.hash = content.hash;
  }
  for (ParamsOf& params : stage.params) {
    ASSIGN_OR_RETURN(Value now, read_params_file(stage.path_of(params.file)));
    params.values = Value::map();
    if (params.names.empty()) params.values = now;
    for (const std::string& name : params.names) {
      const Value* value = value_at(now, name);
      if (value == nullptr)
        return Failure(
            Error::invalid(name, fmt::format("Parameters '{}' are missing from '{}'.", name, params.file)));
      params.values.set(name, *value);
    }
  }
  return {};
}

Result<void> commit_stage(Repository& repository, Target& target, Committing committing,
                          Relinking relinking) {
  Stage& stage = target.stage;
  RETURN_IF_ERROR(save_sources(repository, stage));
  for (size_t i = 0; i < stage.outputs.size(); ++i) {
    if (target.output && *target.output != i) continue;
    Output& output = stage.outputs[i];
    fs::path path = stage.path_of(output.path);
    bool caches = output.cached && committing == Committing::kToCache;
    if (output.cached) RETURN_IF_ERROR(repository.ignore_output(path, fs::is_directory(path)));
    ASSIGN_OR_RETURN(Content content, repository.tree().read(path, HashKind::kBytes, &repository.cache(),
                                                             caches ? repository.storing() : Storing::kNo));
    // A hash of DVC 2 stays one as long as its content does.
    bool legacy = output.hash.kind == HashKind::kDos2Unix && !output.hash.id.empty();
    if (legacy) {
      ASSIGN_OR_RETURN(Content old, repository.tree().read(path, HashKind::kDos2Unix, nullptr, Storing::kNo));
      if (old.hash.id == output.hash.id) continue;
    }
    output.hash = content.hash;
    if (caches && relinking == Relinking::kYes) RETURN_IF_ERROR(relink(repository, path, content));
  }
  stage.md5 = stage.own_md5();
  stage.command_changed = false;
  stage.locked = true;
  return stage.is_pipeline() ? write_lock_file({stage}) : write_stage_file(stage);
}

}  // namespace

Result<void> commit(Repository& repository, const std::vector<std::string>& words,
                    const CommitOptions& options, Depth depth) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets(words, depth));
  for (Target& target : targets) {
    ASSIGN_OR_RETURN(bool changed, is_changed(repository, target.stage));
    std::string name = repository.address(target.stage);
    if (changed && !options.force &&
        !repository.environment().confirm(
            fmt::format("outputs or dependencies of stage: '{}' changed. Are you sure "
                        "you want to commit it?",
                        name))) {
      return Failure(
          refused(fmt::format("unable to commit changed stage: '{}'. Use `-f|--force` to force.", name)));
    }
    RETURN_IF_ERROR(commit_stage(repository, target, Committing::kToCache, options.relinking));
  }
  return {};
}

Result<void> record_stage(Repository& repository, Stage& stage, Committing committing) {
  Target target{.stage = stage};
  RETURN_IF_ERROR(commit_stage(repository, target, committing, Relinking::kYes));
  stage = std::move(target.stage);
  return {};
}

Result<void> remove_stage(Repository& repository, const std::string& word, RemovedData data) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets({word}));
  const Target& target = targets.front();
  if (target.output) {
    return Failure(Error::invalid("", fmt::format("'{0}' is not a .dvc file. Do you mean '{1}'?", word,
                                                  repository.shown(target.stage.file))));
  }
  const Stage& stage = target.stage;
  if (stage.is_pipeline()) {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented,
              .message = "stages of dvc.yaml are taken out by an editor, or by: dvc remove " + word});
  }
  for (const Output& output : stage.outputs) {
    fs::path path = stage.path_of(output.path);
    std::error_code failure;
    if (data == RemovedData::kDeleted) {
      fs::remove_all(path, failure);
    } else if (output.cached && FileStamp::of(path)) {
      RETURN_IF_ERROR(unprotect(repository, path));
    }
    RETURN_IF_ERROR(repository.unignore_output(path));
    repository.links().forget(repository.tree().relative(path));
  }
  std::error_code failure;
  fs::remove(stage.file, failure);
  if (failure)
    return Failure(Error::internal("cannot remove " + stage.file.string() + ": " + failure.message()));
  return {};
}

Result<void> move(Repository& repository, const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets({from}));
  fs::path old_path = repository.environment().absolute(from);
  const Target& target = targets.front();
  if (!target.output || !target.within.empty())
    return Failure(Error::not_found(fmt::format("Unable to find DVC file with output '{}'", from)));
  if (target.stage.is_pipeline() || target.stage.command.kind != Value::Kind::kNull)
    return Failure(
        refused(fmt::format("move is not permitted for stages that are not data sources: '{}'", from)));
  fs::path path = repository.environment().absolute(to);
  if (!path.has_filename()) path = path.parent_path();
  if (fs::is_directory(path)) path /= old_path.filename();
  Stage stage = target.stage;
  Output& output = stage.outputs[*target.output];
  bool same_name = stage.file.filename().string() == old_path.filename().string() + ".dvc";
  fs::path old_file = stage.file;
  if (same_name) {
    stage.file = path.string() + ".dvc";
    if (fs::exists(stage.file))
      return Failure(refused(fmt::format("'{}' already exists", repository.shown(stage.file))));
    stage.work_folder.clear();
    stage.text.reset();
    for (Dependency& dependency : stage.dependencies) {
      if (dependency.repo || is_url(dependency.path) || dependency.path.starts_with('/')) continue;
      dependency.path = target.stage.path_of(dependency.path).lexically_relative(stage.folder()).string();
    }
  }
  output.path = path.lexically_relative(stage.folder()).string();
  bool exists = FileStamp::of(old_path).has_value();
  if (exists) {
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    fs::rename(old_path, path, failure);
    if (failure)
      return Failure(Error::internal(fmt::format("cannot move {} to {}: {}", from, to, failure.message())));
  }
  RETURN_IF_ERROR(repository.unignore_output(old_path));
  RETURN_IF_ERROR(repository.ignore_output(path, fs::is_directory(path)));
  repository.links().forget(repository.tree().relative(old_path));
  if (exists) {
    ASSIGN_OR_RETURN(Content content,
                     repository.tree().read(path, HashKind::kBytes, &repository.cache(),
                                            output.cached ? repository.storing() : Storing::kNo));
    output.hash = content.hash;
    if (output.cached) RETURN_IF_ERROR(relink(repository, path, content));
  }
  stage.md5 = stage.own_md5();
  RETURN_IF_ERROR(write_stage_file(stage));
  repository.track(stage.file);
  if (same_name) {
    std::error_code failure;
    fs::remove(old_file, failure);
    repository.track(old_file);
  }
  return {};
}

}  // namespace penstock::datasets::dvc
