#include "engine/tool_prompt.h"

#include <fmt/format.h>
#include <json-schema-to-grammar.h>

#include <exception>

#include "core/json_writer.h"

namespace penstock::engine {
namespace {

constexpr size_t kGrammarBytesMax = 1 << 20;

std::string tool_list(const std::vector<Tool>& tools) {
  std::string list;
  for (const Tool& tool : tools) {
    JsonWriter json;
    json.begin_object().field("type", "function").key("function").begin_object();
    json.field("name", tool.name)
        .field("description", tool.description)
        .raw_field("parameters", tool.parameters);
    json.end_object().end_object();
    list += json.take() + "\n";
  }
  return list;
}

std::string instructions(const ChatRequest& request) {
  return fmt::format(
      "You may call functions to help with the user's request. The functions are described in <tools> tags:\n"
      "<tools>\n{}</tools>\n"
      "{}write a JSON object with its name and arguments in {} tags:\n"
      "{}{{\"name\": \"<function>\", \"arguments\": {{...}}}}{}",
      tool_list(request.tools),
      request.tool_choice == ToolChoice::kRequired ? "Call a function: " : "To call one, ", kCallOpen,
      kCallOpen, kCallClose);
}

std::string call_text(const ToolCall& call) {
  JsonWriter json;
  json.begin_object().field("name", call.name).raw_field("arguments", call.arguments).end_object();
  return fmt::format("{}{}{}", kCallOpen, json.text(), kCallClose);
}

ChatMessage without_tools(const ChatMessage& message) {
  ChatMessage plain{.role = message.role, .content = message.content, .reasoning = message.reasoning};
  if (message.role == "tool") {
    plain.role = "user";
    plain.content = fmt::format("<tool_response>\n{}\n</tool_response>", message.content);
  }
  for (const ToolCall& call : message.tool_calls) {
    if (!plain.content.empty()) plain.content += '\n';
    plain.content += call_text(call);
  }
  return plain;
}

// The text of a GBNF literal.
std::string literal(std::string_view text) { return gbnf_format_literal(std::string(text)); }

// The rule of one tool's call; its schema is read on its own, so that "#/$defs/..." finds what it means.
std::string call_rule(const common_grammar_builder& builder, const Tool& tool, size_t index,
                      const common_chat_schema_document& parameters) {
  const std::string arguments = builder.add_schema(fmt::format("arguments-{}", index), *parameters.root);
  const std::string begin = fmt::format(R"({{"name": "{}", "arguments": )", tool.name);
  return builder.add_rule(fmt::format("call-{}", index),
                          literal(begin) + " " + arguments + " " + literal("}"));
}

}  // namespace

ChatRequest with_tool_prompt(const ChatRequest& request) {
  ChatRequest plain = request;
  plain.tools.clear();
  plain.messages.clear();
  for (const ChatMessage& message : request.messages) plain.messages.push_back(without_tools(message));
  if (plain.messages.front().role != "system") {
    plain.messages.insert(plain.messages.begin(), {.role = "system", .content = instructions(request)});
  } else {
    plain.messages.front().content += "\n\n" + instructions(request);
  }
  return plain;
}

Result<OutputConstraint> tool_call_constraint(const ChatRequest& request) {
  std::string_view tool_name;
  try {
    std::vector<common_chat_schema_document> documents;
    for (const Tool& tool : request.tools) {
      tool_name = tool.name;
      documents.push_back(common_chat_schema_from_json(common_json::parse(tool.parameters)));
    }
    const bool required = request.tool_choice == ToolChoice::kRequired;
    const bool several = request.parallel_tool_calls.value_or(!required);
    std::string grammar = build_grammar([&](const common_grammar_builder& builder) {
      std::string calls;
      for (size_t i = 0; i < request.tools.size(); ++i) {
        tool_name = request.tools[i].name;
        calls += (i > 0 ? " | " : "") + call_rule(builder, request.tools[i], i, documents[i]);
      }
      const std::string tagged = fmt::format("{} ({}) {}", literal(kCallOpen), calls, literal(kCallClose));
      builder.add_rule("tagged", tagged);
      builder.add_rule("root", several ? R"(tagged ("\n"? tagged)*)" : "tagged");
    });
    if (grammar.size() > kGrammarBytesMax)
      return Failure(Error::invalid("tools", "the tools' schemas are too large"));
    OutputConstraint constraint{.grammar = std::move(grammar), .triggers = {}, .begun = {}};
    if (!required) constraint.triggers.push_back({Trigger::Kind::kWord, std::string(kCallOpen)});
    return constraint;
  } catch (const std::exception& thrown) {
    return Failure(Error::invalid("tools", fmt::format("The parameters of tool '{}' cannot be enforced: {}",
                                                       tool_name, thrown.what())));
  }
}

}  // namespace penstock::engine
