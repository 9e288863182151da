#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/environment.h"
#include "datasets/dvc/ignore.h"

namespace penstock::datasets::dvc {

// A file of a commit.
struct CommittedFile {
  std::string path;  // relative to the work tree's root
  std::string blob;  // its id
  size_t bytes = 0;
};

// The Git repository around a folder. What is ignored and tracked is read from its files; commits are read by
// the program `git`. One thread.
class Git {
 public:
  // Nothing where no parent folder has a .git.
  static std::unique_ptr<Git> find(const Environment& environment, const std::filesystem::path& folder);

  const std::filesystem::path& root() const { return root_; }

  // By .gitignore, info/exclude and the user's excludes. False outside of the work tree.
  bool ignores(const std::filesystem::path& path, bool is_folder);
  // Whether the index has the path, or something below it.
  Result<bool> tracks(const std::filesystem::path& path) const;
  // The files of `subjects` that the index lacks and nothing ignores: "git ls-files --others".
  Result<std::vector<std::string>> untracked() const;

  // Adds and removes the line of a path in the .gitignore beside it, as DVC does: true if the file changed
  // or, for add, has to be committed.
  Result<bool> add_ignore_line(const std::filesystem::path& path, bool is_folder);
  Result<bool> remove_ignore_line(const std::filesystem::path& path);

  // The commit of a branch, tag, id or "HEAD~1"; kNotFound.
  Result<std::string> resolve(std::string_view revision) const;
  bool has_commits() const { return resolve("HEAD").has_value(); }
  Result<std::vector<CommittedFile>> files_of(std::string_view commit) const;
  Result<std::vector<std::string>> read(const std::vector<CommittedFile>& files) const;
  Result<std::vector<std::string>> branches() const;
  Result<std::vector<std::string>> tags() const;
  Result<std::vector<std::string>> all_commits() const;
  Result<void> stage(const std::vector<std::filesystem::path>& paths) const;

  // Runs git in the work tree; a failure is an error with git's own words.
  Result<std::string> run(std::vector<std::string> arguments) const;
  static Result<std::string> run_in(const std::filesystem::path& folder, std::vector<std::string> arguments);

 private:
  Git(std::filesystem::path root, std::filesystem::path git_folder, std::vector<IgnoreRule> rules);
  std::optional<std::string> relative(const std::filesystem::path& path) const;
  Result<std::vector<std::string>> lines(std::vector<std::string> arguments) const;
  Result<void> load_index() const;

  std::filesystem::path root_;
  std::filesystem::path git_folder_;
  IgnoreTree ignore_;
  mutable std::optional<std::vector<std::string>> index_;  // sorted paths
};

}  // namespace penstock::datasets::dvc
