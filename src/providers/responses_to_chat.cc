#include "providers/responses_to_chat.h"

#include <algorithm>

#include "core/json_writer.h"
#include "providers/json_walk.h"
#include "providers/response_items.h"

namespace penstock::providers {
namespace {

// Fields that are read, that a chat has under the same name (kShared), or that mean nothing to a single
// answer.
constexpr std::string_view kUnderstood[] = {
    "model",      "input",          "instructions", "max_output_tokens", "text",    "reasoning",
    "tools",      "tool_choice",    "store",        "metadata",          "include", "stream",
    "background", "stream_options", "truncation"};
constexpr std::string_view kShared[] = {
    "temperature",       "top_p",           "parallel_tool_calls", "user", "service_tier",
    "safety_identifier", "prompt_cache_key"};

Failure absent(std::string field, std::string_view what) {
  std::string message = "'" + field + "' " + std::string(what);
  return Failure(
      Error{.code = ErrorCode::kNotImplemented, .message = std::move(message), .field = std::move(field)});
}

class Writer {
 public:
  Writer(const JsonFields& fields, std::string_view model, const ProviderType& type)
      : fields_(fields), model_(model), type_(type) {}

  Result<TranslatedRequest> write() {
    RETURN_IF_ERROR(check_stateless(fields_));
    ASSIGN_OR_RETURN(std::string messages,
                     read_response_items(given(fields_, "instructions"), fields_.raw("input"), type_));
    json_.begin_object().field("model", model_).raw_field("messages", messages);
    for (std::string_view name : kShared) {
      if (auto raw = given(fields_, name); !raw.empty()) json_.raw_field(name, raw);
    }
    if (auto limit = given(fields_, "max_output_tokens"); !limit.empty())
      json_.raw_field("max_tokens", limit);
    RETURN_IF_ERROR(write_tools());
    RETURN_IF_ERROR(write_tool_choice());
    RETURN_IF_ERROR(write_text());
    RETURN_IF_ERROR(write_reasoning());
    if (fields_.raw("stream") == "true") {
      json_.field("stream", true)
          .key("stream_options")
          .begin_object()
          .field("include_usage", true)
          .end_object();
    }
    json_.end_object();
    for (const JsonFields::Member& member : fields_.members()) {
      bool known = std::ranges::find(kUnderstood, member.name) != std::end(kUnderstood) ||
                   std::ranges::find(kShared, member.name) != std::end(kShared);
      if (!known && member.raw != "null") request_.drop(member.name);
    }
    request_.body = json_.take();
    return std::move(request_);
  }

 private:
  Result<void> write_tools() {
    std::string_view raw = given(fields_, "tools");
    if (raw.empty() || raw == "[]") return {};
    json_.key("tools").begin_array();
    RETURN_IF_ERROR(for_each_object(
        raw, "tools", [this](const JsonFields& tool, const std::string& path) -> Result<void> {
          if (text_or_empty(tool, "name").empty()) return invalid(path + ".name", "must be given");
          json_.begin_object().field("type", "function").key("function").begin_object();
          for (std::string_view name : {"name", "description", "parameters", "strict"}) {
            if (auto member = given(tool, name); !member.empty()) json_.raw_field(name, member);
          }
          json_.end_object().end_object();
          return {};
        }));
    json_.end_array();
    return {};
  }

  Result<void> write_tool_choice() {
    std::string_view raw = given(fields_, "tool_choice");
    if (raw.empty()) return {};
    if (raw.starts_with('"')) {
      json_.raw_field("tool_choice", raw);
      return {};
    }
    ASSIGN_OR_RETURN(auto choice, fields_.object("tool_choice"));
    std::string type = text_or_empty(*choice, "type");
    if (type != "function")
      return absent("tool_choice.type", "is '" + type + "'; only functions can be chosen here");
    json_.key("tool_choice").begin_object().field("type", "function").key("function").begin_object();
    json_.field("name", text_or_empty(*choice, "name")).end_object().end_object();
    return {};
  }

  // `text.format` has the members of a schema beside its type, a chat's response_format has them one level
  // lower.
  Result<void> write_text() {
    ASSIGN_OR_RETURN(auto text, fields_.object("text"));
    if (!text) return {};
    if (auto verbosity = given(*text, "verbosity"); !verbosity.empty())
      json_.raw_field("verbosity", verbosity);
    ASSIGN_OR_RETURN(auto format, text->object("format"));
    if (!format) return {};
    std::string type = text_or_empty(*format, "type");
    if (type == "text") return {};
    json_.key("response_format").begin_object().field("type", type);
    if (type == "json_schema") {
      json_.key("json_schema").begin_object();
      for (std::string_view name : {"name", "description", "schema", "strict"}) {
        if (auto member = given(*format, name); !member.empty()) json_.raw_field(name, member);
      }
      json_.end_object();
    }
    json_.end_object();
    return {};
  }

  Result<void> write_reasoning() {
    ASSIGN_OR_RETURN(auto reasoning, fields_.object("reasoning"));
    if (!reasoning) return {};
    if (auto effort = given(*reasoning, "effort"); !effort.empty())
      json_.raw_field("reasoning_effort", effort);
    return {};
  }

  const JsonFields& fields_;
  std::string_view model_;
  const ProviderType& type_;
  JsonWriter json_;
  TranslatedRequest request_;
};

}  // namespace

Result<void> check_stateless(const JsonFields& fields) {
  struct Row {
    std::string_view field;
    std::string_view why;
  };
  constexpr Row kAbsent[] = {
      {"previous_response_id",
       "needs stored responses, which this gateway does not keep: send the whole input"},
      {"conversation", "needs stored conversations, which this gateway does not keep: send the whole input"},
      {"prompt", "needs stored prompts of the provider's: send the instructions themselves"},
  };
  for (const Row& row : kAbsent) {
    if (!given(fields, row.field).empty()) return absent(std::string(row.field), row.why);
  }
  if (fields.raw("background") == "true") {
    return absent("background", "needs stored responses, which this gateway does not keep");
  }
  std::string_view tools = given(fields, "tools");
  if (tools.empty()) return {};
  return for_each_object(tools, "tools", [](const JsonFields& tool, const std::string& path) -> Result<void> {
    std::string type = text_or_empty(tool, "type");
    if (type == "function") return {};
    return absent(path + ".type",
                  "is '" + type + "', a tool that the provider runs; functions can be called here");
  });
}

Result<TranslatedRequest> responses_to_chat(const JsonFields& fields, std::string_view model,
                                            const ProviderType& type) {
  return Writer(fields, model, type).write();
}

}  // namespace penstock::providers
