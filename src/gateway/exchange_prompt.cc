#include <string>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "gateway/exchange.h"
#include "registry/prompt_resolver.h"

namespace penstock::gateway {
namespace {

constexpr std::string_view kVariablesField = "prompt_variables";
constexpr std::string_view kPromptMetadata = "penstock.prompt";

// The call's variables by name; numbers and booleans stand for their text.
Result<registry::PromptVariables> variables_of(const JsonFields& fields) {
  registry::PromptVariables variables;
  ASSIGN_OR_RETURN(auto given, fields.object(kVariablesField));
  if (!given) return variables;
  for (const JsonFields::Member& member : given->members()) {
    bool text = member.raw.starts_with('"');
    if (!text && member.raw.find_first_of("[{n") != std::string_view::npos) {
      std::string field = std::string(kVariablesField) + "." + member.name;
      return Failure(Error::invalid(field, "'" + field + "' must be a text, a number or a boolean"));
    }
    ASSIGN_OR_RETURN(std::string value, text ? json_unquote(member.raw) : Result<std::string>(member.raw));
    variables[member.name] = std::move(value);
  }
  return variables;
}

// A text becomes the system's message.
void write_messages(JsonWriter& json, const registry::Prompt& prompt, std::string_view asked) {
  json.begin_array();
  for (const registry::PromptMessage& message : prompt.messages) {
    json.begin_object().field("role", message.role.empty() ? "system" : message.role);
    json.field("content", message.content).end_object();
  }
  std::string_view inside = trim(asked.substr(1, asked.size() - 2));
  if (!inside.empty()) json.raw(inside);
  json.end_array();
}

void write_response_format(JsonWriter& json, const registry::ResolvedPrompt& prompt) {
  json.key("response_format").begin_object().field("type", "json_schema");
  json.key("json_schema").begin_object().field("name", "answer");
  json.raw_field("schema", prompt.prompt.response_format).end_object().end_object();
}

}  // namespace

// What the upstream gets is the prompt's messages before those of the call.
Task<Result<void>> Exchange::apply_prompt() {
  if (call_.operation != providers::Operation::kChat || gateway_.services().prompts == nullptr) {
    co_return Failure(Error::invalid(
        "model", "'" + route_->config.name + "' has a prompt, so it takes chat completions only"));
  }
  ASSIGN_OR_CO_RETURN(auto resolved, co_await gateway_.services().prompts->resolve(route_->config.prompt));
  ASSIGN_OR_CO_RETURN(registry::PromptVariables variables, variables_of(call_.fields));
  auto rendered = registry::render_prompt(resolved->prompt, variables);
  if (!rendered) {
    Error error = std::move(rendered).error();
    error.field.insert(0, "prompt_");
    co_return Failure(std::move(error));
  }
  std::string_view asked = call_.fields.raw("messages");
  if (!asked.starts_with('[')) {
    co_return Failure(Error::invalid("messages", "'messages' must be a list"));
  }
  JsonWriter json(call_.body.size() + 1024);
  json.begin_object();
  for (const JsonFields::Member& member : call_.fields.members()) {
    if (member.name != kVariablesField && member.name != "messages") json.raw_field(member.name, member.raw);
  }
  json.key("messages");
  write_messages(json, *rendered, asked);
  if (!rendered->response_format.empty() && !call_.fields.has("response_format")) {
    write_response_format(json, *resolved);
  }
  prompted_body_ = json.end_object().take();
  ASSIGN_OR_CO_RETURN(call_.fields, JsonFields::parse(prompted_body_, "the body made from the prompt"));
  call_.body = prompted_body_;
  std::erase_if(record_.metadata, [](const auto& one) { return one.first == kPromptMetadata; });
  record_.metadata.emplace_back(kPromptMetadata, resolved->name + "/" + std::to_string(resolved->version));
  co_return Result<void>{};
}

}  // namespace penstock::gateway
