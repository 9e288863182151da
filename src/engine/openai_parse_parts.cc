#include "engine/openai_parse_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/openai_parse.h"

namespace penstock::engine {
namespace {

constexpr size_t kPartsMax = 4'096;
constexpr size_t kNameBytesMax = 64;  // OpenAI's, of functions

bool is_function_name(std::string_view name) {
  auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, allowed);
}

// A string, or an array of text parts, which are joined by line breaks.
Result<std::string> parse_content(const JsonReader& message) {
  const Json* content = message.member("content");
  if (content == nullptr) return std::string();
  if (content->is_string()) return std::string(content->get_string());
  if (!content->is_array())
    return Failure(wrong_type(message.field("content"), "a string or an array of parts", *content));
  ASSIGN_OR_RETURN(const JsonArray* parts, message.array("content", kPartsMax));
  std::string text;
  for (size_t i = 0; i < parts->size(); ++i) {
    const std::string field = fmt::format("{}[{}]", message.field("content"), i);
    if (!(*parts)[i].is_object()) return Failure(wrong_type(field, "an object", (*parts)[i]));
    const JsonReader part((*parts)[i].get_object(), field + ".");
    ASSIGN_OR_RETURN(std::string_view type, part.required_string("type"));
    if (type != "text" && type != "refusal") {
      return Failure(Error::invalid(
          field + ".type", fmt::format("This model reads text only; '{}' parts are not supported.", type)));
    }
    ASSIGN_OR_RETURN(std::string_view piece, part.required_string(type));
    if (i > 0) text += '\n';
    text += piece;
  }
  return text;
}

Result<std::vector<ToolCall>> parse_tool_calls(const JsonReader& message) {
  std::vector<ToolCall> calls;
  ASSIGN_OR_RETURN(const JsonArray* values, message.array("tool_calls", kToolsMax));
  if (values == nullptr) return calls;
  for (size_t i = 0; i < values->size(); ++i) {
    const std::string field = fmt::format("{}[{}]", message.field("tool_calls"), i);
    if (!(*values)[i].is_object()) return Failure(wrong_type(field, "an object", (*values)[i]));
    const JsonReader call((*values)[i].get_object(), field + ".");
    ASSIGN_OR_RETURN(auto id, call.string("id"));
    ASSIGN_OR_RETURN(const JsonObject* function, call.object("function"));
    if (function == nullptr) return Failure(call.missing("function"));
    const JsonReader named(*function, field + ".function.");
    ASSIGN_OR_RETURN(std::string_view name, named.required_string("name"));
    ASSIGN_OR_RETURN(auto arguments, named.string("arguments"));
    calls.push_back({.id = std::string(id.value_or("")),
                     .name = std::string(name),
                     .arguments = std::string(arguments.value_or("{}"))});
  }
  return calls;
}

Result<ChatMessage> parse_message(const Json& value, const std::string& path) {
  if (!value.is_object()) return Failure(wrong_type(path, "an object", value));
  const JsonReader reader(value.get_object(), path + ".");
  ChatMessage message;
  ASSIGN_OR_RETURN(std::string_view role, reader.required_string("role"));
  constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool", "function"};
  if (std::ranges::find(kRoles, role) == std::end(kRoles)) {
    Error error =
        Error::invalid(path + ".role", fmt::format("Invalid value: '{}'. Supported values are: 'system', "
                                                   "'developer', 'user', 'assistant', 'tool'.",
                                                   role));
    error.reason = "invalid_value";
    return Failure(std::move(error));
  }
  message.role = role == "developer" ? "system" : role == "function" ? "tool" : role;
  ASSIGN_OR_RETURN(message.content, parse_content(reader));
  ASSIGN_OR_RETURN(auto name, reader.string("name"));
  message.name = name.value_or("");
  ASSIGN_OR_RETURN(auto call_id, reader.string("tool_call_id"));
  message.tool_call_id = call_id.value_or("");
  if (message.role == "assistant") {
    ASSIGN_OR_RETURN(message.tool_calls, parse_tool_calls(reader));
    ASSIGN_OR_RETURN(auto reasoning, reader.string("reasoning_content"));
    message.reasoning = reasoning.value_or("");
  }
  if (reader.member("content") == nullptr && message.role != "assistant")
    return Failure(reader.missing("content"));
  return message;
}

Result<Tool> parse_tool(const Json& value, const std::string& path) {
  if (!value.is_object()) return Failure(wrong_type(path, "an object", value));
  const JsonReader reader(value.get_object(), path + ".");
  ASSIGN_OR_RETURN(std::string_view type, reader.required_string("type"));
  if (type != "function") {
    return Failure(Error::invalid(
        path + ".type", fmt::format("Only tools of type 'function' are supported, not '{}'.", type)));
  }
  ASSIGN_OR_RETURN(const JsonObject* function, reader.object("function"));
  if (function == nullptr) return Failure(reader.missing("function"));
  const JsonReader named(*function, path + ".function.");
  ASSIGN_OR_RETURN(std::string_view name, named.required_string("name"));
  if (!is_function_name(name)) {
    return Failure(
        Error::invalid(path + ".function.name",
                       "A function's name has 1 to 64 of the characters a-z, A-Z, 0-9, '_' and '-'."));
  }
  ASSIGN_OR_RETURN(auto description, named.string("description"));
  ASSIGN_OR_RETURN(const JsonObject* parameters, named.object("parameters"));
  return Tool{.name = std::string(name),
              .description = std::string(description.value_or("")),
              .parameters = parameters == nullptr || parameters->empty()
                                ? R"({"type":"object","properties":{}})"
                                : to_json(Json(*parameters))};
}

// Leaves only the tool that the request forces.
Result<void> force_tool(const JsonObject& choice, ChatRequest& request) {
  const JsonReader reader(choice, "tool_choice.");
  ASSIGN_OR_RETURN(std::string_view type, reader.required_string("type"));
  if (type != "function") {
    return Failure(Error::invalid("tool_choice.type",
                                  fmt::format("A tool choice of type '{}' is not supported.", type)));
  }
  ASSIGN_OR_RETURN(const JsonObject* function, reader.object("function"));
  if (function == nullptr) return Failure(reader.missing("function"));
  ASSIGN_OR_RETURN(std::string_view name,
                   JsonReader(*function, "tool_choice.function.").required_string("name"));
  std::erase_if(request.tools, [&](const Tool& tool) { return tool.name != name; });
  if (request.tools.empty()) {
    return Failure(Error::invalid("tool_choice.function.name",
                                  fmt::format("Tool choice '{}' not found in the 'tools' parameter.", name)));
  }
  request.tool_choice = ToolChoice::kRequired;
  return {};
}

Result<void> parse_tool_choice(const JsonReader& reader, ChatRequest& request) {
  const Json* choice = reader.member("tool_choice");
  if (choice == nullptr) return {};
  if (choice->is_object()) return force_tool(choice->get_object(), request);
  if (!choice->is_string()) return Failure(wrong_type("tool_choice", "a string or an object", *choice));
  const std::string_view text = choice->get_string();
  if (text == "auto") return {};
  if (text == "none") {
    request.tool_choice = ToolChoice::kNone;
    return {};
  }
  if (text != "required") {
    return Failure(Error::invalid("tool_choice",
                                  fmt::format("Invalid value: '{}'. Supported values are: 'none', 'auto', "
                                              "'required', or a function.",
                                              text)));
  }
  if (request.tools.empty()) {
    return Failure(
        Error::invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified."));
  }
  request.tool_choice = ToolChoice::kRequired;
  return {};
}

}  // namespace

Result<std::vector<ChatMessage>> parse_messages(const JsonReader& reader) {
  ASSIGN_OR_RETURN(const JsonArray* values, reader.required_array("messages", kMessagesMax));
  if (values->empty()) {
    return Failure(
        Error::invalid("messages", "Invalid 'messages': empty array. Expected at least one message."));
  }
  std::vector<ChatMessage> messages;
  for (size_t i = 0; i < values->size(); ++i) {
    ASSIGN_OR_RETURN(auto message, parse_message((*values)[i], fmt::format("messages[{}]", i)));
    messages.push_back(std::move(message));
  }
  return messages;
}

Result<void> parse_tools(const JsonReader& reader, ChatRequest& request) {
  for (std::string_view older : {"functions", "function_call"}) {
    if (reader.member(older) != nullptr) {
      return Failure(Error::invalid(
          std::string(older), fmt::format("'{}' is not supported; use 'tools' and 'tool_choice'.", older)));
    }
  }
  ASSIGN_OR_RETURN(const JsonArray* values, reader.array("tools", kToolsMax));
  for (size_t i = 0; values != nullptr && i < values->size(); ++i) {
    ASSIGN_OR_RETURN(auto tool, parse_tool((*values)[i], fmt::format("tools[{}]", i)));
    request.tools.push_back(std::move(tool));
  }
  ASSIGN_OR_RETURN(request.parallel_tool_calls, reader.boolean("parallel_tool_calls"));
  return parse_tool_choice(reader, request);
}

Result<void> parse_response_format(const JsonReader& reader, ChatRequest& request) {
  ASSIGN_OR_RETURN(const JsonObject* format, reader.object("response_format"));
  if (format == nullptr) return {};
  const JsonReader members(*format, "response_format.");
  ASSIGN_OR_RETURN(std::string_view type, members.required_string("type"));
  if (type == "text") return {};
  if (type == "json_object") {
    request.output_schema = "{}";
  } else if (type == "json_schema") {
    ASSIGN_OR_RETURN(const JsonObject* named, members.object("json_schema"));
    if (named == nullptr) return Failure(members.missing("json_schema"));
    const JsonReader schema(*named, "response_format.json_schema.");
    RETURN_IF_ERROR(schema.required_string("name"));
    ASSIGN_OR_RETURN(const JsonObject* document, schema.object("schema"));
    if (document == nullptr) return Failure(schema.missing("schema"));
    request.output_schema = to_json(Json(*document));
  } else {
    return Failure(Error::invalid("response_format.type",
                                  fmt::format("Invalid value: '{}'. Supported values are: 'text', "
                                              "'json_object', 'json_schema'.",
                                              type)));
  }
  if (!request.tools.empty() && request.tool_choice != ToolChoice::kNone) {
    return Failure(Error::invalid("response_format",
                                  "A JSON 'response_format' together with 'tools' is not supported; "
                                  "set 'tool_choice' to 'none'."));
  }
  return {};
}

Result<void> parse_template_arguments(const JsonReader& reader, ChatRequest& request) {
  ASSIGN_OR_RETURN(auto effort, reader.string("reasoning_effort"));
  if (effort) {
    request.template_arguments["reasoning_effort"] = to_json(Json(*effort));
    if (*effort == "none") request.template_arguments["enable_thinking"] = "false";
  }
  ASSIGN_OR_RETURN(const JsonObject* arguments, reader.object("chat_template_kwargs"));
  if (arguments == nullptr) return {};
  for (const auto& [key, value] : *arguments) request.template_arguments[key] = to_json(value);
  return {};
}

}  // namespace penstock::engine
