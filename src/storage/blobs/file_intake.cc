#include "storage/blobs/file_intake.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "storage/blobs/staged_blob.h"

namespace penstock::blobs {
namespace {

constexpr size_t kChunkBytes = 1 << 20;

struct Source {
  std::filesystem::path path;  // without symbolic links
  UniqueFd fd;
  struct stat status{};

  bool read_only() const { return (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0; }
};

Result<struct stat> status_of(const Source& source) {
  struct stat status{};
  if (fstat(source.fd.get(), &status) != 0) {
    int error_number = errno;
    return Failure(Error::from_errno(error_number, "cannot stat " + source.path.string()));
  }
  return status;
}

Result<Source> open_source(const std::filesystem::path& path, FileCalls& calls) {
  std::error_code error;
  Source source{.path = std::filesystem::canonical(path, error), .fd = {}};
  if (error) return Failure(Error::from_errno(error.value(), "cannot open " + path.string()));
  ASSIGN_OR_RETURN(source.fd, open_for_reading(source.path, calls));
  ASSIGN_OR_RETURN(source.status, status_of(source));
  if (!S_ISREG(source.status.st_mode))
    return Failure(Error::invalid("path", path.string() + " is not a file"));
  return source;
}

Result<void> check_unchanged(const Source& source) {
  ASSIGN_OR_RETURN(struct stat now, status_of(source));
  const struct stat& before = source.status;
  bool same = now.st_size == before.st_size && now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
              now.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
  if (same) return {};
  return Failure(Error{.code = ErrorCode::kConflict,
                       .message = source.path.string() + " changed while it was taken in"});
}

Result<BlobInfo> measure(int fd, const std::filesystem::path& path, FileCalls& calls) {
  Hasher hasher;
  BlobInfo info;
  RETURN_IF_ERROR(read_through(fd, path, calls, [&](std::span<const std::byte> bytes) -> Result<void> {
    hasher.update(bytes);
    info.size_bytes += static_cast<int64_t>(bytes.size());
    return {};
  }));
  info.digest = hasher.finish();
  return info;
}

Result<BlobInfo> by_link(const Source& source, StagedBlob& staged, FileCalls& calls) {
  RETURN_IF_ERROR(staged.become_link(source.fd.get(), source.path));
  ASSIGN_OR_RETURN(BlobInfo info, measure(source.fd.get(), source.path, calls));
  RETURN_IF_ERROR(check_unchanged(source));
  RETURN_IF_ERROR(staged.publish(info.digest));
  return info;
}

Result<BlobInfo> by_copy(const Source& source, StagedBlob& staged, FileCalls& calls) {
  auto write = [&](std::span<const std::byte> bytes) { return staged.write(bytes); };
  RETURN_IF_ERROR(read_through(source.fd.get(), source.path, calls, write));
  RETURN_IF_ERROR(check_unchanged(source));
  return staged.commit();
}

}  // namespace

Result<void> read_through(int fd, const std::filesystem::path& path, FileCalls& calls, const Sink& sink) {
  std::vector<char> chunk(kChunkBytes);
  int64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(size_t got, read_at(fd, chunk, offset, path, calls));
    if (got > 0) RETURN_IF_ERROR(sink(std::as_bytes(std::span(chunk).first(got))));
    if (got < chunk.size()) return {};
    offset += static_cast<int64_t>(got);
  }
}

Result<BlobInfo> take_in(const std::shared_ptr<const BlobLayout>& layout, const std::filesystem::path& path) {
  FileCalls& calls = layout->calls;
  ASSIGN_OR_RETURN(Source source, open_source(path, calls));
  ASSIGN_OR_RETURN(StagedBlob staged, StagedBlob::create(layout));
  // A clone shares the blocks and not their future: no later change of the source reaches it.
  if (ioctl(staged.file().fd(), FICLONE, source.fd.get()) == 0) {
    ASSIGN_OR_RETURN(BlobInfo info, measure(staged.file().fd(), staged.file().path(), calls));
    RETURN_IF_ERROR(staged.publish(info.digest));
    return info;
  }
  if (source.read_only()) {
    Result<BlobInfo> linked = by_link(source, staged, calls);
    if (linked || linked.error().code != ErrorCode::kNotImplemented) return linked;
    ASSIGN_OR_RETURN(StagedBlob again, StagedBlob::create(layout));
    return by_copy(source, again, calls);
  }
  return by_copy(source, staged, calls);
}

}  // namespace penstock::blobs
