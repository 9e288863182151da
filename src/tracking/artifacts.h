#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/blocking_pool.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "storage/blobs/blobs.h"
#include "storage/database/database.h"
#include "tracking/artifact_store.h"

namespace penstock::tracking {

// The bytes `first` to `last` of a file, both included.
struct ByteRange {
  int64_t first = 0;
  int64_t last = -1;
  int64_t size() const { return last - first + 1; }
};

// A file that is being read, piece by piece. One reader, on one loop.
class ArtifactReader {
 public:
  ArtifactReader(BlockingPool& pool, std::string content, ByteRange range);
  ArtifactReader(BlockingPool& pool, UniqueFd fd, std::string path, ByteRange range);

  // Replaces `piece` by the next bytes, about kPieceBytes of them; empty: that was all. kCorrupt where the
  // blob is shorter than it was.
  Task<Result<void>> read(std::string& piece);

  static constexpr int64_t kPieceBytes = 512 << 10;

 private:
  BlockingPool& pool_;
  std::string content_;  // of an inlined file
  UniqueFd fd_;
  std::string path_;
  int64_t at_;
  int64_t end_;
};

// Files of runs, logged models, traces and experiments: rows that name a digest, and bytes that are there
// once however many files hold them. Small contents are rows too, larger ones blobs. What is put is read back
// after `kill -9`; after a power loss too, but for the last moments, unless `durability: strict` asks for
// that. Thread-safe; runs on the caller's loop. All of the references outlive it.
class Artifacts {
 public:
  Artifacts(database::Database& database, blobs::Blobs& blobs, BlockingPool& pool, blobs::Sync sync,
            const Clock& clock = system_clock());

  // Takes `body` to its end and puts it at `path`, in one step when all of it is there: a reader sees the old
  // file or the new one. Memory: two pieces of the body. Errors of the body are returned as they are;
  // kConflict as put_artifact's.
  Task<Result<ArtifactFile>> put(std::string path, BodyStream& body);
  Task<Result<ArtifactFile>> put(std::string path, std::string content);
  // A file that is in the blobs already.
  Task<Result<ArtifactFile>> put(std::string path, blobs::BlobInfo blob);

  Task<Result<ArtifactFile>> find(std::string path);  // kNotFound
  // Without a range: all of it. The range lies within the file.
  Task<Result<ArtifactReader>> read(const ArtifactFile& file, std::optional<ByteRange> range);

  Task<Result<std::vector<ArtifactEntry>>> list(std::string directory);
  Task<Result<int64_t>> remove(std::string path);  // a file, or all below; how many files

 private:
  Task<Result<ArtifactFile>> put_row(ArtifactFile file, std::string content);

  database::Database& database_;
  blobs::Blobs& blobs_;
  BlockingPool& pool_;
  blobs::Sync sync_;
  const Clock& clock_;
};

}  // namespace penstock::tracking
