#include <fmt/format.h>

#include <algorithm>

#include "datasets/dvc/data_index.h"
#include "datasets/dvc/status.h"

namespace penstock::datasets::dvc {
namespace {

using Kind = IndexChange::Kind;

constexpr std::string_view kNotInCache = "not in cache";

Value entry(Value path, Value hash) {
  Value map = Value::map();
  map.set("path", std::move(path));
  map.set("hash", std::move(hash));
  return map;
}

Value pair_of(std::string_view old, std::string_view now) {
  Value map = Value::map();
  map.set("old", Value::string(old));
  map.set("new", Value::string(now));
  return map;
}

// Targets that neither side knows are an error; what one side lacks is its emptiness.
Result<DataIndex> index_for(Repository& repository, const std::vector<Stage>& stages,
                            const std::vector<std::string>& words, bool work_tree, size_t& found) {
  std::vector<Target> targets;
  if (words.empty()) {
    ASSIGN_OR_RETURN(targets, Repository::find_targets(repository.environment(), stages, {}, Depth::kNamed));
    ++found;
  }
  for (const std::string& word : words) {
    auto some = Repository::find_targets(repository.environment(), stages, {word}, Depth::kNamed);
    if (!some) continue;
    ++found;
    std::ranges::move(*some, std::back_inserter(targets));
  }
  return work_tree ? index_of_work_tree(repository, targets) : index_of(repository, targets);
}

std::string_view path_key(const Value& entry) {
  const Value* path = entry.find("path");
  return path->is_map() ? path->text_at("old") : std::string_view(path->text);
}

}  // namespace

Result<Value> diff(Repository& repository, const std::string& from, const std::string& to,
                   const std::vector<std::string>& words) {
  if (repository.git() == nullptr) return Failure(Error::not_found("Only supported for Git repositories"));
  if (!repository.git()->has_commits()) return Value::map();
  ASSIGN_OR_RETURN(std::string old_commit, repository.git()->resolve(from));
  ASSIGN_OR_RETURN(std::vector<Stage> old_stages, repository.stages_at(old_commit));
  bool work_tree = to.empty();
  std::vector<Stage> new_stages;
  if (work_tree) {
    ASSIGN_OR_RETURN(new_stages, repository.stages());
  } else {
    ASSIGN_OR_RETURN(std::string commit, repository.git()->resolve(to));
    if (commit == old_commit) return Value::map();
    ASSIGN_OR_RETURN(new_stages, repository.stages_at(commit));
  }
  size_t found = 0;
  ASSIGN_OR_RETURN(DataIndex before, index_for(repository, old_stages, words, false, found));
  ASSIGN_OR_RETURN(DataIndex after, index_for(repository, new_stages, words, work_tree, found));
  if (found == 0)
    return Failure(Error::not_found(fmt::format("'{}' is not tracked in either revision", words[0])));

  Value out = Value::map();
  for (std::string_view key : {"added", "deleted", "modified", "renamed"})
    out.set(std::string(key), Value::list());
  out.set(std::string(kNotInCache), Value::list());
  auto put = [&](std::string_view key, Value value) { out.find(key)->items.push_back(std::move(value)); };
  bool any = false;
  for (const IndexChange& change :
       compare(before, after, Compared::kContent, Grain::kFiles, Renames::kFound)) {
    std::string path = with_slash(change.path, change.folder());
    any |= change.kind != Kind::kUnchanged && change.kind != Kind::kUnknown;
    if (change.kind == Kind::kAdded)
      put("added", entry(Value::string(path), Value::string(change.after->id)));
    if (change.kind == Kind::kDeleted)
      put("deleted", entry(Value::string(path), Value::string(change.before->id)));
    if (change.kind == Kind::kModified)
      put("modified", entry(Value::string(with_slash(change.path, change.before->folder)),
                            pair_of(change.before->id, change.after->id)));
    if (change.kind == Kind::kRenamed)
      put("renamed", entry(pair_of(with_slash(change.old_path, change.before->folder), path),
                           Value::string(change.before->id)));
    bool checked = work_tree && change.before != nullptr && !change.before->id.empty();
    if (checked && !repository.cache().exists(change.before->id, change.before->kind)) {
      any = true;
      std::string old = change.old_path.empty() ? change.path : change.old_path;
      put(kNotInCache,
          entry(Value::string(with_slash(old, change.before->folder)), Value::string(change.before->id)));
    }
  }
  if (!any) return Value::map();
  for (auto& [key, list] : out.members) std::ranges::sort(list.items, {}, path_key);
  return out;
}

namespace {

std::string short_hash(const Value& hash) {
  if (hash.is_map())
    return fmt::format("{}..{}", hash.text_at("old").substr(0, 8), hash.text_at("new").substr(0, 8));
  return hash.text.substr(0, 8);
}

std::string path_text(const Value& path) {
  return path.is_map() ? fmt::format("{} -> {}", path.text_at("old"), path.text_at("new")) : path.text;
}

constexpr std::string_view kStates[] = {"added", "deleted", "renamed", "modified", kNotInCache};

std::string diff_markdown(const Value& diff, bool hashes) {
  std::string out = hashes ? "| Status   | Hash   | Path   |\n|----------|--------|--------|\n"
                           : "| Status   | Path   |\n|----------|--------|\n";
  for (std::string_view state : kStates) {
    const Value* list = diff.find(state);
    if (list == nullptr) continue;
    for (const Value& item : list->items) {
      out += fmt::format("| {} |", state);
      if (hashes) out += fmt::format(" {} |", short_hash(*item.find("hash")));
      out += fmt::format(" {} |\n", path_text(*item.find("path")));
    }
  }
  return out + "\n";
}

}  // namespace

std::string diff_text(const Value& diff, bool hashes, DiffForm form) {
  if (form == DiffForm::kMarkdown) return diff_markdown(diff, hashes);
  std::string out;
  std::string summary;
  for (std::string_view state : kStates) {
    const Value* list = diff.find(state);
    if (list == nullptr || list->items.empty()) continue;
    std::string title(state);
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    out += title + ":\n";
    size_t files = 0;
    for (const Value& item : list->items) {
      std::string path = path_text(*item.find("path"));
      files += path.ends_with('/') ? 0 : 1;
      out += "    " + (hashes ? short_hash(*item.find("hash")) + "  " : "") + path + "\n";
    }
    out += '\n';
    if (files > 0) summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", files, state);
  }
  return summary.empty() ? out : out + "files summary: " + summary + "\n";
}

}  // namespace penstock::datasets::dvc
