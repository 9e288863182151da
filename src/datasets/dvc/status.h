#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

enum class SourceCheck : uint8_t { kYes, kNo };  // whether sources of imports are asked for updates

// `dvc status`: per stage what changed, {} if nothing. Shape:
//   {"train": [{"changed deps": {"data": "modified"}}, {"changed outs": {...}}, "changed command"], ...}
Result<Value> status(Repository& repository, const std::vector<Target>& targets, SourceCheck check);
// The same for a person.
std::string status_text(const Value& status, int indent = 0);

// What one output or dependency is: "" or "modified", "deleted", "new", "not in cache".
Result<std::string> output_status(Repository& repository, const Stage& stage, const Output& output);
Result<Value> dependency_status(Repository& repository, const Stage& stage, const Dependency& dependency,
                                SourceCheck check);
Result<Value> params_status(const Stage& stage, const ParamsOf& params);
// Whether all objects of a hash are in the cache.
Result<bool> in_cache(Repository& repository, const ContentHash& hash);

struct DataStatusOptions {
  bool granular = false;
  bool unchanged = false;
  bool untracked = false;
  std::vector<std::string> not_in_remote{};  // what the caller found to be missing there
  bool show_not_in_remote = false;
};
// `dvc data status`: the last commit against the stage files ("committed"), those against the work tree
// ("uncommitted"); empty parts are left out.
Result<Value> data_status(Repository& repository, const std::vector<std::string>& words,
                          const DataStatusOptions& options);
std::string data_status_text(const Value& status, Git* git);

// `dvc diff`: {"added": [{"path", "hash"}], "deleted", "modified", "renamed", "not in cache"}; {} if nothing
// differs. `to` empty: the work tree.
Result<Value> diff(Repository& repository, const std::string& from, const std::string& to,
                   const std::vector<std::string>& words);
enum class DiffForm : uint8_t { kText, kMarkdown };
std::string diff_text(const Value& diff, bool hashes, DiffForm form);

}  // namespace penstock::datasets::dvc
