#include "datasets/dvc/used.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/dvc/remote.h"
#include "datasets/dvc/transfer.h"

namespace penstock::datasets::dvc {
namespace {

// Collects each object once, under the name that needed it first.
class Collector {
 public:
  Collector(Repository& repository, Purpose purpose) : repository_(repository), purpose_(purpose) {}

  Result<void> take(const Target& target) {
    const Stage& stage = target.stage;
    if (stage.is_repo_import()) {
      if (purpose_ != Purpose::kPush) used_.imports.insert(stage.file.string());
      if (purpose_ != Purpose::kKeep) return {};
    }
    for (size_t i = 0; i < stage.outputs.size(); ++i) {
      if (target.output && *target.output != i) continue;
      const Output& output = stage.outputs[i];
      bool counts = output.cached && !output.hash.id.empty() && (purpose_ != Purpose::kPush || output.pushed);
      if (counts) RETURN_IF_ERROR(take(target, output));
    }
    return {};
  }

  Used finish() { return std::move(used_); }

 private:
  Result<void> take(const Target& target, const Output& output) {
    std::filesystem::path path = target.stage.path_of(output.path);
    UsedObject object{.id = output.hash.id,
                      .kind = output.hash.kind,
                      .name = repository_.shown(path),
                      .remote = output.remote,
                      .pushed = output.pushed};
    bool is_new = put(object);
    if (!output.hash.is_folder() || (!is_new && target.within.empty())) return {};
    Result<const Manifest*> manifest = repository_.manifest(output.hash);
    if (!manifest) {
      if (manifest.error().code != ErrorCode::kNotFound) return Failure(std::move(manifest).error());
      used_.incomplete.push_back(std::move(object));
      return {};
    }
    std::string within = target.within.empty() ? "" : target.within.lexically_relative(path).string();
    std::string prefix = object.name + "/";
    for (const ManifestEntry& entry : (*manifest)->entries) {
      if (!within.empty() && entry.path != within && !entry.path.starts_with(within + "/")) continue;
      object.id = entry.md5;
      object.name = prefix + entry.path;
      put(object);
    }
    return {};
  }

  bool put(const UsedObject& object) {
    if (!seen_.insert(object.key()).second) return false;
    used_.objects.push_back(object);
    return true;
  }

  Repository& repository_;
  Purpose purpose_;
  Used used_;
  std::set<std::tuple<std::string, HashKind, std::string>> seen_;
};

Result<void> add_with_parents(const Git& git, const std::string& revision, int64_t last,
                              std::set<std::string>& commits) {
  ASSIGN_OR_RETURN(std::string commit, git.resolve(revision));
  commits.insert(commit);
  for (int64_t n = 1; n < last; ++n) {
    Result<std::string> parent = git.resolve(fmt::format("{}~{}", revision, n));
    if (!parent) break;
    commits.insert(*parent);
  }
  return {};
}

Result<std::set<std::string>> commits_of(Repository& repository, const Revisions& revisions) {
  std::set<std::string> commits;
  bool any =
      revisions.all_branches || revisions.all_tags || revisions.all_commits || !revisions.named.empty();
  if (!any) return commits;
  if (repository.git() == nullptr) return Failure(Error::not_found("Only supported for Git repositories"));
  const Git& git = *repository.git();
  std::vector<std::string> names = revisions.named;
  if (revisions.all_branches) {
    ASSIGN_OR_RETURN(std::vector<std::string> branches, git.branches());
    std::ranges::move(branches, std::back_inserter(names));
  }
  for (const std::string& name : names) RETURN_IF_ERROR(add_with_parents(git, name, revisions.last, commits));
  if (revisions.all_tags) {
    ASSIGN_OR_RETURN(std::vector<std::string> tags, git.tags());
    for (const std::string& tag : tags) RETURN_IF_ERROR(add_with_parents(git, tag, 1, commits));
  }
  if (revisions.all_commits) {
    ASSIGN_OR_RETURN(std::vector<std::string> all, git.all_commits());
    commits.insert(all.begin(), all.end());
  }
  return commits;
}

}  // namespace

Result<Used> used_objects(Repository& repository, const std::vector<std::string>& words,
                          const Revisions& revisions, Purpose purpose, Depth depth) {
  Collector collector(repository, purpose);
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets(words, depth));
  for (const Target& target : targets) RETURN_IF_ERROR(collector.take(target));
  ASSIGN_OR_RETURN(std::set<std::string> commits, commits_of(repository, revisions));
  for (const std::string& commit : commits) {
    Result<std::vector<Stage>> stages = repository.stages_at(commit);
    if (!stages) {
      // What keeps objects alive must be read; what only wants more of them may go on.
      if (purpose == Purpose::kKeep) return Failure(std::move(stages).error());
      repository.environment().warn(
          fmt::format("failed to collect '{}', skipping: {}", commit, stages.error().message));
      continue;
    }
    auto then = Repository::find_targets(repository.environment(), *stages, words, depth);
    if (!then) continue;  // not tracked in that revision
    for (const Target& target : *then) RETURN_IF_ERROR(collector.take(target));
  }
  return collector.finish();
}

namespace {

Result<size_t> collect_garbage(Repository& repository, const std::set<std::pair<std::string, HashKind>>& used,
                               bool dry) {
  std::vector<std::pair<std::string, HashKind>> unused;
  for (HashKind kind : {HashKind::kBytes, HashKind::kDos2Unix}) {
    RETURN_IF_ERROR(repository.cache().each(kind, [&](std::string_view id, const FileStamp&) {
      if (!used.contains({std::string(id), kind})) unused.emplace_back(id, kind);
    }));
  }
  // Folders first: a folder without its files would be worse than files without their folder.
  std::ranges::sort(unused, {},
                    [](const auto& object) { return std::pair(!is_directory_id(object.first), object); });
  for (const auto& [id, kind] : unused) {
    if (dry) {
      repository.environment().say("Removing " + repository.cache().path_of(id, kind).string());
    } else {
      RETURN_IF_ERROR(repository.cache().remove(id, kind));
    }
  }
  return unused.size();
}

Result<void> collect_remote_garbage(Repository& repository, Remote& remote,
                                    const std::set<std::pair<std::string, HashKind>>& used, bool dry) {
  size_t removed = 0;
  for (HashKind kind : {HashKind::kBytes, HashKind::kDos2Unix}) {
    ASSIGN_OR_RETURN(std::vector<std::string> ids, remote.list(kind));
    std::ranges::sort(ids, {}, [](const std::string& id) { return std::pair(!is_directory_id(id), id); });
    for (const std::string& id : ids) {
      if (used.contains({id, kind})) continue;
      ++removed;
      if (dry) {
        repository.environment().say("Removing " + remote.name_of(id, kind));
      } else {
        RETURN_IF_ERROR(remote.remove(id, kind));
      }
    }
  }
  repository.environment().say(removed == 0 ? "No unused cache to remove from remote."
                                            : fmt::format("Removed {} objects from remote.", removed));
  return {};
}

}  // namespace

Result<size_t> gc(Repository& repository, const GcOptions& options) {
  ASSIGN_OR_RETURN(Used used, used_objects(repository, {}, options.revisions, Purpose::kKeep));
  std::vector<std::unique_ptr<Repository>> others;
  std::vector<std::unique_ptr<Environment>> environments;
  for (const std::string& project : options.projects) {
    auto environment = std::make_unique<Environment>(repository.environment());
    environment->current_folder = repository.environment().absolute(project);
    ASSIGN_OR_RETURN(std::unique_ptr<Repository> other, Repository::open(*environment));
    ASSIGN_OR_RETURN(Used more, used_objects(*other, {}, options.revisions, Purpose::kKeep));
    std::ranges::move(more.objects, std::back_inserter(used.objects));
    std::ranges::move(more.incomplete, std::back_inserter(used.incomplete));
    environments.push_back(std::move(environment));
    others.push_back(std::move(other));
  }
  if (!used.incomplete.empty() && !options.force) {
    const std::string& name = used.incomplete[0].name;
    if (!repository.environment().confirm(
            fmt::format("Missing cache for directory '{}'. Cache for files inside will be "
                        "lost. Would you like to continue?",
                        name))) {
      return Failure(
          Error{.code = ErrorCode::kConflict,
                .message = fmt::format("unable to fully collect used cache without cache for directory "
                                       "'{}'. Use '-f' to force.",
                                       name)});
    }
  }
  std::set<std::pair<std::string, HashKind>> kept;
  for (const UsedObject& object : used.objects) kept.emplace(object.id, object.kind);
  std::unique_ptr<Remote> remote;
  if (options.cloud || options.not_in_remote) {
    ASSIGN_OR_RETURN(remote, open_remote(repository, options.remote));
  }
  std::set<std::pair<std::string, HashKind>> kept_here = kept;
  if (options.not_in_remote) {
    ASSIGN_OR_RETURN(auto missing, missing_in(repository, *remote, used.objects));
    kept_here.clear();
    for (const UsedObject& object : missing) kept_here.emplace(object.id, object.kind);
  }
  ASSIGN_OR_RETURN(size_t removed, collect_garbage(repository, kept_here, options.dry));
  repository.environment().say(removed == 0 ? "No unused 'local' cache to remove."
                                            : fmt::format("Removed {} objects from local cache.", removed));
  if (options.cloud) RETURN_IF_ERROR(collect_remote_garbage(repository, *remote, kept, options.dry));
  return removed;
}

}  // namespace penstock::datasets::dvc
