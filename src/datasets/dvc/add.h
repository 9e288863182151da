#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

enum class Committing : uint8_t { kToCache, kHashOnly };
enum class Relinking : uint8_t { kYes, kNo };

struct AddOptions {
  Committing committing = Committing::kToCache;
  Relinking relinking = Relinking::kYes;
  std::string out{};   // where the target, which may lie outside of the repository, is put; one target only
  bool force = false;  // `out` may be overwritten
};

// Tracks files and folders: content into the cache, `<name>.dvc` beside each, its line in .gitignore. A
// target that is tracked is updated; one inside of a tracked folder updates that folder. All targets are
// checked before the first is touched.
Result<std::vector<Stage>> add(Repository& repository, const std::vector<std::string>& targets,
                               const AddOptions& options = {});

// Gives an output's files the links that `cache.type` asks for, where they have others.
Result<void> relink(Repository& repository, const std::filesystem::path& path, const Content& content);

// Creates an empty repository in the environment's folder.
struct InitOptions {
  bool without_git = false;
  bool below_git_root = false;  // "--subdir"
  bool force = false;           // an existing one is removed, its cache with it
};
Result<void> init(const Environment& environment, const InitOptions& options);

}  // namespace penstock::datasets::dvc
