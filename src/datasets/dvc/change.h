#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/add.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

struct CommitOptions {
  bool force = false;  // without asking
  Relinking relinking = Relinking::kYes;
};

// Makes what the work tree has the tracked content: hashes, caches and writes the stage files (or dvc.lock).
// Asks before a stage changes; kConflict where the answer is no.
Result<void> commit(Repository& repository, const std::vector<std::string>& words,
                    const CommitOptions& options, Depth depth = Depth::kNamed);

// Writes down a stage as its files are now: hashes, content into the cache, its file or its entry in
// dvc.lock.
Result<void> record_stage(Repository& repository, Stage& stage, Committing committing);

enum class RemovedData : uint8_t { kKept, kDeleted };
// Stops tracking what a .dvc file (never a data file) names; its data stays, unlinked from the cache, or
// goes.
Result<void> remove_stage(Repository& repository, const std::string& word, RemovedData data);

// Renames an output together with its .dvc file and its line in .gitignore.
Result<void> move(Repository& repository, const std::string& from, const std::string& to);

}  // namespace penstock::datasets::dvc
