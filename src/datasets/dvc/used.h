#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

// Which revisions count: the work tree always does, unless it is left out.
struct Revisions {
  bool all_branches = false;
  bool all_tags = false;
  bool all_commits = false;
  std::vector<std::string> named{};
  int64_t last = 1;  // commits of each branch and named revision
};

// An object that something needs, and for whom.
struct UsedObject {
  std::string id;
  HashKind kind = HashKind::kBytes;
  std::string name{};    // "data/x.csv": the first output or file that has it
  std::string remote{};  // the output's own; empty: the default one
  bool pushed = true;
  auto key() const { return std::tuple(id, kind, remote); }
};

enum class Purpose : uint8_t { kKeep, kPush, kFetch };

// The objects of outputs, folders' files among them, each once. Folders whose manifest is not in the cache
// are listed by themselves; where that loses objects is the caller's to know (`incomplete`).
struct Used {
  std::vector<UsedObject> objects{};
  std::vector<UsedObject> incomplete{};  // folders
  std::set<std::string>
      imports{};  // sources of repo imports that are not cached: fetched from their repository
};

Result<Used> used_objects(Repository& repository, const std::vector<std::string>& words,
                          const Revisions& revisions, Purpose purpose, Depth depth = Depth::kNamed);

struct GcOptions {
  Revisions revisions{};
  bool dry = false;
  bool cloud = false;          // the remote's unused objects too
  bool not_in_remote = false;  // keep what the remote lacks, only
  std::string remote{};
  std::vector<std::string> projects{};  // other repositories that use the same cache
  bool force = false;  // where a folder's manifest is missing, its files are lost without this
};
// Deletes unused objects; returns how many.
Result<size_t> gc(Repository& repository, const GcOptions& options);

}  // namespace penstock::datasets::dvc
