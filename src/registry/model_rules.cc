#include "registry/model_rules.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::registry {
namespace {

constexpr std::array<std::string_view, 4> kStages = {"None", "Staging", "Production", "Archived"};

// Python's \w, with every character beyond ASCII taken for a letter.
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Python's posixpath.normpath.
std::string normal_path(std::string_view path) {
  size_t slashes = path.starts_with("//") && !path.starts_with("///") ? 2 : path.starts_with("/") ? 1 : 0;
  std::vector<std::string_view> kept;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    bool up = part == "..";
    if (!up || (slashes == 0 && (kept.empty() || kept.back() == ".."))) {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out(slashes, '/');
  for (size_t i = 0; i < kept.size(); ++i) out.append(i > 0 ? "/" : "").append(kept[i]);
  return out.empty() ? "." : out;
}

Result<void> check_path(std::string_view field, std::string_view name) {
  std::string normal = normal_path(name);
  if (normal == name && normal != "." && !normal.starts_with("..") && !normal.starts_with("/")) return {};
  return Failure(
      Error::invalid(std::string(field),
                     "Invalid value " + json_quoted(name) + " for parameter '" + std::string(field) +
                         "' supplied: Names may be treated as files in certain cases, and must not resolve "
                         "to other names when treated as such. This name would resolve to " +
                         python_quoted(normal)));
}

}  // namespace

std::string python_quoted(std::string_view text) {
  char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string out(1, quote);
  for (char c : text) {
    if (c == '\\' || c == quote) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + quote;
}

Result<void> check_length(std::string_view field, std::string_view text, size_t characters_max) {
  if (text.size() <= characters_max || characters(text) <= characters_max) return {};
  return Failure(Error::invalid(std::string(field), "'" + std::string(field) +
                                                        "' exceeds the maximum length of " +
                                                        std::to_string(characters_max) + " characters"));
}

Result<void> check_model_name(std::string_view name, std::string_view field) {
  if (trim(name).empty()) {
    return Failure(Error::invalid(std::string(field),
                                  "Missing value for required parameter '" + std::string(field) + "'."));
  }
  if (name.contains('/') || name.contains(':')) {
    return Failure(Error::invalid(
        "name", "Invalid model name '" + std::string(name) + "'. Names cannot contain '/' or ':'."));
  }
  RETURN_IF_ERROR(check_path("name", name));
  return check_length("name", name, kModelNameCharactersMax);
}

Result<void> check_tag_key(std::string_view key) {
  if (!std::ranges::all_of(key, [](char c) { return is_word(c) || std::string_view("/.- :").contains(c); })) {
    return Failure(
        Error::invalid("key", "Invalid value " + json_quoted(key) +
                                  " for parameter 'key' supplied: Names may only contain alphanumerics, "
                                  "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and "
                                  "slashes (/)."));
  }
  return check_path("key", key);
}

Result<void> check_model_tag(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(check_tag_key(key));
  RETURN_IF_ERROR(check_length("key", key, kTagKeyCharactersMax));
  return check_length("value", value, kTagValueCharactersMax);
}

Result<void> check_version_tag(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(check_tag_key(key));
  RETURN_IF_ERROR(check_length("key", key, kTagKeyCharactersMax));
  if (key == kPromptTextTag && characters(value) > kTagValueCharactersMax) {
    return Failure(Error::invalid("value", "Prompt text exceeds max length of 100000 characters."));
  }
  return check_length("value", value, kTagValueCharactersMax);
}

Result<void> check_alias(std::string_view alias) {
  if (alias.empty()) {
    return Failure(Error::invalid("alias", "Registered model alias name cannot be empty."));
  }
  if (!std::ranges::all_of(alias, [](char c) { return is_word(c) || c == '-'; })) {
    return Failure(
        Error::invalid("alias", "Invalid alias name: '" + std::string(alias) +
                                    "'. Names may only contain alphanumerics, underscores (_), and "
                                    "dashes (-)."));
  }
  return check_length("Registered model alias name", alias, kAliasCharactersMax);
}

Result<void> check_new_alias(std::string_view alias) {
  RETURN_IF_ERROR(check_alias(alias));
  if (equals_ignoring_case(alias, "latest")) {
    return Failure(Error::invalid("alias", "'latest' alias name (case insensitive) is reserved."));
  }
  bool is_version = alias.size() > 1 && (alias[0] == 'v' || alias[0] == 'V') &&
                    std::ranges::all_of(alias.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_version) return {};
  return Failure(Error::invalid("alias", "Version alias name '" + std::string(alias) + "' is reserved."));
}

Result<std::string_view> canonical_stage(std::string_view stage) {
  for (std::string_view known : kStages) {
    if (equals_ignoring_case(known, stage)) return known;
  }
  return Failure(Error::invalid("stage", "Invalid Model Version stage: " + std::string(stage) +
                                             ". Value must be one of None, Staging, Production, Archived."));
}

Result<int64_t> parse_version_number(std::string_view text) {
  std::string_view digits = trim(text);
  bool negative = digits.starts_with("-");
  if (negative || digits.starts_with("+")) digits.remove_prefix(1);
  std::optional<int64_t> number = parse_int(digits);
  if (number) return negative ? -*number : *number;
  return Failure(
      Error::invalid("version", "Parameter 'version' must be an integer, got '" + std::string(text) + "'."));
}

bool is_prompt(const Tags& tags) {
  const std::string* value = find_tag(tags, kPromptTag);
  return value != nullptr && equals_ignoring_case(*value, "true");
}

}  // namespace penstock::registry
