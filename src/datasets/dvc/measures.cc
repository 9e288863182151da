#include "datasets/dvc/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/params_file.h"
#include "datasets/dvc/pipeline_file.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFileBytesMax = 64 << 20;

// The text of a file in a revision, or in the work tree: what Git has, or the object of an output.
class Files {
 public:
  static Result<Files> of(Repository& repository, const std::string& revision) {
    Files files(repository);
    if (revision.empty()) {
      ASSIGN_OR_RETURN(files.stages, repository.stages());
      return files;
    }
    if (repository.git() == nullptr) return Failure(Error::not_found("Only supported for Git repositories"));
    ASSIGN_OR_RETURN(std::string commit, repository.git()->resolve(revision));
    ASSIGN_OR_RETURN(files.committed_, repository.git()->files_of(commit));
    ASSIGN_OR_RETURN(files.stages, repository.stages_at(commit));
    files.in_git_ = true;
    return files;
  }

  Result<std::string> read(const fs::path& path) const {
    if (!in_git_) return read_file(path, kFileBytesMax);
    std::string inside = path.lexically_relative(repository_->git()->root()).string();
    auto found = std::ranges::find(committed_, inside, &CommittedFile::path);
    if (found != committed_.end()) {
      ASSIGN_OR_RETURN(std::vector<std::string> texts, repository_->git()->read({*found}));
      return std::move(texts[0]);
    }
    for (const Stage& stage : stages) {
      for (const Output& output : stage.outputs) {
        if (stage.path_of(output.path) == path && output.cached && !output.hash.id.empty())
          return repository_->cache().read(output.hash.id, output.hash.kind);
      }
    }
    return Failure(Error::not_found(path.string() + " is not in that revision"));
  }

  std::vector<Stage> stages;

 private:
  explicit Files(Repository& repository) : repository_(&repository) {}
  Repository* repository_;
  std::vector<CommittedFile> committed_;
  bool in_git_ = false;
};

std::set<fs::path> files_of(const Files& files, const fs::path& root, Measures which) {
  std::set<fs::path> found;
  std::set<fs::path> pipelines = {root / "dvc.yaml"};
  for (const Stage& stage : files.stages) {
    if (stage.is_pipeline()) pipelines.insert(stage.file);
    for (const Output& output : stage.outputs) {
      if (which == Measures::kMetrics && output.metric) found.insert(stage.path_of(output.path));
    }
    for (const ParamsOf& params : stage.params) {
      if (which == Measures::kParams) found.insert(stage.path_of(params.file));
    }
  }
  for (const fs::path& pipeline : pipelines) {
    Result<std::string> text = files.read(pipeline);
    auto more = text ? top_level_files(pipeline, *text, which == Measures::kMetrics ? "metrics" : "params")
                     : Result<std::vector<std::string>>();
    if (!more) continue;
    for (const std::string& file : *more) found.insert((pipeline.parent_path() / file).lexically_normal());
  }
  if (which == Measures::kParams) found.insert(root / "params.yaml");
  return found;
}

std::optional<double> number_of(const Value* value) {
  bool number =
      value != nullptr && (value->kind == Value::Kind::kInteger || value->kind == Value::Kind::kFloat);
  return number ? parse_number(value->text) : std::nullopt;
}

Value difference(const Value& before, const Value& after) {
  if (before.kind == Value::Kind::kInteger && after.kind == Value::Kind::kInteger) {
    auto a = parse_int(before.text.starts_with('-') ? before.text.substr(1) : before.text);
    auto b = parse_int(after.text.starts_with('-') ? after.text.substr(1) : after.text);
    if (a && b)
      return Value::integer((after.text.starts_with('-') ? -*b : *b) -
                            (before.text.starts_with('-') ? -*a : *a));
  }
  std::string text = fmt::format("{}", *number_of(&after) - *number_of(&before));
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return {.kind = Value::Kind::kFloat, .text = text};
}

// Leaves by their dotted names.
void flatten(const Value& value, const std::string& prefix,
             std::vector<std::pair<std::string, Value>>& into) {
  if (!value.is_map() || value.members.empty()) {
    into.emplace_back(prefix, value);
    return;
  }
  for (const auto& [key, member] : value.members)
    flatten(member, prefix.empty() ? key : prefix + "." + key, into);
}

std::vector<std::pair<std::string, Value>> leaves(const Value* value) {
  std::vector<std::pair<std::string, Value>> flat;
  if (value != nullptr && value->is_map() && !value->members.empty()) flatten(*value, "", flat);
  return flat;
}

std::string shown(const Value* value) {
  if (value == nullptr || value->kind == Value::Kind::kNull) return "-";
  if (auto number = number_of(value); number && value->kind == Value::Kind::kFloat)
    return fmt::format("{:.5g}", *number);
  return value->is_string() ? value->text : python_json(*value);
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}", row[i], widths[i] + 2);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace

Result<Value> measures(Repository& repository, const std::string& revision, Measures which) {
  ASSIGN_OR_RETURN(Files files, Files::of(repository, revision));
  Value all = Value::map();
  for (const fs::path& path : files_of(files, repository.root(), which)) {
    Result<std::string> text = files.read(path);
    if (!text) continue;  // not there in this revision
    ASSIGN_OR_RETURN(Value values, read_params_text(path, *text));
    all.set(repository.shown(path), std::move(values));
  }
  return all;
}

Value measures_diff(const Value& before, const Value& after) {
  Value out = Value::map();
  std::set<std::string> files;
  for (const Value* side : {&before, &after}) {
    for (const auto& [file, values] : side->members) files.insert(file);
  }
  for (const std::string& file : files) {
    auto old = leaves(before.find(file));
    auto now = leaves(after.find(file));
    std::set<std::string> names;
    Value changes = Value::map();
    for (const auto* side : {&old, &now}) {
      for (const auto& [name, value] : *side) names.insert(name);
    }
    for (const std::string& name : names) {
      auto a = std::ranges::find(old, name, [](const auto& leaf) { return leaf.first; });
      auto b = std::ranges::find(now, name, [](const auto& leaf) { return leaf.first; });
      const Value* x = a == old.end() ? nullptr : &a->second;
      const Value* y = b == now.end() ? nullptr : &b->second;
      if (x != nullptr && y != nullptr && *x == *y) continue;
      Value change = Value::map();
      change.set("old", x == nullptr ? Value{} : *x);
      change.set("new", y == nullptr ? Value{} : *y);
      if (number_of(x) && number_of(y)) change.set("diff", difference(*x, *y));
      changes.set(name, std::move(change));
    }
    if (!changes.members.empty()) out.set(file, std::move(changes));
  }
  return out;
}

std::string measures_text(const Value& measures) {
  std::vector<std::string> head = {"Path"};
  for (const auto& [file, values] : measures.members) {
    for (const auto& [name, value] : leaves(&values)) {
      if (std::ranges::find(head, name) == head.end()) head.push_back(name);
    }
  }
  std::vector<std::vector<std::string>> rows = {head};
  for (const auto& [file, values] : measures.members) {
    std::vector<std::string> row = {file};
    auto flat = leaves(&values);
    for (size_t i = 1; i < head.size(); ++i) {
      auto found = std::ranges::find(flat, head[i], [](const auto& leaf) { return leaf.first; });
      row.push_back(found == flat.end() ? "-" : shown(&found->second));
    }
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

std::string measures_diff_text(const Value& diff, Measures which, std::string_view old_name,
                               std::string_view new_name) {
  bool metrics = which == Measures::kMetrics;
  std::vector<std::vector<std::string>> rows = {
      {"Path", metrics ? "Metric" : "Param", std::string(old_name), std::string(new_name)}};
  if (metrics) rows[0].push_back("Change");
  for (const auto& [file, changes] : diff.members) {
    for (const auto& [name, change] : changes.members) {
      rows.push_back({file, name, shown(change.find("old")), shown(change.find("new"))});
      if (metrics) rows.back().push_back(shown(change.find("diff")));
    }
  }
  return diff.members.empty() ? "" : aligned(rows);
}

}  // namespace penstock::datasets::dvc
