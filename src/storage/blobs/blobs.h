#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/result.h"

namespace penstock::blobs {

enum class Verify : uint8_t { kNo, kYes };

// What the end of a write waits for. kNow: the blob is on the disk. kLater: the kernel has it, so that it
// survives `kill -9`; a power loss may leave it damaged, which its size or Verify::kYes shows and putting it
// again heals.
enum class Sync : uint8_t { kNow, kLater };

struct BlobInfo {
  Digest digest;
  int64_t size_bytes = 0;
};

// Bytes that never change, addressed by their SHA-256, in DATA/blobs/sha256/ab/<hex> (docs/formats/blobs.md).
// All members are thread-safe and block (files): call them on a BlockingPool. Several processes may use one
// directory. A blob is visible only when complete, on disk (but see Sync), and renamed into place. A full
// disk is kStorageFull and leaves nothing behind.
class Blobs {
 public:
  // Makes the directory if it is absent and removes what killed writers left. `clock` is for collect_garbage.
  static Result<std::unique_ptr<Blobs>> open(std::filesystem::path directory,
                                             const Clock& clock = system_clock(),
                                             FileCalls& calls = system_file_calls());
  virtual ~Blobs() = default;

  // Writes piece by piece; nothing remains if it is destroyed without commit. One thread. It may outlive the
  // store.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // Once, after the last write. Content that is there already is kept and counts as new for
    // collect_garbage.
    virtual Result<BlobInfo> commit() = 0;
    // After a commit with Sync::kLater: brings the content to the disk.
    virtual Result<void> sync() = 0;
  };
  virtual Result<std::unique_ptr<Writer>> create(Sync sync = Sync::kNow) = 0;
  Result<BlobInfo> put(std::string_view content);
  // Takes a file in: by reflink where the file system can, by hard link if nobody may write to the source (no
  // write permission bits), else by copy; the source stays. kNotFound; kConflict if it changes meanwhile.
  virtual Result<BlobInfo> put_file(const std::filesystem::path& source) = 0;

  virtual bool contains(const Digest& digest) const = 0;
  virtual Result<BlobInfo> info(const Digest& digest) const = 0;  // kNotFound
  // For libraries that map files. The blob must exist; never write to it.
  virtual std::filesystem::path path(const Digest& digest) const = 0;
  // Streams the content to `sink` (return an error to stop). kNotFound. With Verify::kYes a wrong digest is
  // kCorrupt at the end, when the sink has had everything.
  virtual Result<void> read(const Digest& digest, Verify verify,
                            const std::function<Result<void>(std::span<const std::byte>)>& sink) const = 0;
  // kTooLarge beyond `bytes_max`.
  Result<std::string> get(const Digest& digest, Verify verify, size_t bytes_max) const;

  // Deletes blobs not in `referenced` that were put more than `age_min_us` ago (a newer one may not be
  // referenced yet). Returns what was deleted.
  virtual Result<std::vector<BlobInfo>> collect_garbage(const std::set<Digest>& referenced,
                                                        int64_t age_min_us) = 0;
};

}  // namespace penstock::blobs
