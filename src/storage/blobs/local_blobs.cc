#include "storage/blobs/local_blobs.h"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>

#include "core/log.h"
#include "storage/blobs/file_intake.h"
#include "storage/blobs/staged_blob.h"

namespace penstock::blobs {
namespace {

class StagedWriter : public Blobs::Writer {
 public:
  StagedWriter(StagedBlob staged, Sync sync) : staged_(std::move(staged)), sync_(sync) {}
  Result<void> write(std::span<const std::byte> bytes) override { return staged_.write(bytes); }
  Result<BlobInfo> commit() override { return staged_.commit(sync_); }
  Result<void> sync() override { return staged_.file().sync(); }

 private:
  StagedBlob staged_;
  Sync sync_;
};

Error absent(const Digest& digest) { return Error::not_found("there is no blob " + digest.text()); }

// nullopt if there is no such file.
std::optional<struct stat> status_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status;
}

}  // namespace

Result<std::unique_ptr<Blobs>> Blobs::open(std::filesystem::path directory, const Clock& clock,
                                           FileCalls& calls) {
  auto layout = std::make_shared<const BlobLayout>(std::move(directory), calls);
  for (const auto& needed : {layout->blobs(), layout->staging()}) {
    std::error_code error;
    std::filesystem::create_directories(needed, error);
    if (error) return Failure(Error::from_errno(error.value(), "cannot make directory " + needed.string()));
  }
  RETURN_IF_ERROR(sync_directory(layout->root, calls));
  remove_leftovers(*layout);
  return std::make_unique<LocalBlobs>(std::move(layout), clock);
}

Result<BlobInfo> Blobs::put(std::string_view content) {
  ASSIGN_OR_RETURN(std::unique_ptr<Writer> writer, create());
  RETURN_IF_ERROR(writer->write(std::as_bytes(std::span(content))));
  return writer->commit();
}

Result<std::string> Blobs::get(const Digest& digest, Verify verify, size_t bytes_max) const {
  ASSIGN_OR_RETURN(BlobInfo found, info(digest));
  if (static_cast<uint64_t>(found.size_bytes) > bytes_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "blob " + digest.text() + " has " + std::to_string(found.size_bytes) +
                                    " bytes, more than the " + std::to_string(bytes_max) + " asked for"});
  }
  std::string content;
  content.reserve(static_cast<size_t>(found.size_bytes));
  RETURN_IF_ERROR(read(digest, verify, [&](std::span<const std::byte> bytes) -> Result<void> {
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }));
  return content;
}

Result<std::unique_ptr<Blobs::Writer>> LocalBlobs::create(Sync sync) {
  ASSIGN_OR_RETURN(StagedBlob staged, StagedBlob::create(layout_));
  return std::make_unique<StagedWriter>(std::move(staged), sync);
}

Result<BlobInfo> LocalBlobs::put_file(const std::filesystem::path& source) {
  return take_in(layout_, source);
}

Result<BlobInfo> LocalBlobs::info(const Digest& digest) const {
  std::optional<struct stat> status = status_of(path(digest));
  if (!status) return Failure(absent(digest));
  return BlobInfo{.digest = digest, .size_bytes = status->st_size};
}

Result<void> LocalBlobs::read(const Digest& digest, Verify verify,
                              const std::function<Result<void>(std::span<const std::byte>)>& sink) const {
  std::filesystem::path file = path(digest);
  Result<UniqueFd> fd = open_for_reading(file, layout_->calls);
  if (!fd && fd.error().code == ErrorCode::kNotFound) return Failure(absent(digest));
  if (!fd) return Failure(std::move(fd).error());
  if (verify == Verify::kNo) return read_through(fd->get(), file, layout_->calls, sink);
  Hasher hasher;
  RETURN_IF_ERROR(read_through(fd->get(), file, layout_->calls, [&](std::span<const std::byte> bytes) {
    hasher.update(bytes);
    return sink(bytes);
  }));
  Digest found = hasher.finish();
  if (found == digest) return {};
  return Failure(Error{.code = ErrorCode::kCorrupt,
                       .message = file.string() + " is damaged: its content has digest " + found.text()});
}

Result<std::vector<BlobInfo>> LocalBlobs::collect_garbage(const std::set<Digest>& referenced,
                                                          int64_t age_min_us) {
  std::vector<BlobInfo> deleted;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(layout_->blobs(), error);
  for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error)) {
    Result<Digest> digest = Digest::parse(entries->path().filename().string());
    // A file with any other name is not ours.
    if (!digest || entries->path() != path(*digest) || referenced.contains(*digest)) continue;
    Result<BlobInfo> found = info(*digest);
    if (!found) continue;
    ASSIGN_OR_RETURN(bool removed, remove_if_old(*digest, age_min_us));
    if (removed) deleted.push_back(*found);
  }
  if (error) {
    return Failure(Error::from_errno(error.value(), "cannot list blobs in " + layout_->blobs().string()));
  }
  return deleted;
}

Result<bool> LocalBlobs::remove_if_old(const Digest& digest, int64_t age_min_us) {
  ASSIGN_OR_RETURN(UniqueFd lock, layout_->lock(LockKind::kExclusive));
  std::filesystem::path file = path(digest);
  std::optional<struct stat> status = status_of(file);
  if (!status) return false;
  // The time of the last change of the name, which putting it again renews; the content's may be a source
  // file's.
  int64_t put_us = static_cast<int64_t>(status->st_ctim.tv_sec) * 1'000'000 + status->st_ctim.tv_nsec / 1000;
  if (clock_.now().us - put_us < age_min_us) return false;
  if (layout_->calls.unlink(file.c_str()) != 0) {
    int error_number = errno;
    return Failure(Error::from_errno(error_number, "cannot delete " + file.string()));
  }
  return true;
}

}  // namespace penstock::blobs
