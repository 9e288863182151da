#include "datasets/dvc/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/dvc/import.h"
#include "datasets/dvc/params_file.h"
#include "datasets/dvc/template.h"

namespace penstock::datasets::dvc {
namespace {

Value one(std::string_view key, std::string_view text) {
  Value map = Value::map();
  map.members.emplace_back(key, Value::string(text));
  return map;
}

void append(Value& map, const Value& more) {
  for (const auto& [key, value] : more.members) map.set(key, value);
}

// A hash of what is in the work tree now, in the way of the hash that it is compared with.
Result<Content> hashed(Repository& repository, const std::filesystem::path& path, HashKind kind) {
  return repository.tree().read(path, kind, nullptr, Storing::kNo);
}

}  // namespace

Result<bool> in_cache(Repository& repository, const ContentHash& hash) {
  using Presence = ObjectCache::Presence;
  auto is_present = [&](const std::string& id) {
    Presence presence = repository.cache().check(id, hash.kind, &repository.state());
    if (presence == Presence::kCorrupt)
      repository.environment().warn(fmt::format("corrupted cache file '{}': removed",
                                                repository.cache().path_of(id, hash.kind).string()));
    return presence == Presence::kPresent;
  };
  if (!is_present(hash.id)) return false;
  if (!hash.is_folder()) return true;
  ASSIGN_OR_RETURN(const Manifest* manifest, repository.manifest(hash));
  return std::ranges::all_of(manifest->entries,
                             [&](const ManifestEntry& entry) { return is_present(entry.md5); });
}

Result<std::string> output_status(Repository& repository, const Stage& stage, const Output& output) {
  if (is_url(output.path)) return std::string();
  if (!output.hash.id.empty() && output.cached) {
    ASSIGN_OR_RETURN(bool cached, in_cache(repository, output.hash));
    if (!cached) return std::string("not in cache");
  }
  Result<Content> content = hashed(repository, stage.path_of(output.path), output.hash.kind);
  if (!content && content.error().code == ErrorCode::kNotFound) return std::string("deleted");
  if (!content) return Failure(std::move(content).error());
  if (output.hash.id.empty()) return std::string("new");
  return std::string(content->hash.id == output.hash.id ? "" : "modified");
}

Result<Value> dependency_status(Repository& repository, const Stage& stage, const Dependency& dependency,
                                SourceCheck check) {
  if (dependency.repo) {
    if (check == SourceCheck::kNo) return Value::map();
    ASSIGN_OR_RETURN(bool newer, has_update(repository, *dependency.repo));
    std::string name = fmt::format("{} ({})", dependency.path, dependency.repo->url);
    return newer ? one(name, "update available") : Value::map();
  }
  std::string name = repository.shown(stage, dependency.path);
  if (is_url(dependency.path)) {
    if (check == SourceCheck::kNo) return Value::map();
    ASSIGN_OR_RETURN(std::string state, url_status(repository, dependency));
    return state.empty() ? Value::map() : one(name, state);
  }
  Result<Content> content = hashed(repository, stage.path_of(dependency.path), dependency.hash.kind);
  if (!content && content.error().code == ErrorCode::kNotFound) return one(name, "deleted");
  if (!content) return Failure(std::move(content).error());
  if (dependency.hash.id.empty()) return one(name, stage.locked ? "new" : "modified");
  return content->hash.id == dependency.hash.id ? Value::map() : one(name, "modified");
}

Result<Value> params_status(const Stage& stage, const ParamsOf& params) {
  std::filesystem::path file = stage.path_of(params.file);
  if (!FileStamp::of(file)) return one(params.file, "deleted");
  ASSIGN_OR_RETURN(Value now, read_params_file(file));
  if (!stage.locked) return one(params.file, "new");
  std::vector<std::string> names = params.names;
  if (names.empty()) {
    for (const auto& [key, value] : now.members) names.push_back(key);
    for (const auto& [key, value] : params.values.members) {
      if (std::ranges::find(names, key) == names.end()) names.push_back(key);
    }
  }
  Value changes = Value::map();
  for (const std::string& name : names) {
    const Value* actual = value_at(now, name);
    const Value* known = params.values.find(name);
    if (actual == nullptr) {
      changes.set(name, Value::string("deleted"));
    } else if (known == nullptr) {
      changes.set(name, Value::string("new"));
    } else if (!(*actual == *known)) {
      changes.set(name, Value::string("modified"));
    }
  }
  Value out = Value::map();
  if (!changes.members.empty()) out.set(params.file, std::move(changes));
  return out;
}

namespace {

Result<Value> stage_status(Repository& repository, const Target& target, SourceCheck check) {
  const Stage& stage = target.stage;
  Value list = Value::list();
  auto put = [&](std::string_view what, Value changes) {
    if (changes.members.empty()) return;
    Value map = Value::map();
    map.set(std::string(what), std::move(changes));
    list.items.push_back(std::move(map));
  };
  Value dependencies = Value::map();
  if (!stage.frozen || (stage.is_repo_import() && check == SourceCheck::kYes)) {
    for (const Dependency& dependency : stage.dependencies) {
      ASSIGN_OR_RETURN(Value changes, dependency_status(repository, stage, dependency, check));
      append(dependencies, changes);
    }
    for (const ParamsOf& params : stage.params) {
      ASSIGN_OR_RETURN(Value changes, params_status(stage, params));
      append(dependencies, changes);
    }
  }
  put("changed deps", std::move(dependencies));
  Value outputs = Value::map();
  for (size_t i = 0; i < stage.outputs.size(); ++i) {
    if (target.output && *target.output != i) continue;
    ASSIGN_OR_RETURN(std::string state, output_status(repository, stage, stage.outputs[i]));
    if (!state.empty()) outputs.set(repository.shown(stage, stage.outputs[i].path), Value::string(state));
  }
  put("changed outs", std::move(outputs));
  bool callback =
      stage.is_pipeline() && stage.dependencies.empty() && stage.outputs.empty() && stage.params.empty();
  if (stage.always_changed || callback) list.items.push_back(Value::string("always changed"));
  if (stage.is_pipeline() && stage.command_changed) list.items.push_back(Value::string("changed command"));
  if (!stage.is_pipeline() && stage.md5 != stage.own_md5())
    list.items.push_back(Value::string("changed checksum"));
  return list;
}

std::string padded(std::string_view state) {
  constexpr size_t kWidth = 20;
  std::string text = std::string(state) + ":";
  text.resize(std::max(kWidth, text.size()), ' ');
  return text;
}

}  // namespace

Result<Value> status(Repository& repository, const std::vector<Target>& targets, SourceCheck check) {
  Value all = Value::map();
  for (const Target& target : targets) {
    ASSIGN_OR_RETURN(Value changes, stage_status(repository, target, check));
    if (!changes.items.empty()) all.set(repository.address(target.stage), std::move(changes));
  }
  return all;
}

std::string status_text(const Value& status, int indent) {
  std::string out;
  std::string tabs(static_cast<size_t>(indent), '\t');
  if (status.is_string()) return tabs + status.text + "\n";
  for (const Value& item : status.items) out += status_text(item, indent);
  for (const auto& [key, value] : status.members) {
    if (value.is_string()) {
      out += tabs + padded(value.text) + key + "\n";
    } else {
      out += tabs + key + ":\n" + status_text(value, indent + 1);
    }
  }
  return out;
}

}  // namespace penstock::datasets::dvc
