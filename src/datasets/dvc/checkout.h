#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

struct CheckoutOptions {
  bool force = false;   // files whose content is nowhere else may go
  bool relink = false;  // every file is linked anew, also where its content is right
  bool allow_missing =
      false;  // outputs whose objects are not in the cache are left as they are, without an error
};

struct CheckoutReport {
  std::vector<std::string> modified{};  // outputs, folders with '/' at the end and first
  std::vector<std::string> added{};
  std::vector<std::string> deleted{};
  std::vector<std::string> failed{};  // objects are missing: nothing of them was touched
  size_t files_modified = 0;
  size_t files_added = 0;
  size_t files_deleted = 0;
};

// Makes the work tree's outputs what the stage files say. Each file changes in one step; a file whose content
// is not in the cache is never deleted without `force`: the whole command refuses before anything is touched.
// With no `words`, outputs that an earlier revision put here and that nobody changed since are removed.
Result<CheckoutReport> checkout(Repository& repository, const std::vector<std::string>& words,
                                const CheckoutOptions& options, Depth depth = Depth::kNamed);
// The error that a report with failures is, once it has been shown.
Error checkout_failure(const CheckoutReport& report);

// Replaces links of an output's files by copies that may be written to.
Result<void> unprotect(Repository& repository, const std::filesystem::path& path);

}  // namespace penstock::datasets::dvc
