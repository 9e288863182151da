#include "datasets/dvc/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "core/parallel_for.h"
#include "core/text.h"
#include "datasets/dvc/import.h"

namespace penstock::datasets::dvc {
namespace {

// Objects by the remote that they belong to.
using ByRemote = std::map<std::string, std::vector<UsedObject>>;

ByRemote by_remote(const Repository& repository, const std::vector<UsedObject>& objects,
                   const std::string& chosen) {
  std::string standard = chosen.empty() ? repository.config().get("core", {}, "remote") : chosen;
  ByRemote split;
  for (const UsedObject& object : objects) {
    if (!chosen.empty() && !object.remote.empty() && object.remote != chosen) continue;
    split[object.remote.empty() ? standard : object.remote].push_back(object);
  }
  return split;
}

bool is_here(Repository& repository, const UsedObject& object) {
  return repository.cache().check(object.id, object.kind, &repository.state()) ==
         ObjectCache::Presence::kPresent;
}

// Runs one transfer per object; objects that failed are named together.
class Mover {
 public:
  Mover(Repository& repository, Remote& remote, size_t jobs, std::string_view what)
      : repository_(repository),
        jobs_(jobs == 0 ? remote.jobs() : jobs),
        pool_({.name = "dvc transfer", .threads = std::max<size_t>(jobs_, 2) - 1}),
        what_(what) {}

  template <class Move>
  void run(const std::vector<UsedObject>& objects, Move move) {
    std::atomic<size_t> done = 0;
    parallel_for(pool_, jobs_ - 1, objects.size(), [&](size_t i) {
      Result<void> moved = move(objects[i]);
      size_t now = ++done;
      if (now % 64 == 0 || now == objects.size())
        repository_.environment().progress(what_, now, objects.size());
      if (moved) return;
      std::lock_guard lock(mutex_);
      failed_.insert(objects[i].id);
      if (failures_++ < kNamedMax)
        repository_.environment().warn(fmt::format("failed to transfer '{}' ({}): {}", objects[i].name,
                                                   objects[i].id, moved.error().message));
      if (!first_) first_ = std::move(moved).error();
    });
    moved_ += objects.size();
  }

  bool has_failed(const std::string& id) const { return failed_.contains(id); }
  size_t moved() const { return moved_ - failures_; }

  Result<void> outcome() const {
    if (failures_ == 0) return {};
    Error error = *first_;
    error.message = fmt::format("{} files failed to transfer; the first: {}. Run the command again to go on",
                                failures_, error.message);
    return Failure(std::move(error));
  }

 private:
  static constexpr size_t kNamedMax = 20;

  Repository& repository_;
  size_t jobs_;
  BlockingPool pool_;
  std::string_view what_;
  std::mutex mutex_;
  std::set<std::string> failed_;
  std::optional<Error> first_;
  size_t failures_ = 0;
  size_t moved_ = 0;
};

void warn_missing(Repository& repository, const std::vector<UsedObject>& missing) {
  if (missing.empty()) return;
  std::string list;
  for (const UsedObject& object : missing) list += fmt::format("\nname: {}, md5: {}", object.name, object.id);
  repository.environment().warn(
      "Some of the cache files do not exist neither locally nor on remote. Missing cache "
      "files:" +
      list);
}

Result<size_t> push_to(Repository& repository, Remote& remote, const std::vector<UsedObject>& objects,
                       size_t jobs) {
  ASSIGN_OR_RETURN(std::vector<UsedObject> wanted, missing_in(repository, remote, objects));
  std::vector<UsedObject> files;
  std::vector<UsedObject> folders;
  std::vector<UsedObject> missing;
  for (UsedObject& object : wanted) {
    auto& list = !is_here(repository, object) ? missing : is_directory_id(object.id) ? folders : files;
    list.push_back(std::move(object));
  }
  warn_missing(repository, missing);
  Mover mover(repository, remote, jobs, "pushing");
  auto upload = [&](const UsedObject& object) {
    return remote.upload(repository.cache(), object.id, object.kind);
  };
  mover.run(files, upload);
  // A folder is known to be complete once its object is there.
  std::set<std::string> absent;
  for (const UsedObject& object : missing) absent.insert(object.id);
  std::erase_if(folders, [&](const UsedObject& folder) {
    Result<Manifest> manifest = repository.cache().manifest(folder.id, folder.kind);
    return !manifest || std::ranges::any_of(manifest->entries, [&](const ManifestEntry& entry) {
      return mover.has_failed(entry.md5) || absent.contains(entry.md5);
    });
  });
  mover.run(folders, upload);
  RETURN_IF_ERROR(mover.outcome());
  return mover.moved();
}

// Downloads those that the cache lacks; objects that the remote lacks too are returned in `missing`.
Result<size_t> fetch_from(Repository& repository, Remote& remote, const std::vector<UsedObject>& objects,
                          size_t jobs, std::vector<UsedObject>& missing) {
  std::vector<UsedObject> wanted;
  std::map<HashKind, std::vector<std::string>> ids;
  for (const UsedObject& object : objects) {
    if (is_here(repository, object)) continue;
    wanted.push_back(object);
    ids[object.kind].push_back(object.id);
  }
  std::map<HashKind, std::unordered_set<std::string>> there;
  for (auto& [kind, list] : ids) {
    ASSIGN_OR_RETURN(there[kind], remote.exists(list, kind));
  }
  std::vector<UsedObject> found;
  for (UsedObject& object : wanted)
    (there[object.kind].contains(object.id) ? found : missing).push_back(std::move(object));
  Mover mover(repository, remote, jobs, "fetching");
  mover.run(found, [&](const UsedObject& object) {
    return remote.download(repository.cache(), object.id, object.kind);
  });
  RETURN_IF_ERROR(mover.outcome());
  return mover.moved();
}

Error no_remote() {
  return Error::not_found(
      "config file error: no remote specified. Create a default remote with\n"
      "    penstock data remote add -d <remote name> <remote url>");
}

}  // namespace

Result<std::vector<UsedObject>> missing_in(Repository&, Remote& remote,
                                           const std::vector<UsedObject>& objects) {
  std::map<HashKind, std::vector<std::string>> ids;
  for (const UsedObject& object : objects) ids[object.kind].push_back(object.id);
  std::map<HashKind, std::unordered_set<std::string>> there;
  for (auto& [kind, list] : ids) {
    ASSIGN_OR_RETURN(there[kind], remote.exists(list, kind));
  }
  std::vector<UsedObject> missing;
  for (const UsedObject& object : objects) {
    if (!there[object.kind].contains(object.id)) missing.push_back(object);
  }
  return missing;
}

Result<size_t> push(Repository& repository, const std::vector<std::string>& words,
                    const TransferOptions& options) {
  ASSIGN_OR_RETURN(Used used,
                   used_objects(repository, words, options.revisions, Purpose::kPush, options.depth));
  size_t pushed = 0;
  for (const auto& [name, objects] : by_remote(repository, used.objects, options.remote)) {
    if (name.empty()) return Failure(no_remote());
    ASSIGN_OR_RETURN(std::unique_ptr<Remote> remote, open_remote(repository, name));
    ASSIGN_OR_RETURN(size_t count, push_to(repository, *remote, objects, options.jobs));
    pushed += count;
  }
  return pushed;
}

Result<size_t> fetch(Repository& repository, const std::vector<std::string>& words,
                     const TransferOptions& options) {
  size_t fetched = 0;
  std::vector<UsedObject> missing;
  // The second round is for the files of folders whose manifest came with the first.
  for (int round = 0; round < 2; ++round) {
    ASSIGN_OR_RETURN(Used used,
                     used_objects(repository, words, options.revisions, Purpose::kFetch, options.depth));
    missing.clear();
    for (const auto& [name, objects] : by_remote(repository, used.objects, options.remote)) {
      bool all_here =
          std::ranges::all_of(objects, [&](const UsedObject& object) { return is_here(repository, object); });
      if (all_here) continue;
      if (name.empty()) return Failure(no_remote());
      ASSIGN_OR_RETURN(std::unique_ptr<Remote> remote, open_remote(repository, name));
      ASSIGN_OR_RETURN(size_t count, fetch_from(repository, *remote, objects, options.jobs, missing));
      fetched += count;
    }
    if (round == 0) {
      ASSIGN_OR_RETURN(size_t imported, fetch_imports(repository, used.imports));
      fetched += imported;
    }
    if (used.incomplete.empty()) break;
  }
  warn_missing(repository, missing);
  return fetched;
}

namespace {

// Brings manifests that only the remote has, so that what is in their folders is known; DVC does so too.
Result<void> fetch_manifests(Repository& repository, const std::vector<UsedObject>& folders,
                             const std::string& chosen) {
  for (const auto& [name, objects] : by_remote(repository, folders, chosen)) {
    if (name.empty()) return Failure(no_remote());
    ASSIGN_OR_RETURN(std::unique_ptr<Remote> remote, open_remote(repository, name));
    ASSIGN_OR_RETURN(std::vector<UsedObject> lacking, missing_in(repository, *remote, objects));
    std::set<std::string> absent;
    for (const UsedObject& object : lacking) absent.insert(object.id);
    for (const UsedObject& object : objects) {
      if (!absent.contains(object.id))
        RETURN_IF_ERROR(remote->download(repository.cache(), object.id, object.kind));
    }
  }
  return {};
}

}  // namespace

Result<Value> cloud_status(Repository& repository, const std::vector<std::string>& words,
                           const TransferOptions& options) {
  ASSIGN_OR_RETURN(Used used,
                   used_objects(repository, words, options.revisions, Purpose::kPush, options.depth));
  if (!used.incomplete.empty()) {
    RETURN_IF_ERROR(fetch_manifests(repository, used.incomplete, options.remote));
    ASSIGN_OR_RETURN(used, used_objects(repository, words, options.revisions, Purpose::kPush, options.depth));
  }
  Value status = Value::map();
  std::map<std::string_view, std::vector<std::string>> by_state;
  for (const auto& [name, objects] : by_remote(repository, used.objects, options.remote)) {
    if (name.empty()) return Failure(no_remote());
    ASSIGN_OR_RETURN(std::unique_ptr<Remote> remote, open_remote(repository, name));
    ASSIGN_OR_RETURN(std::vector<UsedObject> lacking, missing_in(repository, *remote, objects));
    std::set<std::string> absent;
    for (const UsedObject& object : lacking) absent.insert(object.id);
    for (const UsedObject& object : objects) {
      bool here = is_here(repository, object);
      bool there = !absent.contains(object.id);
      if (here && there) continue;
      by_state[here ? "new" : there ? "deleted" : "missing"].push_back(object.name);
    }
  }
  for (std::string_view state : {"deleted", "new", "missing"}) {
    for (const std::string& name : by_state[state]) status.set(name, Value::string(state));
  }
  return status;
}

Result<Verification> verify_cache(Repository& repository) {
  struct Object {
    std::string id;
    HashKind kind;
  };
  std::vector<Object> objects;
  for (HashKind kind : {HashKind::kBytes, HashKind::kDos2Unix}) {
    RETURN_IF_ERROR(repository.cache().each(
        kind, [&](std::string_view id, const FileStamp&) { objects.push_back({std::string(id), kind}); }));
  }
  Verification verification{.objects = objects.size()};
  std::mutex mutex;
  std::optional<Error> failure;
  parallel_for(repository.tree().pool(), repository.tree().threads() - 1, objects.size(), [&](size_t i) {
    const auto& [id, kind] = objects[i];
    std::filesystem::path path = repository.cache().path_of(id, kind);
    Result<Md5> md5 = hash_file(path, is_directory_id(id) ? HashKind::kBytes : kind);
    std::lock_guard lock(mutex);
    if (!md5) {
      if (!failure) failure = std::move(md5).error();
    } else if (hex(*md5) != id.substr(0, 32)) {
      verification.corrupt.push_back(path.string());
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  });
  if (failure) return Failure(std::move(*failure));
  std::ranges::sort(verification.corrupt);
  return verification;
}

}  // namespace penstock::datasets::dvc
