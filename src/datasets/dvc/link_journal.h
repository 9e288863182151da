#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/work_tree.h"

namespace penstock::datasets::dvc {

// Outputs that we put into the work tree, and how they looked then. Where a later revision no longer has one
// and it still looks the same, checkout removes it; what a person changed stays.
class LinkJournal {
 public:
  static LinkJournal load(std::filesystem::path file);

  // `path` is relative to the repository's root. The mark stands for inodes and modification times.
  void record(const std::string& path, std::string mark);
  void forget(const std::string& path);
  const std::map<std::string, std::string>& entries() const { return entries_; }
  Result<void> save() const;

  // Of a file or folder as it is now; empty if it is gone.
  static std::string mark_of(WorkTree& tree, const std::filesystem::path& path);
  static std::string mark_of(const FileStamp& stamp, const std::vector<FoundFile>& files);

 private:
  std::filesystem::path file_;
  std::map<std::string, std::string> entries_;
  bool changed_ = false;
};

}  // namespace penstock::datasets::dvc
