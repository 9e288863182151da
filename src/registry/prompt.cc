#include "registry/prompt.h"

#include <algorithm>
#include <optional>

#include "core/json.h"
#include "core/text.h"
#include "registry/among.h"
#include "registry/model_rules.h"

namespace penstock::registry {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

// Identifiers joined by dots.
bool is_name(std::string_view text) {
  for (std::string_view part : split(text, '.')) {
    if (part.empty() || !begins_name(part[0]) || !std::ranges::all_of(part, continues_name)) return false;
  }
  return true;
}

struct Use {
  size_t begin = 0;
  size_t end = 0;  // behind the closing braces
  std::string_view name;
};

// The next variable of a template from `from` on. Braces around anything else are text.
std::optional<Use> next_use(std::string_view text, size_t from) {
  while (true) {
    size_t begin = text.find("{{", from);
    if (begin == std::string_view::npos) return std::nullopt;
    while (text.substr(begin + 1).starts_with("{{")) ++begin;  // {{{ x }}: the inner two
    size_t end = text.find("}}", begin + 2);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view name = trim(text.substr(begin + 2, end - begin - 2));
    if (is_name(name)) return Use{.begin = begin, .end = end + 2, .name = name};
    from = begin + 2;
  }
}

Result<std::string> rendered(std::string_view text, const PromptVariables& variables) {
  std::string out;
  size_t from = 0;
  while (auto use = next_use(text, from)) {
    auto value = variables.find(use->name);
    if (value == variables.end()) {
      std::string name(use->name);
      return Failure(
          Error::invalid("variables." + name, "the prompt's variable '" + name + "' has no value"));
    }
    out.append(text.substr(from, use->begin - from)).append(value->second);
    from = use->end;
  }
  return out.append(text.substr(from));
}

Error unreadable(const Version& version) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = "prompt '" + version.name + "' version " + std::to_string(version.number) +
                          " is a chat whose messages are no list of {role, content}"};
}

Result<std::vector<PromptMessage>> messages_of(const Version& version, std::string_view text) {
  auto json = parse_json(text);
  if (!json || !json->is_array()) return Failure(unreadable(version));
  std::vector<PromptMessage> messages;
  for (const Json& message : json->get_array()) {
    const Json* content = find(message, "content");
    if (string_at(message, "role").empty() || content == nullptr || !content->is_string()) {
      return Failure(unreadable(version));
    }
    messages.push_back({std::string(string_at(message, "role")), std::string(string_at(message, "content"))});
  }
  return messages;
}

}  // namespace

Result<Prompt> prompt_of(const Version& version) {
  const std::string* text = find_tag(version.tags, kPromptTextTag);
  if (text == nullptr) {
    return Failure(Error::invalid("name", "'" + version.name + "' version " + std::to_string(version.number) +
                                              " holds no prompt: it lacks the tag '" +
                                              std::string(kPromptTextTag) + "'"));
  }
  Prompt prompt;
  if (const std::string* format = find_tag(version.tags, kPromptFormatTag)) prompt.response_format = *format;
  const std::string* type = find_tag(version.tags, kPromptTypeTag);
  prompt.chat = type != nullptr && *type == "chat";
  if (!prompt.chat) {
    prompt.messages.push_back({.role = {}, .content = *text});
    return prompt;
  }
  ASSIGN_OR_RETURN(prompt.messages, messages_of(version, *text));
  return prompt;
}

std::vector<std::string> prompt_variables(const Prompt& prompt) {
  std::vector<std::string> names;
  for (const PromptMessage& message : prompt.messages) {
    size_t from = 0;
    while (auto use = next_use(message.content, from)) {
      if (!is_among(names, use->name)) names.emplace_back(use->name);
      from = use->end;
    }
  }
  return names;
}

Result<Prompt> render_prompt(const Prompt& prompt, const PromptVariables& variables) {
  Prompt out = prompt;
  for (PromptMessage& message : out.messages) {
    ASSIGN_OR_RETURN(message.content, rendered(message.content, variables));
  }
  return out;
}

std::string prompt_text(const Prompt& prompt) {
  std::string out;
  for (const PromptMessage& message : prompt.messages) {
    if (!message.role.empty()) out.append(message.role).append(": ");
    out.append(message.content);
    if (prompt.chat) out += '\n';
  }
  return out;
}

}  // namespace penstock::registry
