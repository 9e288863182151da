#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/remote.h"
#include "datasets/dvc/repository.h"
#include "datasets/dvc/used.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

struct TransferOptions {
  std::string remote{};  // empty: each output's own, else the default one
  Revisions revisions{};
  size_t jobs = 0;  // 0: the remote's own number
  bool run_cache = false;
  Depth depth = Depth::kNamed;
};

// Uploads what the remotes lack; returns how many objects. A folder's object goes last, so that it is never
// there without its files; what an earlier, interrupted push brought is not sent again. Objects that neither
// the cache nor the remote has are warned of. A failed object fails the command, named, after the others went
// through.
Result<size_t> push(Repository& repository, const std::vector<std::string>& words,
                    const TransferOptions& options);
// Downloads what the cache lacks, folders first because they say what else there is.
Result<size_t> fetch(Repository& repository, const std::vector<std::string>& words,
                     const TransferOptions& options);
// `dvc status -c`: {"path": "new" | "deleted" | "missing"}: only here, only there, nowhere.
Result<Value> cloud_status(Repository& repository, const std::vector<std::string>& words,
                           const TransferOptions& options);

// Of these objects, those that the remote lacks.
Result<std::vector<UsedObject>> missing_in(Repository& repository, Remote& remote,
                                           const std::vector<UsedObject>& objects);

struct Verification {
  size_t objects = 0;
  std::vector<std::string> corrupt{};  // places whose content is not what their name says; they are gone now
};
// Reads every object of the cache, whatever its mode says.
Result<Verification> verify_cache(Repository& repository);

}  // namespace penstock::datasets::dvc
