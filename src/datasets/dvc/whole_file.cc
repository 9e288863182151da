#include "datasets/dvc/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <vector>

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kCopyBytes = 1 << 20;

Error errno_error(std::string_view what, const std::filesystem::path& path) {
  return Error::from_errno(errno, fmt::format("{} {}", what, path.string()));
}

std::string unique_name() {
  static std::atomic<uint64_t> count = 0;
  return fmt::format(".penstock-{}-{}.tmp", getpid(), count++);
}

}  // namespace

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)), fd_(std::move(other.fd_)) {
  other.temporary_.clear();
}

WholeFile::~WholeFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Error WholeFile::failed(std::string_view what) const { return errno_error(what, path_); }

Result<WholeFile> WholeFile::create(const std::filesystem::path& path, mode_t mode) {
  WholeFile file;
  file.path_ = path;
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  file.fd_ = UniqueFd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (file.fd_) return file;
  file.temporary_ = folder / unique_name();
  file.fd_ = UniqueFd(::open(file.temporary_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode));
  if (!file.fd_) {
    file.temporary_.clear();
    return Failure(file.failed("cannot create"));
  }
  return file;
}

Result<void> WholeFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Failure(failed("cannot write"));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> WholeFile::set_mode(mode_t mode) {
  if (fchmod(fd_.get(), mode) != 0) return Failure(failed("cannot set the mode of"));
  return {};
}

Result<void> WholeFile::publish(Existing existing) {
  std::array<char, 32> source{};
  *fmt::format_to_n(source.data(), source.size() - 1, "/proc/self/fd/{}", fd_.get()).out = 0;
  if (temporary_.empty()) {
    if (linkat(AT_FDCWD, source.data(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
    if (errno != EEXIST) return Failure(failed("cannot create"));
    if (existing == Existing::kKeep) return {};
    temporary_ = (path_.has_parent_path() ? path_.parent_path() : ".") / unique_name();
    if (linkat(AT_FDCWD, source.data(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      temporary_.clear();
      return Failure(failed("cannot create"));
    }
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return Failure(failed("cannot rename to"));
  temporary_.clear();
  return {};
}

Result<void> write_text_file(const std::filesystem::path& path, std::string_view text) {
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(path, 0666));
  struct stat old{};
  if (::stat(path.c_str(), &old) == 0) RETURN_IF_ERROR(file.set_mode(old.st_mode & 07777));
  RETURN_IF_ERROR(file.write(text));
  return file.publish(WholeFile::Existing::kReplace);
}

Result<void> copy_content(int from, int to, const std::filesystem::path& from_path) {
  while (true) {
    ssize_t copied = copy_file_range(from, nullptr, to, nullptr, size_t{1} << 30, 0);
    if (copied == 0) return {};
    if (copied > 0 || errno == EINTR) continue;
    if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF) break;
    return Failure(errno_error("cannot copy", from_path));
  }
  std::vector<char> buffer(kCopyBytes);
  while (true) {
    ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(errno_error("cannot read", from_path));
    if (got == 0) return {};
    for (ssize_t done = 0; done < got;) {
      ssize_t written = ::write(to, buffer.data() + done, static_cast<size_t>(got - done));
      if (written < 0 && errno != EINTR) return Failure(errno_error("cannot write a copy of", from_path));
      if (written > 0) done += written;
    }
  }
}

}  // namespace penstock::datasets::dvc
