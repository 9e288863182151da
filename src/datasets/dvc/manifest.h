#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::datasets::dvc {

// One file of a tracked directory.
struct ManifestEntry {
  std::string path;  // relative to the directory, with '/'
  std::string md5;   // 32 hex digits
  bool operator==(const ManifestEntry&) const = default;
};

// The content of a tracked directory: DVC's ".dir" object, sorted by path in code-point order.
struct Manifest {
  std::vector<ManifestEntry> entries{};

  // A JSON list of {"md5", "relpath"} in Python's spelling; kCorrupt if it is no such list, names an unsafe
  // path (absolute or with "..") or one path twice. `name` is for errors.
  static Result<Manifest> parse(std::string_view text, std::string_view name);
  std::string text() const;
  // MD5 of text() + ".dir".
  std::string id() const;
  void sort();
  // The entry of a path; nullptr if absent.
  const ManifestEntry* find(std::string_view path) const;
};

constexpr std::string_view kDirectorySuffix = ".dir";
inline bool is_directory_id(std::string_view id) { return id.ends_with(kDirectorySuffix); }
// 32 lower-case hex digits, and ".dir" for a directory.
bool is_object_id(std::string_view id);

}  // namespace penstock::datasets::dvc
