#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/dvc/data_index.h"
#include "datasets/dvc/status.h"

namespace penstock::datasets::dvc {
namespace {

using Kind = IndexChange::Kind;

std::vector<Target> whole(const std::vector<Stage>& stages) {
  std::vector<Target> targets;
  for (const Stage& stage : stages) targets.push_back({.stage = stage});
  return targets;
}

// Whether a path is, or lies in, one of `words` (relative to the root); all are where there are none.
bool is_wanted(const std::string& path, const std::vector<std::string>& words) {
  return words.empty() || std::ranges::any_of(words, [&](const std::string& word) {
           return path == word || path.starts_with(word + "/");
         });
}

Value& list_in(Value& map, std::string_view key) {
  Value* found = map.find(key);
  return found != nullptr ? *found : map.set(std::string(key), Value::list());
}

struct Differences {
  Value by_kind = Value::map();
  std::vector<std::string> unchanged{};
  std::vector<std::string> not_in_cache{};
};

enum class CacheCheck : uint8_t { kYes, kNo };

Differences differences(Repository& repository, const DataIndex& before, const DataIndex& after,
                        bool granular, const std::vector<std::string>& words, CacheCheck check) {
  Differences out;
  Grain grain = granular ? Grain::kFiles : Grain::kOutputs;
  for (const IndexChange& change : compare(before, after, Compared::kContent, grain, Renames::kFound)) {
    if (!is_wanted(change.path, words)) continue;
    bool known_before = change.before != nullptr && !change.before->id.empty();
    bool known_after = change.after != nullptr && !change.after->id.empty();
    if (change.kind == Kind::kUnchanged && !known_before && !known_after) continue;
    if (change.kind == Kind::kUnknown && change.after == nullptr) continue;
    if (check == CacheCheck::kYes && known_before &&
        !repository.cache().exists(change.before->id, change.before->kind))
      out.not_in_cache.push_back(
          with_slash(change.old_path.empty() ? change.path : change.old_path, change.before->folder));
    std::string path = with_slash(change.path, change.folder());
    switch (change.kind) {
      case Kind::kUnchanged:
        out.unchanged.push_back(path);
        break;
      case Kind::kAdded:
        list_in(out.by_kind, "added").items.push_back(Value::string(path));
        break;
      case Kind::kDeleted:
        list_in(out.by_kind, "deleted").items.push_back(Value::string(path));
        break;
      case Kind::kModified:
        list_in(out.by_kind, "modified").items.push_back(Value::string(path));
        break;
      case Kind::kUnknown:
        list_in(out.by_kind, "unknown").items.push_back(Value::string(path));
        break;
      case Kind::kRenamed: {
        Value rename = Value::map();
        rename.set("old", Value::string(with_slash(change.old_path, change.before->folder)));
        rename.set("new", Value::string(path));
        list_in(out.by_kind, "renamed").items.push_back(std::move(rename));
      }
    }
  }
  return out;
}

Value string_list(const std::vector<std::string>& texts) {
  Value list = Value::list();
  for (const std::string& text : texts) list.items.push_back(Value::string(text));
  return list;
}

void put(Value& status, std::string_view key, Value part) {
  if (!part.items.empty() || !part.members.empty()) status.set(std::string(key), std::move(part));
}

Result<std::vector<std::string>> untracked_files(Repository& repository,
                                                 const std::vector<std::string>& words) {
  std::vector<std::string> found;
  if (repository.git() == nullptr) return found;
  ASSIGN_OR_RETURN(std::vector<std::string> paths, repository.git()->untracked());
  for (const std::string& path : paths) {
    std::filesystem::path absolute = repository.git()->root() / path;
    std::string inside = repository.tree().relative(absolute);
    if (!inside.empty() && is_wanted(inside, words)) found.push_back(repository.shown(absolute));
  }
  return found;
}

}  // namespace

Result<Value> data_status(Repository& repository, const std::vector<std::string>& given,
                          const DataStatusOptions& options) {
  std::vector<std::string> words;
  for (const std::string& word : given)
    words.push_back(repository.tree().relative(repository.environment().absolute(word)));
  ASSIGN_OR_RETURN(std::vector<Stage> stages, repository.stages());
  std::vector<Target> targets = whole(stages);
  ASSIGN_OR_RETURN(DataIndex index, index_of(repository, targets));
  ASSIGN_OR_RETURN(DataIndex tree, index_of_work_tree(repository, targets));
  Differences uncommitted = differences(repository, index, tree, options.granular, words, CacheCheck::kYes);
  Differences committed;
  std::set<std::string> unchanged(uncommitted.unchanged.begin(), uncommitted.unchanged.end());
  if (repository.git() != nullptr) {
    DataIndex head;
    if (Result<std::string> commit = repository.git()->resolve("HEAD")) {
      ASSIGN_OR_RETURN(std::vector<Stage> then, repository.stages_at(*commit));
      ASSIGN_OR_RETURN(head, index_of(repository, whole(then)));
    }
    committed = differences(repository, head, index, options.granular, words, CacheCheck::kNo);
    std::set<std::string> both(committed.unchanged.begin(), committed.unchanged.end());
    std::erase_if(unchanged, [&](const std::string& path) { return !both.contains(path); });
  }
  Value status = Value::map();
  put(status, "not_in_cache", string_list(uncommitted.not_in_cache));
  put(status, "not_in_remote", string_list(options.not_in_remote));
  put(status, "committed", std::move(committed.by_kind));
  put(status, "uncommitted", std::move(uncommitted.by_kind));
  if (options.untracked) {
    ASSIGN_OR_RETURN(std::vector<std::string> untracked, untracked_files(repository, words));
    put(status, "untracked", string_list(untracked));
  }
  if (options.unchanged) put(status, "unchanged", string_list({unchanged.begin(), unchanged.end()}));
  return status;
}

namespace {

struct Heading {
  std::string_view key;
  std::string_view label;
  std::string_view hint;
};
constexpr Heading kHeadings[] = {
    {"not_in_cache", "Not in cache", "  (use \"penstock data fetch <file>...\" to download files)\n"},
    {"not_in_remote", "Not in remote", "  (use \"penstock data push <file>...\" to upload files)\n"},
    {"committed", "DVC committed changes", "  (git commit the corresponding dvc files to update the repo)\n"},
    {"uncommitted", "DVC uncommitted changes",
     "  (use \"penstock data commit <file>...\" to track changes)\n"
     "  (use \"penstock data checkout <file>...\" to discard changes)\n"},
    {"untracked", "Untracked files",
     "  (use \"git add <file> ...\" or \"penstock data add <file>...\" to commit to git or to dvc)\n"},
    {"unchanged", "DVC unchanged files", ""}};

}  // namespace

std::string data_status_text(const Value& status, Git* git) {
  if (status.members.empty()) {
    bool empty = git != nullptr && !git->has_commits();
    return empty ? "No changes in an empty git repo.\n" : "No changes.\n";
  }
  std::string out;
  for (const Heading& heading : kHeadings) {
    const Value* part = status.find(heading.key);
    if (part == nullptr) continue;
    if (!out.empty()) out += '\n';
    out += fmt::format("{}:\n{}", heading.label, heading.hint);
    for (const Value& item : part->items) out += "        " + item.text + "\n";
    for (const auto& [state, changes] : part->members) {
      for (const Value& change : changes.items) {
        out += fmt::format(
            "        {}: {}\n", state,
            change.is_map() ? std::string(change.text_at("old")) + " -> " + std::string(change.text_at("new"))
                            : change.text);
      }
    }
  }
  return out;
}

}  // namespace penstock::datasets::dvc
