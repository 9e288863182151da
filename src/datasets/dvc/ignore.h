#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::datasets::dvc {

// One line of a .gitignore or .dvcignore (gitignore(5)).
struct IgnoreRule {
  std::string glob{};         // without '!', leading and trailing '/'
  std::string folder{};       // where its file stands, relative to the tree's root; empty: the root
  std::string source{};       // ".dvcignore:2:*.tmp", for people
  bool keeps = false;         // "!": what it matches is not ignored
  bool folders_only = false;  // it ended with '/'
  bool anchored = false;      // it names a path below `folder`, not a name at any depth

  // Nothing for comments and blank lines.
  static std::optional<IgnoreRule> parse(std::string_view line, std::string_view folder);
  // `path` is relative to the root.
  bool matches(std::string_view path, bool is_folder) const;
};

// Whether `text` fits `glob`: '*', '?' and '[...]' within a component, "**" across them.
bool glob_matches(std::string_view glob, std::string_view text);

// The ignore files of one tree, read folder by folder as they are asked for. One thread.
class IgnoreTree {
 public:
  // `file_name` is ".gitignore" or ".dvcignore"; `rules` are weaker than every file's.
  IgnoreTree(std::filesystem::path root, std::string file_name, std::vector<IgnoreRule> rules = {});

  // Of a path whose folders are known not to be ignored: the rule that decides, nullptr if none does.
  const IgnoreRule* rule_of(std::string_view path, bool is_folder);
  // Of any path, its folders included; the deciding rule where it is ignored.
  const IgnoreRule* ignoring(std::string_view path, bool is_folder);
  bool ignores(std::string_view path, bool is_folder) { return ignoring(path, is_folder) != nullptr; }
  // Forgets what was read: a file has changed.
  void reload() { by_folder_.clear(); }

 private:
  const std::vector<IgnoreRule>& rules_in(std::string_view folder);

  std::filesystem::path root_;
  std::string file_name_;
  std::vector<IgnoreRule> first_;
  std::map<std::string, std::vector<IgnoreRule>, std::less<>> by_folder_;
};

std::string_view parent_of(std::string_view path);  // "a/b" of "a/b/c"; empty at the top
std::string joined(std::string_view folder, std::string_view name);

}  // namespace penstock::datasets::dvc
