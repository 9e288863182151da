#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/md5.h"
#include "core/result.h"
#include "datasets/dvc/file_stamp.h"
#include "datasets/dvc/hash_state.h"
#include "datasets/dvc/links.h"
#include "datasets/dvc/manifest.h"

namespace penstock::datasets::dvc {

using HashKind = HashState::Kind;

// MD5 of a file by reads of 1 MiB; `kDos2Unix` as DVC 2 read text. kInvalidArgument if it changed meanwhile.
Result<Md5> hash_file(const std::filesystem::path& path, HashKind kind = HashKind::kBytes);

// The digest of an id's digits (of a folder's id: without ".dir").
Md5 md5_of_hex(std::string_view id);

// A folder of objects named by the MD5 of their content: DVC's cache, and its local remote, which look the
// same. DVC 3 keeps them in files/md5/<2 digits>/<30 digits>, DVC 2 kept them in <2 digits>/<30 digits>. An
// object is mode 0444 once it is known to be whole; one of another mode is read before it is believed.
// Thread-safe.
class ObjectCache {
 public:
  enum class Sharing : uint8_t { kPrivate, kGroup };

  explicit ObjectCache(std::filesystem::path folder, Sharing sharing = Sharing::kPrivate);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path_of(std::string_view id, HashKind kind = HashKind::kBytes) const;

  enum class Presence : uint8_t { kAbsent, kPresent, kCorrupt };
  // A corrupt object is deleted, as DVC deletes it: it is worse than none. `state` remembers what was read.
  Presence check(std::string_view id, HashKind kind, HashState* state);
  bool exists(std::string_view id, HashKind kind = HashKind::kBytes) const;

  // Reads and hashes a file and puts its content here if it is new. With `links` beginning with kHardlink the
  // object is the file itself, which becomes read-only.
  Result<Md5> add(const std::filesystem::path& file, const FileStamp& stamp, bool hardlink);
  // Puts in what is known to have this id.
  Result<void> put(std::string_view id, std::string_view content, HashKind kind = HashKind::kBytes);
  // Copies an object of another folder here.
  Result<void> copy_from(const ObjectCache& other, std::string_view id, HashKind kind = HashKind::kBytes);
  // Makes the folder of an object.
  Result<void> prepare(std::string_view id, HashKind kind);

  Result<std::string> read(std::string_view id, HashKind kind = HashKind::kBytes) const;
  Result<Manifest> manifest(std::string_view id, HashKind kind = HashKind::kBytes) const;

  // Every object, in no order.
  Result<void> each(HashKind kind,
                    const std::function<void(std::string_view id, const FileStamp&)>& visit) const;
  Result<void> remove(std::string_view id, HashKind kind);

 private:
  Result<Md5> add_small(const std::filesystem::path& file, int fd, size_t bytes);
  Result<Md5> add_large(const std::filesystem::path& file, int fd, size_t bytes);
  Result<Md5> add_linked(const std::filesystem::path& file);

  std::filesystem::path folder_;
  Sharing sharing_;
  std::array<std::array<std::atomic<bool>, 256>, 2> prepared_{};
};

}  // namespace penstock::datasets::dvc
