#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/config.h"
#include "datasets/dvc/environment.h"
#include "datasets/dvc/git.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/remote.h"
#include "datasets/dvc/stage.h"

namespace penstock::datasets::dvc {

// A file below what was asked for: an object of DVC's, or a blob of Git's.
struct SourceFile {
  std::string path;  // relative to what was asked for; empty where that is a file itself
  std::string id{};  // of an object
  HashKind kind = HashKind::kBytes;
  std::string blob{};  // of a Git file
  size_t bytes = 0;
  bool executable = false;
};

// Another repository at one revision: what `get`, `import` and `list` read. It may be a folder or anything
// that git can clone; clones are kept in the user's cache and brought up to date.
class SourceTree {
 public:
  static Result<std::unique_ptr<SourceTree>> open(const Environment& environment, const std::string& url,
                                                  const std::string& revision);

  const std::string& commit() const { return commit_; }
  const std::vector<Stage>& stages() const { return stages_; }
  const std::vector<CommittedFile>& git_files() const { return files_; }
  std::filesystem::path root() const { return git_->root(); }

  // All files at or below `path` (relative to the root, or to its DVC folder); kNotFound. Folder manifests
  // that the caller's `cache` lacks are brought there from the source's own cache or its remote.
  Result<std::vector<SourceFile>> files_at(const std::string& path, ObjectCache& cache,
                                           const std::string& remote);
  // Brings a file's object into `cache`, from the source's own cache if it is here, else from its remote.
  Result<void> bring(const SourceFile& file, ObjectCache& cache, const std::string& remote);
  Result<std::string> read_blob(const SourceFile& file) const;

 private:
  SourceTree() = default;
  Result<void> load(const Environment& environment);
  Result<std::vector<SourceFile>> files_of_output(const Stage& stage, const Output& output,
                                                  const std::string& within, ObjectCache& cache,
                                                  const std::string& remote);
  Result<Remote*> remote(const std::string& name);

  const Environment* environment_ = nullptr;
  std::unique_ptr<Git> git_;
  std::string commit_;
  Config config_;
  std::optional<ObjectCache> cache_;  // the source's own, where it is a folder here
  std::vector<CommittedFile> files_;
  std::vector<Stage> stages_;
  std::unique_ptr<Remote> remote_;
};

}  // namespace penstock::datasets::dvc
