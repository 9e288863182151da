#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "datasets/dvc/environment.h"

namespace penstock::datasets::dvc {

// The lock that DVC's commands hold too: flock(2) on .dvc/tmp/lock, waited for as long as DVC waits (3 s).
// Given back when destroyed.
class RepositoryLock {
 public:
  static Result<RepositoryLock> take(const std::filesystem::path& dvc_folder);

  // kConflict where a running process holds one of `paths` (or a folder of it, or something in it) in
  // .dvc/tmp/rwlock: a `dvc repro` whose command is at work gives the lock above back but keeps these.
  static Result<void> check_writers(const std::filesystem::path& dvc_folder,
                                    const std::vector<std::filesystem::path>& paths);

  // Puts this process's own marks there, and takes all of them away.
  static Result<void> announce(const std::filesystem::path& dvc_folder, const std::string& command,
                               const std::vector<std::filesystem::path>& reads,
                               const std::vector<std::filesystem::path>& writes);
  static Result<void> withdraw(const std::filesystem::path& dvc_folder);

 private:
  explicit RepositoryLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace penstock::datasets::dvc
