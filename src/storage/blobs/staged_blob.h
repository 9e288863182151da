#pragma once

#include <filesystem>
#include <memory>

#include "core/digest.h"
#include "core/file.h"
#include "storage/blobs/blob_layout.h"
#include "storage/blobs/blobs.h"

namespace penstock::blobs {

// A file in the staging directory on its way to becoming a blob. It is locked, so that another process that
// opens the store can tell it from what a killed writer left. Deleted at the end unless published. One
// thread.
class StagedBlob {
 public:
  static Result<StagedBlob> create(std::shared_ptr<const BlobLayout> layout);
  StagedBlob(StagedBlob&& other) noexcept;
  StagedBlob& operator=(StagedBlob&&) = delete;
  ~StagedBlob();

  // Appends to the content.
  Result<void> write(std::span<const std::byte> bytes);
  // Publishes what was written. Once.
  Result<BlobInfo> commit(Sync sync = Sync::kNow);

  const AppendFile& file() const { return file_; }

  // Replaces the file by a hard link to the open file `source` at `path`, which must be the same. kConflict
  // if it is another by now, kNotImplemented if the file system cannot.
  Result<void> become_link(int source, const std::filesystem::path& path);

  // Brings content that came otherwise than by `write`, and whose digest the caller has computed, to the disk
  // and puts it in place.
  Result<void> publish(const Digest& digest, Sync sync = Sync::kNow);

 private:
  StagedBlob(std::shared_ptr<const BlobLayout> layout, AppendFile file)
      : layout_(std::move(layout)), file_(std::move(file)) {}
  Result<void> protect();
  Result<void> sync_content();

  std::shared_ptr<const BlobLayout> layout_;  // null once moved from
  AppendFile file_;
  Hasher hasher_;
  bool linked_ = false;
};

// Removes what killed writers left in the staging directory.
void remove_leftovers(const BlobLayout& layout);

}  // namespace penstock::blobs
