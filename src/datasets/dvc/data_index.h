#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

// One path that is tracked, or that stands in a tracked place of the work tree.
struct IndexEntry {
  std::string id{};  // empty: an output without a known hash
  HashKind kind = HashKind::kBytes;
  bool folder = false;
  bool executable = false;
  FileStamp stamp{};  // in an index of the work tree
  bool same_content(const IndexEntry& other) const { return id == other.id && kind == other.kind; }
};

// Tracked paths, relative to the repository's root, with the files of folders among them.
struct DataIndex {
  std::map<std::string, IndexEntry> entries{};
  // Outputs: the roots that the entries belong to.
  std::vector<std::string> roots{};
  // Folders whose manifest is not in the cache: what is in them is unknown.
  std::vector<std::string> unknown{};

  bool is_unknown(std::string_view path) const;  // lies in one of `unknown`
};

// As stage files say it. Outputs without a cache, outside of the repository and of partial imports are left
// out.
Result<DataIndex> index_of(Repository& repository, const std::vector<Target>& targets);
// As the work tree is: the same outputs, hashed.
Result<DataIndex> index_of_work_tree(Repository& repository, const std::vector<Target>& targets);

// What separates two indexes.
struct IndexChange {
  enum class Kind : uint8_t { kAdded, kDeleted, kModified, kRenamed, kUnchanged, kUnknown };
  Kind kind = Kind::kUnchanged;
  std::string path{};      // the new one of a rename
  std::string old_path{};  // of a rename
  const IndexEntry* before = nullptr;
  const IndexEntry* after = nullptr;

  bool folder() const { return after != nullptr ? after->folder : before->folder; }
};

enum class Compared : uint8_t { kContent, kContentAndMode };
enum class Grain : uint8_t { kOutputs, kFiles };  // whole outputs, or the files in them too
enum class Renames : uint8_t { kFound, kIgnored };
// In the order of paths; pointers lead into the indexes. kUnchanged among them.
std::vector<IndexChange> compare(const DataIndex& before, const DataIndex& after, Compared compared,
                                 Grain grain, Renames renames);

std::string with_slash(const std::string& path, bool folder);

}  // namespace penstock::datasets::dvc
