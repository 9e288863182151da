#pragma once

#include <filesystem>

#include "core/digest.h"
#include "core/file.h"
#include "core/result.h"

namespace penstock::blobs {

// The names in a store's directory. docs/formats/blobs.md is the specification.
struct BlobLayout {
  std::filesystem::path root;
  FileCalls& calls;

  std::filesystem::path blobs() const { return root / "sha256"; }
  std::filesystem::path staging() const { return root / "tmp"; }
  // A digest is 32 bytes and its name hexadecimal digits: no path from outside gets in here.
  std::filesystem::path shard(const Digest& digest) const { return blobs() / digest.hex().substr(0, 2); }
  std::filesystem::path path(const Digest& digest) const { return shard(digest) / digest.hex(); }

  // Held shared while a blob is put in place, and exclusively while one is deleted: else a deletion could hit
  // the blob that has just been put again.
  Result<UniqueFd> lock(LockKind kind) const { return lock_file(root / "lock", kind, LockWait::kWait); }
};

}  // namespace penstock::blobs
