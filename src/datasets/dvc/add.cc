#include "datasets/dvc/add.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/parallel_for.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

// One target and where it is, or will be, tracked.
struct Plan {
  fs::path path;
  Stage stage;
  size_t output = 0;
  bool is_new = false;
};

Error refused(std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message)};
}

bool is_below(const fs::path& path, const fs::path& folder) {
  return path.string().starts_with(folder.string() + "/");
}

bool leads_through_symlink(const fs::path& path, const fs::path& root) {
  for (fs::path at = path.parent_path(); at != root && at.has_relative_path(); at = at.parent_path()) {
    if (fs::is_symlink(at)) return true;
  }
  return fs::is_symlink(path) && fs::is_directory(path);
}

Result<Plan> plan_new(Repository& repository, const std::vector<Stage>& stages, const fs::path& path) {
  if (!repository.is_inside(path)) {
    return Failure(
        refused(fmt::format("'{}' lies outside of the repository: copy it in with --out", path.string())));
  }
  if (leads_through_symlink(path, repository.root())) {
    return Failure(
        refused(fmt::format("Cannot add files inside symlinked directories to DVC: '{}'", path.string())));
  }
  if (path.filename() == "dvc.yaml" || path.extension() == ".dvc")
    return Failure(refused(fmt::format("DVC file '{}' cannot be an output.", repository.shown(path))));
  for (const Stage& stage : stages) {
    for (const Output& output : stage.outputs) {
      fs::path other = stage.path_of(output.path);
      if (!is_below(other, path)) continue;
      return Failure(
          refused(fmt::format("Cannot add '{0}', because it is overlapping with other DVC tracked output: "
                              "'{1}'.\nTo include '{1}' in "
                              "'{0}', run 'penstock data remove {2}' and then 'penstock data add {0}'",
                              repository.shown(path), repository.shown(other), repository.address(stage))));
    }
  }
  if (const IgnoreRule* rule =
          repository.ignore().ignoring(repository.tree().relative(path), fs::is_directory(path)))
    return Failure(refused(fmt::format("Path '{}' is ignored by {}", repository.shown(path), rule->source)));
  fs::path file = path;
  file += ".dvc";
  if (repository.git() != nullptr && repository.git()->ignores(file, false))
    return Failure(refused(fmt::format("bad DVC file name '{}' is git-ignored.", repository.shown(file))));
  Plan plan{.path = path, .stage = {.file = file}, .is_new = true};
  plan.stage.outputs.push_back({.path = path.filename().string()});
  return plan;
}

Result<Plan> plan_target(Repository& repository, const std::vector<Stage>& stages, const std::string& word) {
  fs::path path = repository.environment().absolute(word);
  if (!path.has_filename()) path = path.parent_path();
  for (const Stage& stage : stages) {
    for (size_t i = 0; i < stage.outputs.size(); ++i) {
      fs::path output = stage.path_of(stage.outputs[i].path);
      if (path != output && !is_below(path, output)) continue;
      if (stage.is_pipeline() || stage.command.kind != Value::Kind::kNull) {
        return Failure(
            refused(fmt::format("cannot update '{}': overlaps with an output of stage: '{}' in '{}'.\nRun "
                                "the pipeline or use 'penstock data commit' to force update it.",
                                word, repository.address(stage), repository.shown(stage.file))));
      }
      if (path != output && !stage.outputs[i].hash.id.empty() && !stage.outputs[i].hash.is_folder()) {
        return Failure(refused(
            fmt::format("Cannot modify '{}' which is being tracked as a file", repository.shown(output))));
      }
      return Plan{.path = path, .stage = stage, .output = i};
    }
  }
  if (!FileStamp::of(path))
    return Failure(Error::not_found(fmt::format("output '{}' does not exist", repository.shown(path))));
  return plan_new(repository, stages, path);
}

// A change inside of a tracked folder: its manifest with this part replaced.
Result<void> add_within(Repository& repository, Plan& plan, Storing storing, Committing committing) {
  Output& output = plan.stage.outputs[plan.output];
  std::string prefix = plan.path.lexically_relative(plan.stage.path_of(output.path)).string();
  Manifest manifest;
  if (!output.hash.id.empty()) {
    ASSIGN_OR_RETURN(const Manifest* old, repository.manifest(output.hash));
    manifest = *old;
  }
  size_t removed = std::erase_if(manifest.entries, [&](const ManifestEntry& entry) {
    return entry.path == prefix || entry.path.starts_with(prefix + "/");
  });
  Result<Content> content = repository.tree().read(plan.path, HashKind::kBytes, &repository.cache(), storing);
  if (!content && (content.error().code != ErrorCode::kNotFound || removed == 0))
    return Failure(std::move(content).error());
  if (content && content->hash.is_folder()) {
    for (const ManifestEntry& entry : content->manifest.entries)
      manifest.entries.push_back({.path = prefix + "/" + entry.path, .md5 = entry.md5});
  } else if (content) {
    manifest.entries.push_back({.path = prefix, .md5 = content->hash.id});
  }
  manifest.sort();
  ContentHash hash{.id = manifest.id(), .files = static_cast<int64_t>(manifest.entries.size())};
  if (content && removed == 0 && output.hash.bytes.value_or(0) > 0) {
    hash.bytes = *output.hash.bytes + content->hash.bytes.value_or(0);
  } else if (hash.id == output.hash.id) {
    hash.bytes = output.hash.bytes;
  }
  output.hash = hash;
  if (committing == Committing::kToCache) RETURN_IF_ERROR(repository.cache().put(hash.id, manifest.text()));
  return content && committing == Committing::kToCache ? relink(repository, plan.path, *content)
                                                       : Result<void>{};
}

Result<void> add_planned(Repository& repository, Plan& plan, const AddOptions& options) {
  Output& output = plan.stage.outputs[plan.output];
  fs::path whole = plan.stage.path_of(output.path);
  bool to_cache = options.committing == Committing::kToCache && output.cached;
  Storing storing = to_cache ? repository.storing() : Storing::kNo;
  // Before content goes to the cache, so that a refusal leaves nothing behind.
  RETURN_IF_ERROR(repository.ignore_output(whole, fs::is_directory(whole)));
  if (plan.path != whole) {
    RETURN_IF_ERROR(add_within(repository, plan, storing, options.committing));
  } else {
    ASSIGN_OR_RETURN(Content content,
                     repository.tree().read(plan.path, HashKind::kBytes, &repository.cache(), storing));
    output.hash = content.hash;
    if (to_cache && options.relinking == Relinking::kYes)
      RETURN_IF_ERROR(relink(repository, plan.path, content));
  }
  std::optional<FileStamp> stamp = FileStamp::of(whole);
  if (stamp && to_cache)
    repository.links().record(repository.tree().relative(whole),
                              LinkJournal::mark_of(repository.tree(), whole));
  RETURN_IF_ERROR(write_stage_file(plan.stage));
  repository.track(plan.stage.file);
  return {};
}

// "--out": the content of something elsewhere, put into the repository under another name.
Result<std::vector<Stage>> add_from_elsewhere(Repository& repository, const std::string& source,
                                              const std::vector<Stage>& stages, const AddOptions& options) {
  fs::path from = repository.environment().absolute(source);
  fs::path path = repository.environment().absolute(options.out);
  if (fs::is_directory(path)) path /= from.filename();
  if (FileStamp::of(path) && !options.force)
    return Failure(
        refused(fmt::format("The file '{}' already exists locally. To override it, re-run with '--force'.",
                            repository.shown(path))));
  ASSIGN_OR_RETURN(Plan plan, plan_new(repository, stages, path));
  ASSIGN_OR_RETURN(Content content,
                   repository.tree().read(from, HashKind::kBytes, &repository.cache(), Storing::kCopy));
  plan.stage.outputs[0].hash = content.hash;
  plan.stage.outputs[0].hash.executable = false;
  std::error_code failure;
  fs::remove_all(path, failure);
  if (!content.hash.is_folder()) {
    RETURN_IF_ERROR(link_object(repository.cache().path_of(content.hash.id), path, repository.link_types()));
  } else {
    fs::create_directories(path, failure);
    for (const ManifestEntry& entry : content.manifest.entries) {
      fs::create_directories((path / entry.path).parent_path(), failure);
      RETURN_IF_ERROR(
          link_object(repository.cache().path_of(entry.md5), path / entry.path, repository.link_types()));
    }
  }
  RETURN_IF_ERROR(repository.ignore_output(path, content.hash.is_folder()));
  RETURN_IF_ERROR(write_stage_file(plan.stage));
  repository.track(plan.stage.file);
  return std::vector<Stage>{plan.stage};
}

bool has_wanted_link(const Repository& repository, const FileStamp& stamp, const fs::path& path,
                     const fs::path& object) {
  switch (repository.link_types().front()) {
    case LinkType::kReflink:
    case LinkType::kCopy:
      return !stamp.is_symlink && stamp.links == 1;
    case LinkType::kHardlink: {
      std::optional<FileStamp> other = FileStamp::of(object);
      return !stamp.is_symlink && (stamp.bytes == 0 || (other && other->inode == stamp.inode));
    }
    case LinkType::kSymlink: {
      std::error_code none;
      return stamp.is_symlink && fs::read_symlink(path, none) == object;
    }
  }
  return false;
}

}  // namespace

Result<void> relink(Repository& repository, const fs::path& path, const Content& content) {
  struct File {
    fs::path path;
    std::string id;
  };
  std::vector<File> files;
  if (content.hash.is_folder()) {
    for (const FoundFile& file : content.files) files.push_back({path / file.path, file.id});
  } else {
    files.push_back({path, content.hash.id});
  }
  std::mutex mutex;
  std::optional<Error> failure;
  parallel_for(repository.tree().pool(), repository.tree().threads() - 1, files.size(), [&](size_t i) {
    const File& file = files[i];
    std::optional<FileStamp> stamp = FileStamp::of(file.path);
    fs::path object = repository.cache().path_of(file.id);
    // A copy that cannot be shared is as good as another one.
    bool copies = repository.link_types().front() == LinkType::kReflink;
    if (!stamp || (copies && !stamp->is_symlink && stamp->links == 1)) return;
    if (has_wanted_link(repository, *stamp, file.path, object)) return;
    Result<void> linked = link_object(object, file.path, repository.link_types());
    if (linked && content.hash.executable) ::chmod(file.path.c_str(), stamp->mode & 07777);
    if (linked) {
      if (std::optional<FileStamp> now = FileStamp::of(file.path)) {
        Md5 md5 = md5_of_hex(file.id);
        repository.state().put(file.path.string(), *now, md5);
      }
      return;
    }
    std::lock_guard lock(mutex);
    if (!failure) failure = std::move(linked).error();
  });
  if (failure) return Failure(std::move(*failure));
  return {};
}

Result<std::vector<Stage>> add(Repository& repository, const std::vector<std::string>& targets,
                               const AddOptions& options) {
  ASSIGN_OR_RETURN(std::vector<Stage> stages, repository.stages());
  if (!options.out.empty()) return add_from_elsewhere(repository, targets.at(0), stages, options);
  std::vector<Plan> plans;
  std::vector<fs::path> written;
  for (const std::string& target : targets) {
    ASSIGN_OR_RETURN(Plan plan, plan_target(repository, stages, target));
    written.push_back(plan.path);
    if (plan.is_new) stages.push_back(plan.stage);
    plans.push_back(std::move(plan));
  }
  RETURN_IF_ERROR(RepositoryLock::check_writers(repository.dvc_folder(), written));
  std::vector<Stage> added;
  for (size_t i = 0; i < plans.size(); ++i) {
    // Two targets may lie in one folder: each goes on from what the one before has written.
    for (const Stage& before : added) {
      if (before.file == plans[i].stage.file) plans[i].stage = before;
    }
    RETURN_IF_ERROR(add_planned(repository, plans[i], options));
    added.push_back(plans[i].stage);
  }
  return added;
}

}  // namespace penstock::datasets::dvc
