#include "tracking/blob_upload.h"

#include <memory>
#include <utility>

#include "core/log.h"
#include "core/wakeup.h"

namespace penstock::tracking {
namespace {

constexpr int64_t kLookAgainMs = 60'000;

// Shared with what runs on the pool, which may outlast the upload.
struct Work {
  std::unique_ptr<blobs::Blobs::Writer> writer;
  std::string piece;
  Result<void> outcome;
  Wakeup done;
};

Failure busy() {
  return Failure(Error{.code = ErrorCode::kRateLimited,
                       .message = "too many artifacts are being written",
                       .retry_after_ms = 1'000});
}

bool begin_write(const std::shared_ptr<Work>& work, BlockingPool& pool) {
  return pool.post([work] {
    work->outcome = work->writer->write(std::as_bytes(std::span(work->piece)));
    work->done.notify();
  });
}

// So that a power loss costs the last moments only.
void sync_later(std::shared_ptr<Work> work, BlockingPool& pool) {
  pool.post([work = std::move(work)] {
    if (auto synced = work->writer->sync(); !synced) {
      log_warn("an artifact may not be on the disk", {{"error", synced.error().message}});
    }
  });
}

}  // namespace

Task<Result<blobs::BlobInfo>> upload_blob(BodyStream& body, std::string first, blobs::Blobs& blobs,
                                          BlockingPool& pool, blobs::Sync sync) {
  auto work = std::make_shared<Work>();
  auto create = [work, &blobs, sync]() -> Result<void> {
    ASSIGN_OR_RETURN(work->writer, blobs.create(sync));
    return {};
  };
  CO_RETURN_IF_ERROR(co_await pool.run(std::move(create)));
  std::string piece = std::move(first);
  while (!piece.empty()) {
    std::swap(work->piece, piece);
    if (!begin_write(work, pool)) co_return busy();
    Result<void> read = co_await body.read(piece);
    while (co_await work->done.wait(kLookAgainMs) != Wakeup::Reason::kNotified) {
    }
    CO_RETURN_IF_ERROR(std::move(work->outcome));
    CO_RETURN_IF_ERROR(std::move(read));
  }
  auto commit = [work]() -> Result<blobs::BlobInfo> { return work->writer->commit(); };
  ASSIGN_OR_CO_RETURN(blobs::BlobInfo info, co_await pool.run(std::move(commit)));
  if (sync == blobs::Sync::kLater) sync_later(std::move(work), pool);
  co_return info;
}

}  // namespace penstock::tracking
