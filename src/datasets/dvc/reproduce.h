#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

struct ReproduceOptions {
  bool force = false;      // also what did not change
  bool dry = false;        // say what would run
  bool single = false;     // only the named stages, not what they need
  bool no_commit = false;  // outputs are hashed but not cached
};

// Runs the stages that changed, each after those whose outputs it needs, and writes dvc.lock after each. A
// stage's command runs by `sh` in the stage's folder with this process's standard output; meanwhile the
// repository is not locked, but its files are marked as in use, as DVC does, so that a command may itself
// call dvc or penstock. DVC's run cache (runs/) is neither read nor written.
Result<void> reproduce(Repository& repository, const std::vector<std::string>& words,
                       const ReproduceOptions& options);

}  // namespace penstock::datasets::dvc
