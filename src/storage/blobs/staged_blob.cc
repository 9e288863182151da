#include "storage/blobs/staged_blob.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "core/log.h"
#include "core/uuid.h"

namespace penstock::blobs {
namespace {

constexpr mode_t kBlobMode = 0440;  // nobody writes to a blob
constexpr int kCreateTriesMax = 8;

Failure failed(std::string_view what, const std::filesystem::path& path) {
  int error_number = errno;
  return Failure(Error::from_errno(error_number, std::string(what) + " " + path.string()));
}

bool is_linked(int fd) {
  struct stat status{};
  return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

// kConflict unless `path` names the file that `fd` has open.
Result<void> check_same_file(int fd, const std::filesystem::path& path) {
  struct stat opened{};
  struct stat named{};
  if (fstat(fd, &opened) != 0 || ::lstat(path.c_str(), &named) != 0) return failed("cannot stat", path);
  if (opened.st_dev == named.st_dev && opened.st_ino == named.st_ino) return {};
  return Failure(
      Error{.code = ErrorCode::kConflict, .message = path.string() + " was replaced while it was read"});
}

}  // namespace

Result<StagedBlob> StagedBlob::create(std::shared_ptr<const BlobLayout> layout) {
  for (int tries = 0; tries < kCreateTriesMax; ++tries) {
    std::string name = Uuid::v7(system_clock(), system_random()).text();
    ASSIGN_OR_RETURN(AppendFile file, AppendFile::create(layout->staging() / name, layout->calls));
    if (flock(file.fd(), LOCK_EX | LOCK_NB) == 0 && is_linked(file.fd())) {
      return StagedBlob(std::move(layout), std::move(file));
    }
    // Between creation and lock, another process that opens the store took it for a leftover.
  }
  return Failure(Error::internal("cannot keep a file in " + layout->staging().string()));
}

StagedBlob::StagedBlob(StagedBlob&& other) noexcept
    : layout_(std::move(other.layout_)),
      file_(std::move(other.file_)),
      hasher_(std::move(other.hasher_)),
      linked_(other.linked_) {}

StagedBlob::~StagedBlob() {
  if (layout_) layout_->calls.unlink(file_.path().c_str());
}

Result<void> StagedBlob::write(std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(file_.append({{reinterpret_cast<const char*>(bytes.data()), bytes.size()}}));
  hasher_.update(bytes);
  return {};
}

Result<BlobInfo> StagedBlob::commit(Sync sync) {
  BlobInfo info{.digest = hasher_.finish(), .size_bytes = file_.size()};
  RETURN_IF_ERROR(publish(info.digest, sync));
  return info;
}

Result<void> StagedBlob::become_link(int source, const std::filesystem::path& path) {
  FileCalls& calls = layout_->calls;
  if (calls.unlink(file_.path().c_str()) != 0) return failed("cannot remove", file_.path());
  if (flock(source, LOCK_SH | LOCK_NB) != 0 || calls.link(path.c_str(), file_.path().c_str()) != 0) {
    return Failure(Error{.code = ErrorCode::kNotImplemented, .message = "cannot link to " + path.string()});
  }
  RETURN_IF_ERROR(check_same_file(source, file_.path()));
  linked_ = true;
  return {};
}

Result<void> StagedBlob::sync_content() {
  if (linked_) {
    ASSIGN_OR_RETURN(UniqueFd source, open_for_reading(file_.path(), layout_->calls));
    if (layout_->calls.fdatasync(source.get()) != 0) return failed("cannot sync", file_.path());
    return {};
  }
  return file_.sync();
}

Result<void> StagedBlob::protect() {
  if (linked_ || fchmod(file_.fd(), kBlobMode) == 0) return {};
  return failed("cannot protect", file_.path());
}

Result<void> StagedBlob::publish(const Digest& digest, Sync sync) {
  RETURN_IF_ERROR(protect());
  if (sync == Sync::kNow) RETURN_IF_ERROR(sync_content());
  std::filesystem::path shard = layout_->shard(digest);
  std::error_code error;
  bool new_shard = std::filesystem::create_directory(shard, error);
  if (error) return Failure(Error::from_errno(error.value(), "cannot make directory " + shard.string()));
  if (new_shard) RETURN_IF_ERROR(sync_directory(layout_->blobs(), layout_->calls));

  ASSIGN_OR_RETURN(UniqueFd lock, layout_->lock(LockKind::kShared));
  // Over a blob that is there already as well: its age begins anew, and if it was damaged it no longer is.
  // (Where both are links to one file this does nothing, and the destructor removes the staged name.)
  std::filesystem::path target = layout_->path(digest);
  if (layout_->calls.rename(file_.path().c_str(), target.c_str()) != 0)
    return failed("cannot rename to", target);
  return sync == Sync::kNow ? sync_directory(shard, layout_->calls) : Result<void>{};
}

void remove_leftovers(const BlobLayout& layout) {
  std::error_code error;
  int64_t removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(layout.staging(), error)) {
    UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    // A lock held elsewhere: its writer lives.
    if (!fd || flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (layout.calls.unlink(entry.path().c_str()) == 0) ++removed;
  }
  if (removed > 0) {
    log_info("removed what killed writers left", {{"path", layout.staging().string()}, {"files", removed}});
  }
  if (error) log_warn("cannot list the staging directory", {{"what", error.message()}});
}

}  // namespace penstock::blobs
