#include "tracking/artifacts.h"

#include <algorithm>
#include <span>
#include <utility>

#include "tracking/blob_upload.h"

namespace penstock::tracking {
namespace {

using database::Connection;

Error absent(std::string_view path) {
  return Error::not_found("No such artifact: '" + std::string(path) + "'", "RESOURCE_DOES_NOT_EXIST");
}

}  // namespace

ArtifactReader::ArtifactReader(BlockingPool& pool, std::string content, ByteRange range)
    : pool_(pool), content_(std::move(content)), at_(range.first), end_(range.last + 1) {}

ArtifactReader::ArtifactReader(BlockingPool& pool, UniqueFd fd, std::string path, ByteRange range)
    : pool_(pool), fd_(std::move(fd)), path_(std::move(path)), at_(range.first), end_(range.last + 1) {}

Task<Result<void>> ArtifactReader::read(std::string& piece) {
  int64_t count = std::min(end_ - at_, kPieceBytes);
  if (!fd_) {
    count = end_ - at_;
    piece.assign(content_, static_cast<size_t>(at_), static_cast<size_t>(count));
    at_ += count;
    co_return Result<void>{};
  }
  piece.resize(static_cast<size_t>(count));
  if (count == 0) co_return Result<void>{};
  auto fill = [this, &piece] { return read_at(fd_.get(), piece, at_, path_); };
  ASSIGN_OR_CO_RETURN(size_t got, co_await pool_.run(std::move(fill)));
  at_ += count;
  if (got == piece.size()) co_return Result<void>{};
  co_return Failure(Error{.code = ErrorCode::kCorrupt, .message = path_ + " is shorter than it was"});
}

Artifacts::Artifacts(database::Database& database, blobs::Blobs& blobs, BlockingPool& pool, blobs::Sync sync,
                     const Clock& clock)
    : database_(database), blobs_(blobs), pool_(pool), sync_(sync), clock_(clock) {}

Task<Result<ArtifactFile>> Artifacts::put(std::string path, BodyStream& body) {
  std::string first;
  CO_RETURN_IF_ERROR(co_await body.read(first));
  bool may_be_small = static_cast<int64_t>(first.size()) <= kInlineBytesMax;
  std::string next;
  // Whether that was all; a first piece may be small by chance.
  if (may_be_small && !first.empty()) CO_RETURN_IF_ERROR(co_await body.read(next));
  if (may_be_small && next.empty()) co_return co_await put(std::move(path), std::move(first));
  first += next;
  ASSIGN_OR_CO_RETURN(blobs::BlobInfo blob,
                      co_await upload_blob(body, std::move(first), blobs_, pool_, sync_));
  co_return co_await put(std::move(path), blob);
}

Task<Result<ArtifactFile>> Artifacts::put(std::string path, std::string content) {
  auto size = static_cast<int64_t>(content.size());
  if (size > kInlineBytesMax) {
    auto store = [this, content = std::move(content)]() -> Result<blobs::BlobInfo> {
      ASSIGN_OR_RETURN(auto writer, blobs_.create(sync_));
      RETURN_IF_ERROR(writer->write(std::as_bytes(std::span(content))));
      return writer->commit();
    };
    ASSIGN_OR_CO_RETURN(blobs::BlobInfo blob, co_await pool_.run(std::move(store)));
    co_return co_await put(std::move(path), blob);
  }
  ArtifactFile file{.path = std::move(path),
                    .digest = Digest::of(content),
                    .size_bytes = size,
                    .put_at = clock_.now(),
                    .inlined = true};
  co_return co_await put_row(std::move(file), std::move(content));
}

Task<Result<ArtifactFile>> Artifacts::put(std::string path, blobs::BlobInfo blob) {
  ArtifactFile file{
      .path = std::move(path), .digest = blob.digest, .size_bytes = blob.size_bytes, .put_at = clock_.now()};
  co_return co_await put_row(std::move(file), {});
}

Task<Result<ArtifactFile>> Artifacts::put_row(ArtifactFile file, std::string content) {
  auto write = [file = std::move(file),
                content = std::move(content)](Connection& connection) -> Result<ArtifactFile> {
    RETURN_IF_ERROR(put_artifact(connection, file, content));
    return file;
  };
  co_return co_await database_.write<ArtifactFile>(std::move(write));
}

Task<Result<ArtifactFile>> Artifacts::find(std::string path) {
  auto find = [path = std::move(path)](Connection& connection) -> Result<ArtifactFile> {
    ASSIGN_OR_RETURN(std::optional<ArtifactFile> file, find_artifact(connection, path));
    if (!file) return Failure(absent(path));
    return std::move(*file);
  };
  co_return co_await database_.read<ArtifactFile>(std::move(find));
}

Task<Result<ArtifactReader>> Artifacts::read(const ArtifactFile& file, std::optional<ByteRange> range) {
  ByteRange part = range.value_or(ByteRange{.first = 0, .last = file.size_bytes - 1});
  if (file.inlined) {
    auto find = [digest = file.digest](Connection& connection) {
      return inlined_content(connection, digest);
    };
    ASSIGN_OR_CO_RETURN(std::string content, co_await database_.read<std::string>(std::move(find)));
    co_return ArtifactReader(pool_, std::move(content), part);
  }
  std::string path = blobs_.path(file.digest).string();
  auto open = [path, size = file.size_bytes]() -> Result<UniqueFd> {
    ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path));
    ASSIGN_OR_RETURN(int64_t bytes, file_bytes(fd.get(), path));
    if (bytes == size) return fd;
    return Failure(Error{
        .code = ErrorCode::kCorrupt,
        .message = path + " has " + std::to_string(bytes) + " bytes instead of " + std::to_string(size)});
  };
  Result<UniqueFd> fd = co_await pool_.run(std::move(open));
  if (!fd && fd.error().code == ErrorCode::kNotFound) {
    co_return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = "the content of '" + file.path + "' is missing from the blobs: " + path});
  }
  if (!fd) co_return Failure(std::move(fd).error());
  co_return ArtifactReader(pool_, std::move(*fd), path, part);
}

Task<Result<std::vector<ArtifactEntry>>> Artifacts::list(std::string directory) {
  auto list = [directory = std::move(directory)](Connection& connection) {
    return list_artifacts(connection, directory);
  };
  co_return co_await database_.read<std::vector<ArtifactEntry>>(std::move(list));
}

Task<Result<int64_t>> Artifacts::remove(std::string path) {
  auto remove = [path = std::move(path)](Connection& connection) {
    return remove_artifacts(connection, path);
  };
  co_return co_await database_.write<int64_t>(std::move(remove));
}

}  // namespace penstock::tracking
