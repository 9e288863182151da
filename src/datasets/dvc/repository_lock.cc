#include "datasets/dvc/repository_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "core/json.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 7;
constexpr int kBetweenTriesMs = 500;
constexpr size_t kRwlockBytesMax = 16 << 20;

Result<UniqueFd> wait_for_lock(const fs::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd) return Failure(Error::from_errno(errno, "cannot open " + file.string()));
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) ::poll(nullptr, 0, kBetweenTriesMs);  // a command of its own: no loop waits here
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK && errno != EINTR)
      return Failure(Error::from_errno(errno, "cannot lock " + file.string()));
  }
  return Failure(
      Error{.code = ErrorCode::kConflict,
            .message = "Unable to acquire lock. Most likely another DVC or penstock process is running "
                       "in this repository (" +
                       file.string() + ")."});
}

bool overlap(const fs::path& a, const fs::path& b) {
  std::string x = a.string() + "/";
  std::string y = b.string() + "/";
  return x.starts_with(y) || y.starts_with(x);
}

bool is_alive(int64_t pid) { return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM); }

Result<void> check_blocker(std::string_view held, const Json& info, const std::vector<fs::path>& paths) {
  int64_t pid = int_at(info, "pid");
  if (pid == getpid() || !is_alive(pid)) return {};
  for (const fs::path& path : paths) {
    if (!overlap(path, fs::path(held))) continue;
    return Failure(Error{.code = ErrorCode::kConflict,
                         .message = fmt::format("'{}' is busy, it is being blocked by:\n  (PID {}): {}",
                                                path.string(), pid, string_at(info, "cmd"))});
  }
  return {};
}

}  // namespace

Result<RepositoryLock> RepositoryLock::take(const fs::path& dvc_folder) {
  std::error_code failure;
  fs::create_directories(dvc_folder / "tmp", failure);
  ASSIGN_OR_RETURN(UniqueFd fd, wait_for_lock(dvc_folder / "tmp" / "lock"));
  // As zc.lockfile has it, for whoever looks who holds it.
  std::string holder = fmt::format(" {}\n", getpid());
  if (::ftruncate(fd.get(), 0) == 0 && ::pwrite(fd.get(), holder.data(), holder.size(), 0) < 0) errno = 0;
  return RepositoryLock(std::move(fd));
}

namespace {

// Lets `change` edit the marks, under their own lock.
template <class Change>
Result<void> edit_marks(const fs::path& dvc_folder, Change change) {
  fs::path file = dvc_folder / "tmp" / "rwlock";
  ASSIGN_OR_RETURN(UniqueFd guard, wait_for_lock(dvc_folder / "tmp" / "rwlock.lock"));
  Result<std::string> text = read_file(file, kRwlockBytesMax);
  Result<Json> marks = text && !text->empty() ? parse_json(*text) : Result<Json>(JsonObject());
  if (!marks || !marks->is_object()) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = "Unable to read RWLock-file '" + file.string() + "'. JSON structure is corrupted"});
  }
  change(marks->as_object());
  return replace_file(file, to_json(*marks));
}

JsonObject& object_in(JsonObject& marks, std::string_view key) {
  Json& value = marks[key];
  if (!value.is_object()) value = JsonObject();
  return value.as_object();
}

}  // namespace

Result<void> RepositoryLock::announce(const fs::path& dvc_folder, const std::string& command,
                                      const std::vector<fs::path>& reads,
                                      const std::vector<fs::path>& writes) {
  JsonObject own = {{"pid", getpid()}, {"cmd", command}};
  return edit_marks(dvc_folder, [&](JsonObject& marks) {
    for (const fs::path& path : writes) object_in(marks, "write")[path.string()] = own;
    for (const fs::path& path : reads) {
      Json& readers = object_in(marks, "read")[path.string()];
      if (!readers.is_array()) readers = JsonArray();
      readers.as_array().push_back(own);
    }
  });
}

Result<void> RepositoryLock::withdraw(const fs::path& dvc_folder) {
  return edit_marks(dvc_folder, [&](JsonObject& marks) {
    auto is_own = [](const Json& info) { return int_at(info, "pid") == getpid(); };
    JsonObject writers;
    for (const auto& [path, info] : object_in(marks, "write")) {
      if (!is_own(info)) writers[path] = info;
    }
    JsonObject readers;
    for (const auto& [path, infos] : object_in(marks, "read")) {
      JsonArray others;
      if (infos.is_array()) {
        for (const Json& info : infos.as_array()) {
          if (!is_own(info)) others.push_back(info);
        }
      }
      if (!others.empty()) readers[path] = std::move(others);
    }
    marks["write"] = std::move(writers);
    marks["read"] = std::move(readers);
  });
}

Result<void> RepositoryLock::check_writers(const fs::path& dvc_folder, const std::vector<fs::path>& paths) {
  fs::path file = dvc_folder / "tmp" / "rwlock";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  ASSIGN_OR_RETURN(UniqueFd guard, wait_for_lock(dvc_folder / "tmp" / "rwlock.lock"));
  Result<std::string> text = read_file(file, kRwlockBytesMax);
  if (!text) return {};
  Result<Json> locks = parse_json(*text);
  if (!locks) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = "Unable to read RWLock-file '" + file.string() + "'. JSON structure is corrupted"});
  }
  if (const Json* writers = find(*locks, "write"); writers != nullptr && writers->is_object()) {
    for (const auto& [path, info] : writers->as_object())
      RETURN_IF_ERROR(check_blocker({path.data(), path.size()}, info, paths));
  }
  if (const Json* readers = find(*locks, "read"); readers != nullptr && readers->is_object()) {
    for (const auto& [path, infos] : readers->as_object()) {
      if (!infos.is_array()) continue;
      for (const Json& info : infos.as_array())
        RETURN_IF_ERROR(check_blocker({path.data(), path.size()}, info, paths));
    }
  }
  return {};
}

}  // namespace penstock::datasets::dvc
