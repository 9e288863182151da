#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/blocking_pool.h"
#include "core/result.h"
#include "datasets/dvc/environment.h"
#include "datasets/dvc/file_stamp.h"
#include "datasets/dvc/hash_state.h"
#include "datasets/dvc/ignore.h"
#include "datasets/dvc/manifest.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/stage.h"

namespace penstock::datasets::dvc {

// A file that was found below a folder.
struct FoundFile {
  std::string path;  // relative to the folder
  FileStamp stamp;
  std::string id{};  // its MD5, once it is known
};

// A file or folder of the work tree as it is now.
struct Content {
  ContentHash hash{};
  FileStamp stamp{};               // of the file or folder itself
  Manifest manifest{};             // of a folder
  std::vector<FoundFile> files{};  // of a folder, in the manifest's order
};

enum class Storing : uint8_t {
  kNo,        // only hash
  kCopy,      // into the cache, by reflink or copy
  kHardlink,  // the file itself becomes the object
};

// Reads files of a repository's work tree: hashes them, on all cores, and remembers what it has read.
class WorkTree {
 public:
  WorkTree(const Environment& environment, std::filesystem::path root, HashState& state, IgnoreTree& ignore);

  // Everything below `folder` that no .dvcignore names, sorted by path; symbolic links to files count as
  // files, to folders they are left out. kInvalidArgument where a .dvcignore lies in it, as DVC refuses it.
  Result<std::vector<FoundFile>> files_below(const std::filesystem::path& folder);
  // The hash of a file or folder; kNotFound if there is none. With a `cache` its content goes there too, each
  // file before the folder's manifest.
  Result<Content> read(const std::filesystem::path& path, HashKind kind, ObjectCache* cache, Storing storing);
  // Whether a .dvcignore names it.
  bool is_ignored(const std::filesystem::path& path, bool is_folder);

  BlockingPool& pool() { return *pool_; }
  size_t threads() const { return environment_->threads; }
  HashState& state() { return *state_; }
  const std::filesystem::path& root() const { return root_; }
  // `path` below the root; empty for the root itself and for what is outside.
  std::string relative(const std::filesystem::path& path) const;

 private:
  Result<void> walk(const std::filesystem::path& folder, const std::string& below, std::string_view in_root,
                    std::vector<FoundFile>& into);
  Result<void> hash_all(const std::filesystem::path& folder, std::vector<FoundFile>& files, HashKind kind,
                        ObjectCache* cache, Storing storing);
  Result<std::string> hash_one(const std::string& path, const FileStamp& stamp, HashKind kind,
                               ObjectCache* cache, Storing storing);

  const Environment* environment_;
  std::filesystem::path root_;
  HashState* state_;
  IgnoreTree* ignore_;
  std::unique_ptr<BlockingPool> pool_;
};

}  // namespace penstock::datasets::dvc
