#include "engine/chat_template.h"

#include <chat.h>
#include <fmt/format.h>
#include <log.h>

#include <exception>
#include <map>
#include <mutex>

#include "engine/grammar.h"
#include "engine/model.h"
#include "engine/tool_prompt.h"

namespace penstock::engine {
namespace {

common_chat_msg to_common(const ChatMessage& message) {
  common_chat_msg out;
  out.role = message.role;
  out.content = message.content;
  out.reasoning_content = message.reasoning;
  out.tool_name = message.name;
  out.tool_call_id = message.tool_call_id;
  for (const ToolCall& call : message.tool_calls) {
    out.tool_calls.push_back({.name = call.name, .arguments = call.arguments, .id = call.id});
  }
  return out;
}

common_chat_templates_inputs inputs_of(const ChatRequest& request) {
  common_chat_templates_inputs inputs;
  for (const ChatMessage& message : request.messages) inputs.messages.push_back(to_common(message));
  inputs.chat_template_kwargs = request.template_arguments;
  inputs.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
  auto thinking = request.template_arguments.find("enable_thinking");
  // A grammar for the whole answer leaves no place for thoughts before it.
  inputs.enable_thinking =
      !request.output_schema && (thinking == request.template_arguments.end() || thinking->second != "false");
  return inputs;
}

std::vector<Trigger> triggers_of(const std::vector<common_grammar_trigger>& triggers) {
  std::vector<Trigger> out;
  for (const common_grammar_trigger& trigger : triggers) {
    const bool word = trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD;
    std::string text = trigger.value;
    if (trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN_FULL && !text.starts_with('^'))
      text = "^" + text + "$";
    out.push_back({word ? Trigger::Kind::kWord : Trigger::Kind::kPattern, std::move(text)});
  }
  return out;
}

void quiet_common_log() {
  static std::once_flag once;
  std::call_once(once, [] { common_log_set_verbosity_thold(LOG_LEVEL_ERROR); });
}

}  // namespace

struct ChatTemplate::State {
  common_chat_templates_ptr templates;
  bool plain = false;      // answers have no thoughts, and text is all there is
  bool has_tools = false;  // the template itself can describe tools

  Result<common_chat_params> apply(const common_chat_templates_inputs& inputs) const {
    try {
      return common_chat_templates_apply(templates.get(), inputs);
    } catch (const std::exception& thrown) {
      return Failure(Error::invalid(
          "messages", fmt::format("The model's chat template refused the request: {}", thrown.what())));
    }
  }
};

ChatTemplate::ChatTemplate(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;

Result<ChatTemplate> ChatTemplate::create(const Model& model, const std::string& source) {
  quiet_common_log();
  auto state = std::make_unique<State>();
  try {
    state->templates = common_chat_templates_init(model.raw(), source);
  } catch (const std::exception& thrown) {
    return Failure(
        Error::invalid("chat_template", fmt::format("the chat template does not parse: {}", thrown.what())));
  }
  const std::map<std::string, bool> abilities = common_chat_templates_get_caps(state->templates.get());
  auto can = [&](const char* ability) { return abilities.contains(ability) && abilities.at(ability); };
  state->has_tools = can("supports_tools") && can("supports_tool_calls");
  common_chat_templates_inputs probe;
  probe.messages.push_back(to_common({.role = "user", .content = "Hello"}));
  auto params = state->apply(probe);
  state->plain = params && !params->supports_thinking && params->preserved_tokens.empty();
  return ChatTemplate(std::move(state));
}

Result<ChatPrompt> ChatTemplate::render(const ChatRequest& request) const {
  const bool tools = !request.tools.empty() && request.tool_choice != ToolChoice::kNone;
  ChatPrompt prompt;
  common_chat_templates_inputs inputs;
  if (tools && !state_->has_tools) {
    inputs = inputs_of(with_tool_prompt(request));
    ASSIGN_OR_RETURN(prompt.constraint, tool_call_constraint(request));
  } else {
    inputs = inputs_of(request);
  }
  if (tools && state_->has_tools) {
    for (const Tool& tool : request.tools)
      inputs.tools.push_back({tool.name, tool.description, tool.parameters});
    inputs.tool_choice = request.tool_choice == ToolChoice::kRequired ? COMMON_CHAT_TOOL_CHOICE_REQUIRED
                                                                      : COMMON_CHAT_TOOL_CHOICE_AUTO;
    inputs.parallel_tool_calls = request.parallel_tool_calls.value_or(true);
  }
  // Skips the analysis of how the template writes thoughts and tool calls.
  inputs.force_pure_content = inputs.tools.empty() && (state_->plain || request.output_schema);
  ASSIGN_OR_RETURN(common_chat_params params, state_->apply(inputs));
  prompt.text = std::move(params.prompt);
  prompt.stops = std::move(params.additional_stops);
  if (tools && !state_->has_tools) {
    prompt.syntax = OutputSyntax::kTagged;
  } else if (!inputs.force_pure_content) {
    prompt.syntax = OutputSyntax::kTemplate;
    prompt.parser = std::move(params.parser);
    prompt.generation_prompt = std::move(params.generation_prompt);
    prompt.format = params.format;
    prompt.shown_marks = std::move(params.preserved_tokens);
    prompt.constraint.grammar = std::move(params.grammar);
    if (params.grammar_lazy) prompt.constraint.triggers = triggers_of(params.grammar_triggers);
    if (!params.grammar_lazy) prompt.constraint.begun = prompt.generation_prompt;
  }
  if (request.output_schema) {
    auto grammar = grammar_of_schema(*request.output_schema);
    if (!grammar) {
      Error error = std::move(grammar).error();
      error.field = "response_format";
      return Failure(std::move(error));
    }
    prompt.constraint = {.grammar = std::move(*grammar), .triggers = {}, .begun = {}};
  }
  return prompt;
}

}  // namespace penstock::engine
