#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

namespace penstock::tracking {

// A file under a root: a path and what stands there. Paths are checked by artifact_path() before.
struct ArtifactFile {
  std::string path;
  Digest digest;
  int64_t size_bytes = 0;
  Timestamp put_at;
  bool inlined = false;  // its content is a row, else a blob
};

// A child of a directory. Directories are there while something is in them.
struct ArtifactEntry {
  std::string name;
  bool is_directory = false;
  int64_t size_bytes = 0;  // of a file
};

// Contents up to this size are rows: one commit instead of a file of its own.
inline constexpr int64_t kInlineBytesMax = 16 << 10;
inline constexpr size_t kArtifactEntriesMax = 200'000;  // of one directory

std::span<const database::Migration> artifact_migrations();  // 65 to 66

// All of these work on a connection, so that several can share one transaction.

// Puts `file` in its place; what was there is replaced. `content` is that of an inlined file. kConflict when
// a file stands where a directory is needed, or the other way round.
Result<void> put_artifact(database::Connection& connection, const ArtifactFile& file,
                          std::string_view content);

Result<std::optional<ArtifactFile>> find_artifact(database::Connection& connection, std::string_view path);
Result<std::string> inlined_content(database::Connection& connection, const Digest& digest);

// The children of a directory ("": the root), by name; none where it is a file or absent. Costs a search per
// child, however much lies below. kTooLarge beyond kArtifactEntriesMax.
Result<std::vector<ArtifactEntry>> list_artifacts(database::Connection& connection,
                                                  std::string_view directory);

// All files at or below `path`, by path.
Result<std::vector<ArtifactFile>> artifacts_below(database::Connection& connection, std::string_view path);

// Deletes the file at `path` and everything below it; how many files that were.
Result<int64_t> remove_artifacts(database::Connection& connection, std::string_view path);

// Adds the digests of all blobs that artifacts refer to, for Blobs::collect_garbage.
Result<void> add_referenced_blobs(database::Connection& connection, std::set<Digest>& referenced);

}  // namespace penstock::tracking
