#include "datasets/dvc/stage.h"

#include <fmt/format.h>

#include <array>

#include "core/file.h"
#include "core/md5.h"
#include "core/text.h"
#include "datasets/dvc/whole_file.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

// The member, taken out of the entry.
std::optional<Value> taken(Value& entry, std::string_view key) {
  Value* found = entry.find(key);
  if (found == nullptr) return std::nullopt;
  Value value = std::move(*found);
  entry.remove(key);
  return value;
}

std::string taken_text(Value& entry, std::string_view key) {
  std::optional<Value> value = taken(entry, key);
  return value ? value->text : std::string();
}

bool taken_flag(Value& entry, std::string_view key, bool fallback) {
  std::optional<Value> value = taken(entry, key);
  return value ? value->is_true() : fallback;
}

std::optional<Value> unless_false(std::optional<Value> value) {
  bool says_no = value && (value->kind == Value::Kind::kNull ||
                           (value->kind == Value::Kind::kBool && value->text == "false"));
  return says_no ? std::nullopt : value;
}

// Annotations come in DVC's order when it writes them anew.
constexpr std::array<std::string_view, 4> kAnnotations = {"desc", "type", "labels", "meta"};

// dict_md5 of DVC: JSON with sorted keys, without members that do not matter.
void drop(Value& value, std::span<const std::string_view> keys) {
  for (std::string_view key : keys) value.remove(key);
  for (auto& [key, member] : value.members) drop(member, keys);
  for (Value& item : value.items) drop(item, keys);
}

Error bad(const std::filesystem::path& path, std::string_view what) {
  return Error::invalid("", fmt::format("{}: {}", path.string(), what));
}

}  // namespace

ContentHash ContentHash::take(Value& entry) {
  ContentHash hash;
  hash.id = to_lower(taken_text(entry, "md5"));
  for (std::string_view key : {"etag", "checksum"}) {
    if (std::string text = taken_text(entry, key); !text.empty()) {
      hash.elsewhere_key = key;
      hash.elsewhere = text;
    }
  }
  hash.kind = taken(entry, "hash") ? HashKind::kBytes : HashKind::kDos2Unix;
  if (auto bytes = taken(entry, "size")) hash.bytes = parse_int(bytes->text);
  if (auto files = taken(entry, "nfiles")) hash.files = parse_int(files->text);
  hash.executable = taken_flag(entry, "isexec", false);
  return hash;
}

void ContentHash::write(Value& entry) const {
  if (!elsewhere.empty()) {
    entry.set(elsewhere_key, Value::string(elsewhere));
    if (!id.empty()) entry.set("md5", Value::string(id));
  } else if (!id.empty()) {
    entry.set("md5", Value::string(id));
  }
  if (bytes) entry.set("size", Value::integer(*bytes));
  if (files) entry.set("nfiles", Value::integer(*files));
  if (executable) entry.set("isexec", Value::boolean(true));
  if (kind == HashKind::kBytes) entry.set("hash", Value::string("md5"));
}

Output Output::read(Value entry) {
  Output out;
  out.path = taken_text(entry, "path");
  out.hash = ContentHash::take(entry);
  out.cached = taken_flag(entry, "cache", true);
  out.pushed = taken_flag(entry, "push", true);
  out.persists = taken_flag(entry, "persist", false);
  out.remote = taken_text(entry, "remote");
  out.metric = unless_false(taken(entry, "metric"));
  out.plot = unless_false(taken(entry, "plot"));
  out.rest = std::move(entry);
  return out;
}

Value Output::write() const {
  Value entry = Value::map();
  hash.write(entry);
  entry.set("path", Value::string(path));
  if (const Value* config = rest.find("fs_config")) entry.set("fs_config", *config);
  for (std::string_view key : kAnnotations) {
    if (const Value* value = rest.find(key)) entry.set(std::string(key), *value);
  }
  if (!cached) entry.set("cache", Value::boolean(false));
  if (metric) entry.set("metric", *metric);
  if (plot) entry.set("plot", *plot);
  if (persists) entry.set("persist", Value::boolean(true));
  if (!remote.empty()) entry.set("remote", Value::string(remote));
  if (!pushed) entry.set("push", Value::boolean(false));
  for (const auto& [key, value] : rest.members) {
    if (entry.find(key) == nullptr) entry.set(key, value);
  }
  return entry;
}

Dependency Dependency::read(Value entry) {
  Dependency dependency;
  dependency.path = taken_text(entry, "path");
  if (std::optional<Value> repo = taken(entry, "repo")) {
    SourceRepo source;
    source.url = taken_text(*repo, "url");
    source.rev = taken_text(*repo, "rev");
    source.rev_lock = taken_text(*repo, "rev_lock");
    source.rest = std::move(*repo);
    dependency.repo = std::move(source);
  } else {
    dependency.hash = ContentHash::take(entry);
  }
  dependency.rest = std::move(entry);
  return dependency;
}

Value Dependency::write() const {
  Value entry = Value::map();
  if (repo) {
    entry.set("path", Value::string(path));
    Value source = Value::map();
    source.set("url", Value::string(repo->url));
    if (!repo->rev.empty()) source.set("rev", Value::string(repo->rev));
    if (!repo->rev_lock.empty()) source.set("rev_lock", Value::string(repo->rev_lock));
    for (const auto& [key, value] : repo->rest.members) source.set(key, value);
    entry.set("repo", std::move(source));
  } else {
    hash.write(entry);
    entry.set("path", Value::string(path));
  }
  for (const auto& [key, value] : rest.members) entry.set(key, value);
  return entry;
}

std::filesystem::path Stage::folder() const {
  std::filesystem::path folder = (file.parent_path() / work_folder).lexically_normal();
  return folder.has_filename() ? folder : folder.parent_path();
}

std::filesystem::path Stage::path_of(std::string_view path) const {
  std::filesystem::path whole = (folder() / path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

namespace {

Value stage_value(const Stage& stage) {
  Value value = Value::map();
  if (!stage.description.empty()) value.set("desc", Value::string(stage.description));
  if (!stage.md5.empty()) value.set("md5", Value::string(stage.md5));
  if (stage.command.kind != Value::Kind::kNull) value.set("cmd", stage.command);
  if (!stage.work_folder.empty()) value.set("wdir", Value::string(stage.work_folder));
  if (stage.frozen) value.set("frozen", Value::boolean(true));
  auto entries = [](const auto& from) {
    Value list = Value::list();
    for (const auto& entry : from) list.items.push_back(entry.write());
    return list;
  };
  if (!stage.dependencies.empty()) value.set("deps", entries(stage.dependencies));
  if (!stage.outputs.empty()) value.set("outs", entries(stage.outputs));
  if (stage.always_changed) value.set("always_changed", Value::boolean(true));
  if (stage.meta.kind != Value::Kind::kNull) value.set("meta", stage.meta);
  return value;
}

}  // namespace

std::string Stage::own_md5() const {
  if (!is_import() && command.kind == Value::Kind::kNull) return {};
  Value value = stage_value(*this);
  for (std::string_view key : {"md5", "meta", "desc"}) value.remove(key);
  if (value.text_at("wdir") == ".") value.remove("wdir");
  constexpr std::string_view kDropped[] = {"desc",   "type",    "labels", "meta", "locked", "frozen",
                                           "metric", "persist", "isexec", "size", "nfiles"};
  drop(value, kDropped);
  return hex(md5_of(python_json(value, MemberOrder::kSorted)));
}

Result<Stage> read_stage_file(const std::filesystem::path& path, std::string_view text) {
  ASSIGN_OR_RETURN(Value value, read_yaml(text, path.string()));
  if (!value.is_map()) return Failure(bad(path, "expected 'outs:' and other keys"));
  Stage stage{.file = path, .text = value};
  stage.description = taken_text(value, "desc");
  stage.md5 = taken_text(value, "md5");
  stage.work_folder = taken_text(value, "wdir");
  stage.frozen = taken_flag(value, "frozen", false) || taken_flag(value, "locked", false);
  stage.always_changed = taken_flag(value, "always_changed", false);
  if (auto command = taken(value, "cmd")) stage.command = std::move(*command);
  if (auto meta = taken(value, "meta")) stage.meta = std::move(*meta);
  for (std::string_view key : {"deps", "outs"}) {
    std::optional<Value> list = taken(value, key);
    if (!list || list->kind == Value::Kind::kNull) continue;
    if (!list->is_list()) return Failure(bad(path, fmt::format("'{}' must be a list", key)));
    for (Value& item : list->items) {
      if (!item.is_map() || item.text_at("path").empty())
        return Failure(bad(path, fmt::format("an entry of '{}' (line {}) has no path", key, item.line)));
      if (item.find("files") != nullptr || item.find("cloud") != nullptr)
        return Failure(Error{.code = ErrorCode::kNotImplemented,
                             .message = path.string() +
                                        ": version-aware remotes (cloud:, files:) are DVC's own; "
                                        "use dvc for this file"});
      if (std::string id = to_lower(item.text_at("md5")); !id.empty() && !is_object_id(id))
        return Failure(bad(path, fmt::format("'{}' (line {}) is no MD5", id, item.line)));
      if (key == "deps") {
        stage.dependencies.push_back(Dependency::read(std::move(item)));
      } else {
        stage.outputs.push_back(Output::read(std::move(item)));
      }
    }
  }
  if (!value.members.empty()) return Failure(bad(path, "unknown key '" + value.members[0].first + "'"));
  return stage;
}

std::string stage_file_text(const Stage& stage) {
  Value value = stage_value(stage);
  if (!stage.text) return write_yaml(value);
  Value updated = *stage.text;
  apply_changes(value, updated);
  return write_yaml(updated);
}

Result<void> write_stage_file(const Stage& stage) {
  std::string text = stage_file_text(stage);
  Result<std::string> old = read_file(stage.file, text.size());
  if (old && *old == text) return {};
  return write_text_file(stage.file, text);
}

}  // namespace penstock::datasets::dvc
