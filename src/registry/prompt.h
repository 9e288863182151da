#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "registry/version.h"

namespace penstock::registry {

struct PromptMessage {
  std::string role;
  std::string content;
  bool operator==(const PromptMessage&) const = default;
};

// A prompt's template as MLflow keeps it in a version's tags: a text, or the messages of a chat, with
// variables as {{ name }}; dots may stand in names.
struct Prompt {
  bool chat = false;
  std::vector<PromptMessage> messages;  // of a text: one, without a role
  std::string response_format;          // a JSON Schema; empty: none
};

// kInvalidArgument if the version holds no prompt, kCorrupt for a chat that can't be read.
Result<Prompt> prompt_of(const Version& version);

// Names of the variables, each once, in the order of their first use.
std::vector<std::string> prompt_variables(const Prompt& prompt);

using PromptVariables = std::map<std::string, std::string, std::less<>>;
// With every variable replaced. What replaces one is not looked at for variables again. kInvalidArgument
// naming the first variable without a value ("variables.<name>").
Result<Prompt> render_prompt(const Prompt& prompt, const PromptVariables& variables);

// For people and for diffs: the text, or a line "role: " before each message.
std::string prompt_text(const Prompt& prompt);

}  // namespace penstock::registry
