#include "datasets/dvc/checkout.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "core/parallel_for.h"
#include "datasets/dvc/data_index.h"
#include "datasets/dvc/status.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;
using Kind = IndexChange::Kind;

struct Work {
  std::vector<const IndexChange*> remove{};   // files
  std::vector<std::string> remove_folders{};  // deepest last
  std::vector<const IndexChange*> create{};   // files
  std::vector<std::string> create_folders{};
  std::vector<const IndexChange*> change_mode{};
};

class Checkout {
 public:
  Checkout(Repository& repository, const CheckoutOptions& options)
      : repository_(repository), options_(options) {}

  Result<CheckoutReport> run(const std::vector<Target>& targets, bool everything) {
    if (everything) RETURN_IF_ERROR(remove_unused_links(targets));
    ASSIGN_OR_RETURN(before_, index_of_work_tree(repository_, targets));
    ASSIGN_OR_RETURN(after_, index_of(repository_, targets));
    changes_ = compare(before_, after_, Compared::kContentAndMode, Grain::kFiles, Renames::kIgnored);
    plan();
    RETURN_IF_ERROR(check_paths());
    if (!options_.force) RETURN_IF_ERROR(check_unsaved());
    RETURN_IF_ERROR(apply());
    report();
    return std::move(report_);
  }

 private:
  fs::path absolute(const std::string& path) const { return repository_.root() / path; }

  std::string root_of(const std::string& path) const {
    std::string root;
    for (const std::vector<std::string>* roots : {&after_.roots, &before_.roots}) {
      for (const std::string& candidate : *roots) {
        if ((path == candidate || path.starts_with(candidate + "/")) && candidate.size() > root.size())
          root = candidate;
      }
    }
    return root;
  }

  void plan() {
    roots_.reserve(changes_.size());
    for (const IndexChange& change : changes_) {
      if (roots_.empty() || !(change.path == roots_.back() || change.path.starts_with(roots_.back() + "/")))
        roots_.push_back(root_of(change.path));
      else
        roots_.push_back(roots_.back());
    }
    for (const std::string& root : after_.unknown) failed_.insert(root);
    for (size_t i = 0; i < changes_.size(); ++i) {
      const IndexChange& change = changes_[i];
      bool creates =
          change.after != nullptr && (change.kind == Kind::kAdded || change.kind == Kind::kModified ||
                                      (options_.relink && change.kind == Kind::kUnchanged));
      if (change.after != nullptr && change.after->id.empty() && change.path == roots_[i])
        failed_.insert(roots_[i]);
      if (creates && !change.after->folder && !is_cached(*change.after)) failed_.insert(roots_[i]);
    }
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (!failed_.contains(roots_[i])) plan(changes_[i]);
    }
  }

  bool is_cached(const IndexEntry& entry) {
    return repository_.cache().check(entry.id, entry.kind, &repository_.state()) ==
           ObjectCache::Presence::kPresent;
  }

  void plan(const IndexChange& change) {
    const IndexEntry* old = change.before;
    const IndexEntry* now = change.after;
    switch (change.kind) {
      case Kind::kDeleted:
        drop(change);
        break;
      case Kind::kAdded:
        if (old != nullptr) drop(change);
        make(change);
        break;
      case Kind::kModified:
        if (old->folder && now->folder) break;
        if (old->same_content(*now) && old->folder == now->folder) {
          work_.change_mode.push_back(&change);
        } else {
          if (old->folder || now->folder) drop(change);
          make(change);
        }
        break;
      case Kind::kUnchanged:
        if (options_.relink && old != nullptr && now != nullptr && !now->folder)
          work_.create.push_back(&change);
        break;
      default:
        break;
    }
  }

  void drop(const IndexChange& change) {
    if (change.before->folder) {
      work_.remove_folders.push_back(change.path);
    } else {
      work_.remove.push_back(&change);
    }
  }

  void make(const IndexChange& change) {
    if (change.after->folder) {
      work_.create_folders.push_back(change.path);
    } else {
      work_.create.push_back(&change);
    }
  }

  // No parent of an output may be a symbolic link that leads out of the repository.
  Result<void> check_paths() {
    std::set<std::string> folders;
    for (const IndexChange* change : work_.create) {
      for (std::string_view folder = parent_of(change->path); !folder.empty(); folder = parent_of(folder)) {
        if (!folders.insert(std::string(folder)).second) break;
        if (!fs::is_symlink(absolute(std::string(folder)))) continue;
        return Failure(
            Error{.code = ErrorCode::kConflict,
                  .message = fmt::format("'{}' is a symbolic link where a folder belongs: remove it",
                                         absolute(std::string(folder)).string())});
      }
    }
    return {};
  }

  // Content that is nowhere but in the work tree.
  Result<void> check_unsaved() {
    std::string unsaved;
    auto look = [&](const IndexChange& change) {
      const IndexEntry* old = change.before;
      if (old == nullptr || old->folder || old->id.empty()) return;
      if (!repository_.cache().exists(old->id, old->kind)) unsaved += "\n" + absolute(change.path).string();
    };
    for (const IndexChange* change : work_.remove) look(*change);
    for (const IndexChange* change : work_.create) look(*change);
    if (unsaved.empty()) return {};
    return Failure(
        Error{.code = ErrorCode::kConflict,
              .message = "Can't remove the following unsaved files without confirmation. Use `--force` to "
                         "force." +
                         unsaved});
  }

  Result<void> apply() {
    std::vector<fs::path> written;
    for (const std::string& root : after_.roots) written.push_back(absolute(root));
    RETURN_IF_ERROR(RepositoryLock::check_writers(repository_.dvc_folder(), written));
    for (const IndexChange* change : work_.remove) {
      if (::unlink(absolute(change->path).c_str()) != 0 && errno != ENOENT)
        return Failure(Error::from_errno(errno, "cannot remove " + absolute(change->path).string()));
      emptied_.insert(std::string(parent_of(change->path)));
    }
    remove_empty_folders();
    std::error_code failure;
    for (const std::string& folder : work_.create_folders) fs::create_directories(absolute(folder), failure);
    std::set<std::string> parents;
    for (const IndexChange* change : work_.create) parents.emplace(parent_of(change->path));
    for (const std::string& parent : parents) {
      fs::create_directories(absolute(parent), failure);
      if (failure)
        return Failure(Error::internal(
            fmt::format("cannot make folder {}: {}", absolute(parent).string(), failure.message())));
    }
    RETURN_IF_ERROR(create_files());
    for (const IndexChange* change : work_.change_mode) set_mode(*change);
    return {};
  }

  void remove_empty_folders() {
    std::set<std::string> folders(work_.remove_folders.begin(), work_.remove_folders.end());
    for (const std::string& folder : emptied_) {
      for (std::string_view at = folder; !at.empty() && at != root_of(std::string(at)); at = parent_of(at))
        folders.emplace(at);
    }
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder)
      ::rmdir(absolute(*folder).c_str());
  }

  Result<void> create_files() {
    std::mutex mutex;
    std::optional<Error> failure;
    std::atomic<bool> stop = false;
    std::atomic<size_t> done = 0;
    parallel_for(repository_.tree().pool(), repository_.tree().threads() - 1, work_.create.size(),
                 [&](size_t i) {
                   if (stop) return;
                   Result<void> made = create(*work_.create[i]);
                   if (!made) {
                     stop = true;
                     std::lock_guard lock(mutex);
                     if (!failure) failure = std::move(made).error();
                   }
                   if (size_t now = ++done; now % 256 == 0)
                     repository_.environment().progress("checking out", now, work_.create.size());
                 });
    if (failure) return Failure(std::move(*failure));
    return {};
  }

  Result<void> create(const IndexChange& change) {
    fs::path path = absolute(change.path);
    const IndexEntry& entry = *change.after;
    RETURN_IF_ERROR(
        link_object(repository_.cache().path_of(entry.id, entry.kind), path, repository_.link_types()));
    if (entry.executable) set_mode(change);
    if (std::optional<FileStamp> stamp = FileStamp::of(path))
      repository_.state().put(path.string(), *stamp, md5_of_hex(entry.id), entry.kind);
    return {};
  }

  void set_mode(const IndexChange& change) {
    fs::path path = absolute(change.path);
    std::optional<FileStamp> stamp = FileStamp::of(path);
    if (!stamp) return;
    mode_t mode = stamp->mode & 07777;
    if (change.after->executable) ::chmod(path.c_str(), mode | S_IXUSR);
  }

  Result<void> remove_unused_links(const std::vector<Target>& targets) {
    std::set<std::string> used;
    for (const Target& target : targets) {
      for (const Output& output : target.stage.outputs)
        used.insert(repository_.tree().relative(target.stage.path_of(output.path)));
    }
    auto entries = repository_.links().entries();
    for (const auto& [path, mark] : entries) {
      if (used.contains(path)) continue;
      std::string now = LinkJournal::mark_of(repository_.tree(), absolute(path));
      if (!now.empty() && now == mark) {
        report_.deleted.push_back(shown(path));
        std::error_code failure;
        fs::remove_all(absolute(path), failure);
        if (failure) return Failure(Error::internal("cannot remove " + absolute(path).string()));
        ++report_.files_deleted;
      }
      if (now.empty() || now == mark) repository_.links().forget(path);
    }
    return {};
  }

  std::string shown(const std::string& path) {
    fs::path whole = absolute(path);
    return with_slash(repository_.shown(whole), fs::is_directory(whole));
  }

  void report() {
    std::map<std::string, Kind> outputs;
    for (size_t i = 0; i < changes_.size(); ++i) {
      const IndexChange& change = changes_[i];
      if (failed_.contains(roots_[i]) || change.kind == Kind::kUnchanged || change.kind == Kind::kUnknown)
        continue;
      bool whole = change.path == roots_[i];
      if (!change.folder() || !whole) {
        files_of(change.kind) += change.folder() ? 0 : 1;
      }
      if (whole) {
        outputs[roots_[i]] = change.kind;
      } else {
        outputs.emplace(roots_[i], Kind::kModified);
      }
    }
    for (const auto& [root, kind] : outputs) {
      list_of(kind).push_back(shown(root));
      repository_.links().record(root, LinkJournal::mark_of(repository_.tree(), absolute(root)));
    }
    for (const std::string& root : failed_) report_.failed.push_back(repository_.shown(absolute(root)));
    for (auto* list : {&report_.modified, &report_.added, &report_.deleted}) {
      std::ranges::sort(*list, {},
                        [](const std::string& path) { return std::pair(!path.ends_with('/'), path); });
    }
  }

  size_t& files_of(Kind kind) {
    if (kind == Kind::kAdded) return report_.files_added;
    return kind == Kind::kDeleted ? report_.files_deleted : report_.files_modified;
  }
  std::vector<std::string>& list_of(Kind kind) {
    if (kind == Kind::kAdded) return report_.added;
    return kind == Kind::kDeleted ? report_.deleted : report_.modified;
  }

  Repository& repository_;
  const CheckoutOptions& options_;
  DataIndex before_;
  DataIndex after_;
  std::vector<IndexChange> changes_;
  std::vector<std::string> roots_;  // of each change
  std::set<std::string> failed_;
  std::set<std::string> emptied_;
  Work work_;
  CheckoutReport report_;
};

}  // namespace

Result<CheckoutReport> checkout(Repository& repository, const std::vector<std::string>& words,
                                const CheckoutOptions& options, Depth depth) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets(words, depth));
  // An import whose data was never fetched has nothing to check out.
  std::erase_if(targets, [](const Target& target) {
    return target.stage.is_import() && target.stage.outputs[0].hash.id.empty();
  });
  ASSIGN_OR_RETURN(CheckoutReport report, Checkout(repository, options).run(targets, words.empty()));
  if (options.allow_missing) report.failed.clear();
  return report;
}

Error checkout_failure(const CheckoutReport& report) {
  std::string list;
  for (const std::string& path : report.failed) list += path + "\n";
  return Error::not_found("Checkout failed for following targets:\n" + list +
                          "Is your cache up to date? Their objects are not in it: penstock data fetch");
}

Result<void> unprotect(Repository& repository, const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    ASSIGN_OR_RETURN(std::vector<FoundFile> found, repository.tree().files_below(path));
    for (const FoundFile& file : found) files.push_back(path / file.path);
  } else {
    files.push_back(path);
  }
  for (const fs::path& file : files) {
    std::optional<FileStamp> stamp = FileStamp::of(file);
    if (!stamp)
      return Failure(Error::not_found(fmt::format("can't unprotect non-existing data '{}'", file.string())));
    mode_t mode = 0666 & ~current_umask();
    if (!stamp->is_symlink && stamp->links == 1) {
      ::chmod(file.c_str(), mode | (stamp->mode & 0111));
      continue;
    }
    RETURN_IF_ERROR(copy_file_whole(file, file, mode));
  }
  return {};
}

}  // namespace penstock::datasets::dvc
