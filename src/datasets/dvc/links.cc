#include "datasets/dvc/links.h"

#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

// Errors by which a link type says that it does not work here.
bool is_unsupported(int error_number) {
  return error_number == EPERM || error_number == ENOTSUP || error_number == EXDEV ||
         error_number == ENOTTY || error_number == ENOSYS || error_number == EINVAL ||
         error_number == EAGAIN || error_number == EMLINK;
}

// Makes a name by `call` under a temporary one first where `path` exists, so that it is replaced in one step.
template <class Call>
int make_name(const std::filesystem::path& path, Call call) {
  if (call(path.c_str()) == 0) return 0;
  if (errno != EEXIST) return errno;
  static std::atomic<uint64_t> count = 0;
  std::filesystem::path temporary =
      path.parent_path() / fmt::format(".penstock-{}-link-{}.tmp", getpid(), count++);
  if (call(temporary.c_str()) != 0) return errno;
  if (::rename(temporary.c_str(), path.c_str()) == 0) {
    ::unlink(temporary.c_str());  // rename(2) does nothing where both are the same file
    return 0;
  }
  int failure = errno;
  ::unlink(temporary.c_str());
  return failure;
}

enum class Bytes { kShared, kCopied };

Result<void> new_file(const std::filesystem::path& object, const std::filesystem::path& path, Bytes bytes) {
  ASSIGN_OR_RETURN(UniqueFd from, open_for_reading(object));
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(path, 0666));
  if (bytes == Bytes::kShared) {
    if (!clone_content(from.get(), file.fd()))
      return Failure(Error{.code = ErrorCode::kNotImplemented, .message = "no reflinks here"});
  } else {
    RETURN_IF_ERROR(copy_content(from.get(), file.fd(), object));
  }
  return file.publish(WholeFile::Existing::kReplace);
}

}  // namespace

mode_t current_umask() {
  static const mode_t kMask = [] {
    mode_t mask = umask(0);
    umask(mask);
    return mask;
  }();
  return kMask;
}

Result<std::vector<LinkType>> parse_link_types(std::string_view text) {
  std::vector<LinkType> types;
  for (std::string_view word : split(text, ',')) {
    word = trim(word);
    if (word == "reflink") {
      types.push_back(LinkType::kReflink);
    } else if (word == "hardlink") {
      types.push_back(LinkType::kHardlink);
    } else if (word == "symlink") {
      types.push_back(LinkType::kSymlink);
    } else if (word == "copy") {
      types.push_back(LinkType::kCopy);
    } else {
      return Failure(Error::invalid("cache.type", fmt::format("config file error: cache.type '{}' is none of "
                                                              "reflink, hardlink, symlink, copy",
                                                              word)));
    }
  }
  return types;
}

bool clone_content(int from, int to) {
  // A file system that cannot says so for every file: it is asked once per run.
  static std::atomic<bool> refused = false;
  if (refused) return false;
  if (ioctl(to, FICLONE, from) == 0) return true;
  if (errno == ENOTTY || errno == EOPNOTSUPP || errno == ENOSYS) refused = true;
  return false;
}

Result<void> link_object(const std::filesystem::path& object, const std::filesystem::path& path,
                         const std::vector<LinkType>& types) {
  for (LinkType type : types) {
    if (type == LinkType::kCopy) return new_file(object, path, Bytes::kCopied);
    if (type == LinkType::kReflink) {
      Result<void> made = new_file(object, path, Bytes::kShared);
      if (made || made.error().code != ErrorCode::kNotImplemented) return made;
      continue;
    }
    struct stat status{};
    if (stat(object.c_str(), &status) != 0)
      return Failure(Error::from_errno(errno, "cannot stat " + object.string()));
    // Empty files are all one object, which would run into the file system's limit of hard links.
    if (type == LinkType::kHardlink && status.st_size == 0) return new_file(object, path, Bytes::kCopied);
    int failure = make_name(path, [&](const char* name) {
      return type == LinkType::kHardlink ? ::link(object.c_str(), name) : ::symlink(object.c_str(), name);
    });
    if (failure == 0) return {};
    if (!is_unsupported(failure)) return Failure(Error::from_errno(failure, "cannot link " + path.string()));
  }
  return Failure(Error::internal(fmt::format(
      "no link type of cache.type works between {} and {}; add copy: penstock data config cache.type "
      "reflink,hardlink,symlink,copy",
      object.parent_path().string(), path.parent_path().string())));
}

Result<void> copy_file_whole(const std::filesystem::path& from, const std::filesystem::path& to,
                             mode_t mode) {
  ASSIGN_OR_RETURN(UniqueFd source, open_for_reading(from));
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(to, 0600));
  if (!clone_content(source.get(), file.fd())) RETURN_IF_ERROR(copy_content(source.get(), file.fd(), from));
  RETURN_IF_ERROR(file.set_mode(mode));
  return file.publish(WholeFile::Existing::kReplace);
}

}  // namespace penstock::datasets::dvc
