#include "datasets/dvc/pipeline_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/template.h"
#include "datasets/dvc/whole_file.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr std::string_view kParamsFile = "params.yaml";
constexpr size_t kLockBytesMax = 256 << 20;

Error bad(const std::filesystem::path& path, std::string_view stage, std::string_view what) {
  return Error::invalid("", fmt::format("{}: stage '{}': {}", path.string(), stage, what));
}

// A list's entry is a path, or {path: {flags}}.
std::pair<std::string, Value> entry_of(const Value& item) {
  if (!item.is_map()) return {item.text, Value::map()};
  if (item.members.empty()) return {std::string(), Value::map()};
  const auto& [path, flags] = item.members[0];
  return {path, flags.is_map() ? flags : Value::map()};
}

void read_outputs(const Value& data, std::string_view key, Stage& stage) {
  const Value* list = data.find(key);
  if (list == nullptr) return;
  for (const Value& item : list->items) {
    auto [path, flags] = entry_of(item);
    flags.set("path", Value::string(path));
    flags.set("hash", Value::string("md5"));
    if (key == "metrics") flags.set("metric", Value::boolean(true));
    if (key == "plots") flags.set("plot", Value::boolean(true));
    stage.outputs.push_back(Output::read(std::move(flags)));
  }
}

ParamsOf& params_of(Stage& stage, std::string_view file) {
  auto found = std::ranges::find(stage.params, file, &ParamsOf::file);
  if (found != stage.params.end()) return *found;
  return stage.params.emplace_back(ParamsOf{.file = std::string(file)});
}

void read_params(const Value& data, Stage& stage) {
  const Value* list = data.find("params");
  if (list == nullptr) return;
  for (const Value& item : list->items) {
    if (!item.is_map()) {
      params_of(stage, kParamsFile).names.push_back(item.text);
      continue;
    }
    for (const auto& [file, names] : item.members) {
      ParamsOf& params = params_of(stage, file);
      for (const Value& name : names.items) params.names.push_back(name.text);
    }
  }
}

Value locked_value(const Value& locked, std::string_view list, std::string_view path) {
  if (const Value* entries = locked.find(list); entries != nullptr) {
    for (const Value& entry : entries->items) {
      if (entry.text_at("path") == path) return entry;
    }
  }
  return {};
}

void fill_from_lock(const Value& locked, Stage& stage) {
  stage.locked = true;
  const Value* command = locked.find("cmd");
  stage.command_changed = command == nullptr || !(*command == stage.command);
  for (Dependency& dependency : stage.dependencies) {
    Value entry = locked_value(locked, "deps", dependency.path);
    if (entry.is_map()) dependency.hash = ContentHash::take(entry);
  }
  for (Output& output : stage.outputs) {
    Value entry = locked_value(locked, "outs", output.path);
    if (entry.is_map()) output.hash = ContentHash::take(entry);
  }
  const Value* values = locked.find("params");
  for (ParamsOf& params : stage.params) {
    const Value* found = values == nullptr ? nullptr : values->find(params.file);
    if (found != nullptr) params.values = *found;
  }
}

Result<Stage> read_stage(const std::filesystem::path& path, std::string_view name, const Value& data) {
  if (!data.is_map()) return Failure(bad(path, name, "expected 'cmd:' and other keys"));
  Stage stage{.file = path, .name = std::string(name)};
  const Value* command = data.find("cmd");
  if (command == nullptr) return Failure(bad(path, name, "'cmd' is missing"));
  stage.command = *command;
  stage.work_folder = data.text_at("wdir");
  stage.description = data.text_at("desc");
  const Value* frozen = data.find("frozen");
  stage.frozen = frozen != nullptr && frozen->is_true();
  const Value* always = data.find("always_changed");
  stage.always_changed = always != nullptr && always->is_true();
  if (const Value* list = data.find("deps"); list != nullptr) {
    for (const Value& item : list->items) stage.dependencies.push_back({.path = entry_of(item).first});
  }
  read_params(data, stage);
  for (std::string_view key : {"outs", "metrics", "plots"}) read_outputs(data, key, stage);
  return stage;
}

// A stage of foreach or matrix as the lock has it.
Stage stage_of_lock(const std::filesystem::path& path, const std::string& name, const Value& locked) {
  Stage stage{.file = path, .name = name, .locked = true};
  if (const Value* command = locked.find("cmd"); command != nullptr) stage.command = *command;
  if (const Value* list = locked.find("deps"); list != nullptr) {
    for (const Value& item : list->items) stage.dependencies.push_back(Dependency::read(item));
  }
  if (const Value* list = locked.find("outs"); list != nullptr) {
    for (const Value& item : list->items) stage.outputs.push_back(Output::read(item));
  }
  if (const Value* files = locked.find("params"); files != nullptr) {
    for (const auto& [file, values] : files->members) {
      ParamsOf params{.file = file, .values = values};
      for (const auto& [key, value] : values.members) params.names.push_back(key);
      stage.params.push_back(std::move(params));
    }
  }
  return stage;
}

Value hashed_entry(std::string_view path, const ContentHash& hash) {
  Value entry = Value::map();
  entry.set("path", Value::string(path));
  Value rest = Value::map();
  hash.write(rest);
  if (rest.find("hash") != nullptr) entry.set("hash", *rest.find("hash"));
  for (auto& [key, value] : rest.members) entry.set(key, value);
  return entry;
}

}  // namespace

Result<std::vector<Stage>> read_pipeline_file(const std::filesystem::path& path, std::string_view text,
                                              std::string_view lock_text) {
  ASSIGN_OR_RETURN(Value document, read_yaml(text, path.string()));
  ASSIGN_OR_RETURN(Value lock, read_yaml(lock_text, (path.parent_path() / "dvc.lock").string()));
  const Value* locked_stages = lock.find("stages");
  std::vector<Stage> stages;
  const Value* list = document.find("stages");
  if (list == nullptr) return stages;
  std::optional<Value> variables;
  for (const auto& [name, data] : list->members) {
    if (data.find("foreach") != nullptr || data.find("matrix") != nullptr) {
      if (locked_stages == nullptr) continue;
      for (const auto& [key, locked] : locked_stages->members) {
        if (key.starts_with(name + "@")) stages.push_back(stage_of_lock(path, key, locked));
      }
      continue;
    }
    Value resolved = data;
    if (has_template(data)) {
      if (!variables) {
        ASSIGN_OR_RETURN(variables, template_variables(path.parent_path(), document));
      }
      ASSIGN_OR_RETURN(resolved,
                       fill_template(data, *variables, fmt::format("{}: stage '{}'", path.string(), name)));
    }
    ASSIGN_OR_RETURN(Stage stage, read_stage(path, name, resolved));
    const Value* locked = locked_stages == nullptr ? nullptr : locked_stages->find(name);
    if (locked != nullptr) fill_from_lock(*locked, stage);
    stages.push_back(std::move(stage));
  }
  return stages;
}

Value lock_entry(const Stage& stage) {
  Value entry = Value::map();
  entry.set("cmd", stage.command);
  auto sorted = [](auto list) {
    std::ranges::sort(list, {}, [](const auto& item) { return item.path; });
    return list;
  };
  Value dependencies = Value::list();
  for (const Dependency& dependency : sorted(stage.dependencies))
    dependencies.items.push_back(hashed_entry(dependency.path, dependency.hash));
  if (!dependencies.items.empty()) entry.set("deps", std::move(dependencies));
  Value params = Value::map();
  std::vector<ParamsOf> files = stage.params;
  std::ranges::sort(files, {}, [](const ParamsOf& of) { return std::pair(of.file != kParamsFile, of.file); });
  for (const ParamsOf& of : files) {
    Value values = of.values;
    std::ranges::sort(values.members, {}, [](const auto& member) { return member.first; });
    params.set(of.file, std::move(values));
  }
  if (!params.members.empty()) entry.set("params", std::move(params));
  Value outputs = Value::list();
  for (const Output& output : sorted(stage.outputs))
    outputs.items.push_back(hashed_entry(output.path, output.hash));
  if (!outputs.items.empty()) entry.set("outs", std::move(outputs));
  return entry;
}

Result<void> write_lock_file(const std::vector<Stage>& stages) {
  if (stages.empty()) return {};
  std::filesystem::path path = stages[0].file.parent_path() / "dvc.lock";
  Result<std::string> old = read_file(path, kLockBytesMax);
  if (!old && old.error().code != ErrorCode::kNotFound) return Failure(std::move(old).error());
  ASSIGN_OR_RETURN(Value document, read_yaml(old ? *old : "schema: '2.0'\n", path.string()));
  Value* list = document.find("stages");
  if (list == nullptr || !list->is_map()) list = &document.set("stages", Value::map());
  for (const Stage& stage : stages) list->set(stage.name, lock_entry(stage));
  std::string text = write_yaml(document);
  return old && *old == text ? Result<void>{} : write_text_file(path, text);
}

Result<std::vector<std::string>> top_level_files(const std::filesystem::path& path, std::string_view text,
                                                 std::string_view key) {
  ASSIGN_OR_RETURN(Value document, read_yaml(text, path.string()));
  std::vector<std::string> files;
  if (const Value* list = document.find(key); list != nullptr) {
    for (const Value& item : list->items) files.push_back(entry_of(item).first);
  }
  return files;
}

}  // namespace penstock::datasets::dvc
