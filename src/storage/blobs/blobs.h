#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace penstock::blobs {

enum class Verify : uint8_t { kNo, kYes };

struct BlobInfo {
  Digest digest;
  int64_t size_bytes = 0;
};

// Bytes that never change, addressed by their SHA-256, in DATA/blobs/sha256/ab/<hex>. All members are thread-safe
// and block (files): call them on a BlockingPool. A blob is visible only when complete and renamed into place.
class Blobs {
 public:
  static Result<std::unique_ptr<Blobs>> open(std::filesystem::path directory);
  virtual ~Blobs() = default;

  // Writes piece by piece; nothing remains if it is destroyed without commit.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    virtual Result<BlobInfo> commit() = 0;
  };
  virtual Result<std::unique_ptr<Writer>> create() = 0;
  Result<BlobInfo> put(std::string_view content);
  // Takes a file in: by reflink or hard link where possible, else by copy; the source stays.
  virtual Result<BlobInfo> put_file(const std::filesystem::path& source) = 0;

  virtual bool contains(const Digest& digest) const = 0;
  virtual Result<BlobInfo> info(const Digest& digest) const = 0;
  // For libraries that map files. The blob must exist; never write to it.
  virtual std::filesystem::path path(const Digest& digest) const = 0;
  // Streams the content to `sink` (return an error to stop). With Verify::kYes a wrong digest is kCorrupt at the end.
  virtual Result<void> read(const Digest& digest, Verify verify,
                            const std::function<Result<void>(std::span<const std::byte>)>& sink) const = 0;
  virtual Result<std::string> get(const Digest& digest, Verify verify, size_t bytes_max) const = 0;

  // Deletes blobs not in `referenced` that are older than `age_min_us` (a write in progress may not be referenced
  // yet). Returns what was deleted.
  virtual Result<std::vector<BlobInfo>> collect_garbage(const std::set<Digest>& referenced, int64_t age_min_us) = 0;
};

}  // namespace penstock::blobs
