#include "datasets/dvc/work_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "core/parallel_for.h"
#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

Error does_not_exist(const fs::path& path) {
  return Error::not_found(fmt::format("output '{}' does not exist", path.string()));
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

WorkTree::WorkTree(const Environment& environment, fs::path root, HashState& state, IgnoreTree& ignore)
    : environment_(&environment),
      root_(std::move(root)),
      state_(&state),
      ignore_(&ignore),
      pool_(std::make_unique<BlockingPool>(
          BlockingPoolOptions{.name = "dvc files", .threads = environment.threads})) {}

std::string WorkTree::relative(const fs::path& path) const {
  std::string text = path.string();
  std::string prefix = root_.string() + "/";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string();
}

bool WorkTree::is_ignored(const fs::path& path, bool is_folder) {
  std::string inside = relative(path);
  return !inside.empty() && ignore_->ignores(inside, is_folder);
}

Result<void> WorkTree::walk(const fs::path& folder, const std::string& below, std::string_view in_root,
                            std::vector<FoundFile>& into) {
  std::unique_ptr<DIR, CloseFolder> open(opendir((below.empty() ? folder : folder / below).c_str()));
  if (!open) return Failure(Error::from_errno(errno, "cannot read folder " + (folder / below).string()));
  int fd = dirfd(open.get());
  std::vector<std::string> folders;
  while (const dirent* entry = readdir(open.get())) {
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string inside = joined(in_root, name);
    struct stat status{};
    if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
    bool symlink = S_ISLNK(status.st_mode);
    bool dangling = symlink && fstatat(fd, entry->d_name, &status, 0) != 0;
    const IgnoreRule* rule =
        in_root.data() == nullptr ? nullptr : ignore_->rule_of(inside, S_ISDIR(status.st_mode));
    if (rule != nullptr && !rule->keeps) continue;
    if (dangling) {
      return Failure(
          Error::not_found(fmt::format("{} leads nowhere: remove that symbolic link or its target's name",
                                       (folder / below / name).string())));
    }
    if (S_ISDIR(status.st_mode)) {
      if (!symlink) folders.push_back(joined(below, name));
      continue;
    }
    if (name == ".dvcignore") {
      return Failure(
          Error::invalid("", fmt::format(".dvcignore file should not be in collected dir path: '{}'",
                                         (folder / below).string())));
    }
    FileStamp stamp = FileStamp::of(status);
    stamp.is_symlink = symlink;
    into.push_back({.path = joined(below, name), .stamp = stamp});
  }
  open.reset();
  for (const std::string& next : folders) {
    std::error_code ignored;
    if (in_root.data() != nullptr && fs::exists(folder / next / ".dvc", ignored))
      continue;  // a repository of its own
    std::string inside = joined(in_root, next.substr(below.empty() ? 0 : below.size() + 1));
    RETURN_IF_ERROR(walk(folder, next, in_root.data() == nullptr ? std::string_view() : inside, into));
  }
  return {};
}

Result<std::vector<FoundFile>> WorkTree::files_below(const fs::path& folder) {
  std::vector<FoundFile> files;
  std::string inside = relative(folder);
  bool here = !inside.empty() || folder == root_;
  RETURN_IF_ERROR(walk(folder, "", here ? std::string_view(inside) : std::string_view(), files));
  std::ranges::sort(files, {}, &FoundFile::path);
  return files;
}

Result<std::string> WorkTree::hash_one(const std::string& path, const FileStamp& stamp, HashKind kind,
                                       ObjectCache* cache, Storing storing) {
  std::optional<Md5> known = state_->find(path, stamp, kind);
  bool store = cache != nullptr && storing != Storing::kNo && kind == HashKind::kBytes;
  if (known && (!store || cache->check(hex(*known), kind, state_) == ObjectCache::Presence::kPresent))
    return hex(*known);
  Md5 md5;
  if (store) {
    ASSIGN_OR_RETURN(md5, cache->add(path, stamp, storing == Storing::kHardlink));
  } else {
    ASSIGN_OR_RETURN(md5, hash_file(path, kind));
  }
  state_->put(path, stamp, md5, kind);
  return hex(md5);
}

Result<void> WorkTree::hash_all(const fs::path& folder, std::vector<FoundFile>& files, HashKind kind,
                                ObjectCache* cache, Storing storing) {
  std::mutex mutex;
  std::optional<Error> failure;
  std::atomic<bool> failed = false;
  std::atomic<size_t> done = 0;
  std::string prefix = folder.string() + "/";
  parallel_for(*pool_, threads() - 1, files.size(), [&](size_t i) {
    if (failed) return;
    Result<std::string> id = hash_one(prefix + files[i].path, files[i].stamp, kind, cache, storing);
    if (id) {
      files[i].id = *std::move(id);
    } else {
      failed = true;
      std::lock_guard lock(mutex);
      if (!failure) failure = std::move(id).error();
    }
    if (size_t now = ++done; now % 256 == 0) environment_->progress("hashing", now, files.size());
  });
  if (failure) return Failure(std::move(*failure));
  return {};
}

Result<Content> WorkTree::read(const fs::path& path, HashKind kind, ObjectCache* cache, Storing storing) {
  Content content;
  std::optional<FileStamp> stamp = FileStamp::of(path);
  if (!stamp || is_ignored(path, stamp->is_folder())) return Failure(does_not_exist(path));
  content.stamp = *stamp;
  content.hash.kind = kind;
  if (!stamp->is_folder()) {
    if (!stamp->is_file())
      return Failure(
          Error::invalid("", fmt::format("output '{}' is not a file or directory", path.string())));
    ASSIGN_OR_RETURN(content.hash.id, hash_one(path.string(), *stamp, kind, cache, storing));
    content.hash.bytes = stamp->bytes;
    content.hash.executable = stamp->is_executable();
    return content;
  }
  ASSIGN_OR_RETURN(content.files, files_below(path));
  RETURN_IF_ERROR(hash_all(path, content.files, kind, cache, storing));
  int64_t bytes = 0;
  for (const FoundFile& file : content.files) {
    bytes += file.stamp.bytes;
    content.manifest.entries.push_back({.path = file.path, .md5 = file.id});
  }
  std::string text = content.manifest.text();
  content.hash.id = hex(md5_of(text)) + std::string(kDirectorySuffix);
  content.hash.bytes = bytes;
  content.hash.files = static_cast<int64_t>(content.files.size());
  bool store = cache != nullptr && storing != Storing::kNo;
  if (store && cache->check(content.hash.id, kind, nullptr) != ObjectCache::Presence::kPresent)
    RETURN_IF_ERROR(cache->put(content.hash.id, text, kind));
  return content;
}

}  // namespace penstock::datasets::dvc
