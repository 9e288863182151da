#pragma once

#include <memory>

#include "core/clock.h"
#include "storage/blobs/blob_layout.h"
#include "storage/blobs/blobs.h"

namespace penstock::blobs {

// Blobs in a local directory.
class LocalBlobs : public Blobs {
 public:
  LocalBlobs(std::shared_ptr<const BlobLayout> layout, const Clock& clock)
      : layout_(std::move(layout)), clock_(clock) {}

  Result<std::unique_ptr<Writer>> create(Sync sync) override;
  Result<BlobInfo> put_file(const std::filesystem::path& source) override;
  bool contains(const Digest& digest) const override { return info(digest).has_value(); }
  Result<BlobInfo> info(const Digest& digest) const override;
  std::filesystem::path path(const Digest& digest) const override { return layout_->path(digest); }
  Result<void> read(const Digest& digest, Verify verify,
                    const std::function<Result<void>(std::span<const std::byte>)>& sink) const override;
  Result<std::vector<BlobInfo>> collect_garbage(const std::set<Digest>& referenced,
                                                int64_t age_min_us) override;

 private:
  // Deletes one blob if it is old enough still.
  Result<bool> remove_if_old(const Digest& digest, int64_t age_min_us);

  std::shared_ptr<const BlobLayout> layout_;
  const Clock& clock_;
};

}  // namespace penstock::blobs
