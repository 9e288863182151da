#include "datasets/dvc/template.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/params_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kNone = std::string_view::npos;

void merge(Value& into, const Value& from) {
  for (const auto& [key, value] : from.members) {
    Value* found = into.find(key);
    if (found != nullptr && found->is_map() && value.is_map()) {
      merge(*found, value);
    } else {
      into.set(key, value);
    }
  }
}

bool is_escaped(std::string_view text, size_t at) { return at > 0 && text[at - 1] == '\\'; }

Result<const Value*> named(const Value& variables, std::string_view name, std::string_view where) {
  const Value* found = value_at(variables, trim(name));
  if (found != nullptr) return found;
  return Failure(Error::invalid("", fmt::format("{}: ${{{}}}: no such variable", where, name)));
}

Result<Value> fill_text(const Value& value, const Value& variables, std::string_view where) {
  std::string_view text = value.text;
  if (text.starts_with("${") && text.find('}') == text.size() - 1) {
    ASSIGN_OR_RETURN(const Value* found, named(variables, text.substr(2, text.size() - 3), where));
    return *found;
  }
  Value out = Value::string("");
  while (true) {
    size_t start = text.find("${");
    if (start == kNone) break;
    if (is_escaped(text, start)) {
      out.text.append(text.substr(0, start - 1)).append("${");
      text.remove_prefix(start + 2);
      continue;
    }
    size_t end = text.find('}', start);
    if (end == kNone) break;
    ASSIGN_OR_RETURN(const Value* found, named(variables, text.substr(start + 2, end - start - 2), where));
    if (found->is_map() || found->is_list())
      return Failure(Error::invalid(
          "", fmt::format("{}: '{}' is no plain value", where, text.substr(start, end - start + 1))));
    out.text.append(text.substr(0, start)).append(found->text);
    text.remove_prefix(end + 1);
  }
  out.text += text;
  return out;
}

}  // namespace

const Value* value_at(const Value& value, std::string_view path) {
  const Value* at = &value;
  while (!path.empty() && at != nullptr) {
    if (path[0] == '.') path.remove_prefix(1);
    if (path.starts_with('[')) {
      size_t end = path.find(']');
      if (end == kNone) return nullptr;
      std::string_view inner = path.substr(1, end - 1);
      auto index = parse_int(inner);
      path.remove_prefix(end + 1);
      if (at->is_map()) {
        at = at->find(inner);
      } else {
        at = index && static_cast<size_t>(*index) < at->items.size() ? &at->items[static_cast<size_t>(*index)]
                                                                     : nullptr;
      }
      continue;
    }
    size_t end = std::min(path.find_first_of(".["), path.size());
    std::string_view name = path.substr(0, end);
    path.remove_prefix(end);
    auto index = at->is_list() ? parse_int(name) : std::nullopt;
    if (index) {
      at = static_cast<size_t>(*index) < at->items.size() ? &at->items[static_cast<size_t>(*index)] : nullptr;
    } else {
      at = at->find(name);
    }
  }
  return at;
}

bool has_template(const Value& value) {
  if (value.is_string() && value.text.contains("${")) return true;
  return std::ranges::any_of(value.items, has_template) ||
         std::ranges::any_of(value.members, [](const auto& member) {
           return member.first.contains("${") || has_template(member.second);
         });
}

Result<Value> template_variables(const std::filesystem::path& folder, const Value& document) {
  Value variables = Value::map();
  std::error_code ignored;
  if (std::filesystem::exists(folder / "params.yaml", ignored)) {
    ASSIGN_OR_RETURN(variables, read_params_file(folder / "params.yaml"));
  }
  const Value* list = document.find("vars");
  if (list == nullptr) return variables;
  for (const Value& item : list->items) {
    if (item.is_map()) {
      merge(variables, item);
      continue;
    }
    ASSIGN_OR_RETURN(Value more, read_params_file(folder / item.text.substr(0, item.text.find(':'))));
    merge(variables, more);
  }
  return variables;
}

Result<Value> fill_template(const Value& value, const Value& variables, std::string_view where) {
  if (value.is_string()) return value.text.contains("${") ? fill_text(value, variables, where) : value;
  Value out = value;
  for (Value& item : out.items) {
    ASSIGN_OR_RETURN(item, fill_template(item, variables, where));
  }
  for (auto& [key, member] : out.members) {
    ASSIGN_OR_RETURN(Value filled, fill_text(Value::string(key), variables, where));
    key = filled.text;
    ASSIGN_OR_RETURN(member, fill_template(member, variables, where));
  }
  return out;
}

}  // namespace penstock::datasets::dvc
