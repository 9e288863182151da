#include "core/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <tuple>

namespace penstock {
namespace {

constexpr mode_t kNewFileMode = 0640;

Error errno_error(std::string_view what, const std::filesystem::path& path) {
  int error_number = errno;
  return Error::from_errno(error_number, std::string(what) + " " + path.string());
}

// Drops the first `bytes` of `pieces`.
std::span<iovec> after(std::span<iovec> pieces, size_t bytes) {
  while (!pieces.empty() && bytes >= pieces.front().iov_len) {
    bytes -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + bytes;
    pieces.front().iov_len -= bytes;
  }
  return pieces;
}

// Gives a new file the mode and the owner of the one whose place it takes, if there is one.
Result<void> take_over_mode(int fd, const std::filesystem::path& path) {
  struct stat old{};
  if (stat(path.c_str(), &old) != 0) return {};
  std::ignore = fchown(fd, old.st_uid, old.st_gid);  // only root may give files away
  if (fchmod(fd, old.st_mode & 07777) != 0) return Failure(errno_error("cannot set the mode of", path));
  return {};
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

int FileCalls::open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }
ssize_t FileCalls::pread(int fd, void* into, size_t bytes, off_t offset) {
  return ::pread(fd, into, bytes, offset);
}
ssize_t FileCalls::writev(int fd, const iovec* pieces, int count) { return ::writev(fd, pieces, count); }
int FileCalls::ftruncate(int fd, off_t bytes) { return ::ftruncate(fd, bytes); }
int FileCalls::fdatasync(int fd) { return ::fdatasync(fd); }
int FileCalls::fsync(int fd) { return ::fsync(fd); }
int FileCalls::rename(const char* from, const char* to) { return ::rename(from, to); }
int FileCalls::link(const char* from, const char* to) { return ::link(from, to); }
int FileCalls::unlink(const char* path) { return ::unlink(path); }

FileCalls& system_file_calls() {
  static FileCalls calls;
  return calls;
}

Result<UniqueFd> open_for_reading(const std::filesystem::path& path, FileCalls& calls) {
  UniqueFd fd(calls.open(path.c_str(), O_RDONLY | O_CLOEXEC, 0));
  if (!fd) return Failure(errno_error("cannot open", path));
  return fd;
}

Result<int64_t> file_bytes(int fd, const std::filesystem::path& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return Failure(errno_error("cannot stat", path));
  return status.st_size;
}

Result<size_t> read_at(int fd, std::span<char> into, int64_t offset, const std::filesystem::path& path,
                       FileCalls& calls) {
  size_t filled = 0;
  while (filled < into.size()) {
    ssize_t got = calls.pread(fd, into.data() + filled, into.size() - filled,
                              static_cast<off_t>(offset + static_cast<int64_t>(filled)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(errno_error("cannot read", path));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

Result<std::string> read_file(const std::filesystem::path& path, size_t bytes_max, FileCalls& calls) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path, calls));
  ASSIGN_OR_RETURN(int64_t bytes, file_bytes(fd.get(), path));
  if (static_cast<size_t>(bytes) > bytes_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = path.string() + " has " + std::to_string(bytes) + " bytes, at most " +
                                    std::to_string(bytes_max) + " are read"});
  }
  std::string content(static_cast<size_t>(bytes), '\0');
  ASSIGN_OR_RETURN(size_t got, read_at(fd.get(), content, 0, path, calls));
  content.resize(got);
  return content;
}

Result<AppendFile> AppendFile::create(std::filesystem::path path, FileCalls& calls) {
  return open_with(std::move(path), O_CREAT | O_TRUNC, calls);
}

Result<AppendFile> AppendFile::open(std::filesystem::path path, FileCalls& calls) {
  return open_with(std::move(path), 0, calls);
}

Result<AppendFile> AppendFile::open_with(std::filesystem::path path, int flags, FileCalls& calls) {
  AppendFile file;
  file.calls_ = &calls;
  file.path_ = std::move(path);
  // O_APPEND: after a cut the next write lands at the new end by itself.
  file.fd_ = UniqueFd(calls.open(file.path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | flags, kNewFileMode));
  if (!file.fd_) return Failure(errno_error("cannot open", file.path_));
  ASSIGN_OR_RETURN(file.size_, file_bytes(file.fd_.get(), file.path_));
  return file;
}

Error AppendFile::failed(std::string_view what) const { return errno_error(what, path_); }

Result<void> AppendFile::append(std::initializer_list<std::string_view> pieces) {
  assert(pieces.size() <= kPiecesMax);
  RETURN_IF_ERROR(repair());
  std::array<iovec, kPiecesMax> vectors{};
  size_t count = 0;
  size_t total = 0;
  for (std::string_view piece : pieces) {
    vectors.at(count++) = {const_cast<char*>(piece.data()), piece.size()};
    total += piece.size();
  }
  std::span<iovec> rest = after(std::span(vectors).first(count), 0);
  while (!rest.empty()) {
    ssize_t written = calls_->writev(fd_.get(), rest.data(), static_cast<int>(rest.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      Error error = failed("cannot write to");
      torn_ = true;
      (void)repair();  // a failure is kept in torn_ and met by the next append
      return Failure(std::move(error));
    }
    rest = after(rest, static_cast<size_t>(written));
  }
  size_ += static_cast<int64_t>(total);
  return {};
}

Result<void> AppendFile::truncate(int64_t bytes) {
  if (calls_->ftruncate(fd_.get(), bytes) != 0) return Failure(failed("cannot cut"));
  size_ = bytes;
  torn_ = false;
  return {};
}

Result<void> AppendFile::repair() {
  if (!torn_) return {};
  return truncate(size_);
}

Result<void> AppendFile::sync() const {
  if (calls_->fdatasync(fd_.get()) != 0) return Failure(failed("cannot sync"));
  return {};
}

Result<void> sync_directory(const std::filesystem::path& directory, FileCalls& calls) {
  UniqueFd fd(calls.open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  if (!fd) return Failure(errno_error("cannot open directory", directory));
  if (calls.fsync(fd.get()) != 0) return Failure(errno_error("cannot sync directory", directory));
  return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content, FileCalls& calls) {
  std::filesystem::path temporary = path;
  temporary += ".new";
  auto write = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(AppendFile file, AppendFile::create(temporary, calls));
    RETURN_IF_ERROR(take_over_mode(file.fd(), path));
    RETURN_IF_ERROR(file.append({content}));
    RETURN_IF_ERROR(file.sync());
    if (calls.rename(temporary.c_str(), path.c_str()) != 0)
      return Failure(errno_error("cannot rename to", path));
    return sync_directory(path.has_parent_path() ? path.parent_path() : ".", calls);
  };
  Result<void> written = write();
  if (!written) calls.unlink(temporary.c_str());
  return written;
}

Result<UniqueFd> lock_file(const std::filesystem::path& path, LockKind kind, LockWait wait) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kNewFileMode));
  if (!fd) return Failure(errno_error("cannot open lock file", path));
  int operation = (kind == LockKind::kShared ? LOCK_SH : LOCK_EX) | (wait == LockWait::kTry ? LOCK_NB : 0);
  int status = 0;
  do {
    status = flock(fd.get(), operation);
  } while (status != 0 && errno == EINTR);
  if (status == 0) return fd;
  if (errno != EWOULDBLOCK) return Failure(errno_error("cannot lock", path));
  return Failure(
      Error{.code = ErrorCode::kConflict,
            .message = "another process holds " + path.string() + ": stop it, or use another directory"});
}

}  // namespace penstock
