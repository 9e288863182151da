#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/config.h"
#include "datasets/dvc/environment.h"
#include "datasets/dvc/git.h"
#include "datasets/dvc/hash_state.h"
#include "datasets/dvc/ignore.h"
#include "datasets/dvc/link_journal.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/repository_lock.h"
#include "datasets/dvc/stage.h"
#include "datasets/dvc/work_tree.h"

namespace penstock::datasets::dvc {

// What a word on the command line names: a stage, or part of one of its outputs.
struct Target {
  Stage stage;
  std::optional<size_t> output{};  // of the stage; nothing: all
  std::filesystem::path within{};  // a path inside of that output; empty: all of it
};

enum class Depth : uint8_t {
  kNamed,
  kRecursive
};  // of a folder as a target: an error, or every stage below it

// A DVC repository, open and locked for one command. The parts are public to the commands of this folder,
// which are functions over it. One thread; what runs in parallel does so inside of WorkTree and the remotes.
class Repository {
 public:
  // The repository around the environment's folder, locked until this object is destroyed. kNotFound outside
  // of one.
  static Result<std::unique_ptr<Repository>> open(const Environment& environment);
  // Writes back what was learnt: hashes and links. To be called at a command's end, also after a failure.
  Result<void> close();

  // Gives the lock back while a stage's command works, which marks its files as in use.
  Result<void> unlock_for(const std::vector<std::filesystem::path>& reads,
                          const std::vector<std::filesystem::path>& writes);
  Result<void> lock_again();

  // All .dvc files and stages of dvc.yaml, in the order of their paths.
  Result<std::vector<Stage>> stages();
  // Those of a commit. Their `file`s are the paths that they have in the work tree.
  Result<std::vector<Stage>> stages_at(std::string_view commit);
  // What the words name; no words: everything.
  Result<std::vector<Target>> targets(const std::vector<std::string>& words, Depth depth = Depth::kNamed);
  static Result<std::vector<Target>> find_targets(const Environment& environment,
                                                  const std::vector<Stage>& stages,
                                                  const std::vector<std::string>& words, Depth depth);

  // Relative to the folder where the command runs, if that is in the repository; else to its root.
  std::string shown(const std::filesystem::path& path) const;
  // How an output or dependency is shown: as shown(), or as its file says it where it lies elsewhere.
  std::string shown(const Stage& stage, std::string_view path) const;
  std::string address(const Stage& stage) const;  // "a.dvc", "dvc.yaml:train" or "train"

  bool is_inside(const std::filesystem::path& path) const;
  // Remembers a file that has to be committed to Git.
  void track(const std::filesystem::path& file) { to_track_.insert(file); }
  // git add, or a hint how to do it.
  Result<void> finish_tracking();
  // Adds an output to .gitignore; kConflict where Git tracks it.
  Result<void> ignore_output(const std::filesystem::path& path, bool is_folder);
  Result<void> unignore_output(const std::filesystem::path& path);

  // The manifest of a folder's id, kept for the rest of the command.
  Result<const Manifest*> manifest(const ContentHash& hash);
  Storing storing() const;  // what `add` and `commit` do with files

  const Environment& environment() const { return *environment_; }
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path dvc_folder() const { return root_ / ".dvc"; }
  const Config& config() const { return config_; }
  Git* git() { return git_.get(); }
  ObjectCache& cache() { return *cache_; }
  HashState& state() { return *state_; }
  WorkTree& tree() { return *tree_; }
  IgnoreTree& ignore() { return *ignore_; }
  LinkJournal& links() { return links_; }
  const std::vector<LinkType>& link_types() const { return link_types_; }

 private:
  Repository() = default;
  Result<void> collect(const std::filesystem::path& folder, std::set<std::filesystem::path>& outputs,
                       std::vector<Stage>& into);

  const Environment* environment_ = nullptr;
  std::filesystem::path root_;
  std::optional<RepositoryLock> lock_;
  Config config_;
  std::unique_ptr<Git> git_;
  std::unique_ptr<ObjectCache> cache_;
  std::unique_ptr<HashState> state_;
  std::unique_ptr<IgnoreTree> ignore_;
  std::unique_ptr<WorkTree> tree_;
  std::vector<LinkType> link_types_;
  LinkJournal links_;
  std::set<std::filesystem::path> to_track_;
  std::map<std::string, Manifest> manifests_;
};

// The stages of a commit; `keep` says which files count by their path relative to the work tree.
Result<std::vector<Stage>> committed_stages(const Git& git, std::string_view commit,
                                            const std::function<bool(const std::string& path)>& keep);

// The nearest folder at or above `folder` that has a .dvc; empty if none has.
std::filesystem::path find_repository(const std::filesystem::path& folder);

// The rules that DVC has without any file.
std::vector<IgnoreRule> default_ignore_rules();

}  // namespace penstock::datasets::dvc
