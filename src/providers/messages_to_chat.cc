#include "providers/messages_to_chat.h"

#include <algorithm>

#include "core/digest.h"
#include "core/json_writer.h"
#include "providers/json_walk.h"
#include "providers/message_turns.h"

namespace penstock::providers {
namespace {

constexpr size_t kUserBytesMax = 64;  // of OpenAI's `user`

// Fields that are read, or that mean nothing elsewhere; all others are named as dropped.
constexpr std::string_view kUnderstood[] = {"model",          "messages",      "system",       "max_tokens",
                                            "stop_sequences", "stream",        "temperature",  "top_p",
                                            "top_k",          "tool_choice",   "tools",        "thinking",
                                            "metadata",       "output_config", "cache_control"};

class Writer {
 public:
  Writer(const JsonFields& fields, std::string_view model, const ProviderType& type)
      : fields_(fields), model_(model), type_(type) {
    bool by_model = type.reasoning_effort == ReasoningEffort::kReasoningModels;
    reasons_ = by_model && is_openai_reasoning_model(model);
    takes_effort_ = reasons_ || type.reasoning_effort == ReasoningEffort::kYes;
  }

  Result<TranslatedRequest> write() {
    if (!given(fields_, "mcp_servers").empty()) {
      return invalid("mcp_servers", "are called by Anthropic only, and this model's upstream is another");
    }
    ASSIGN_OR_RETURN(MessageTurns turns,
                     read_message_turns(fields_.raw("system"), fields_.raw("messages"), type_));
    for (const std::string& name : turns.dropped) request_.drop(name);
    json_.begin_object().field("model", model_).raw_field("messages", turns.messages);
    RETURN_IF_ERROR(write_limits());
    RETURN_IF_ERROR(write_tools());
    RETURN_IF_ERROR(write_tool_choice());
    RETURN_IF_ERROR(write_thinking());
    write_the_rest();
    json_.end_object();
    for (const JsonFields::Member& member : fields_.members()) {
      if (member.raw != "null" && std::ranges::find(kUnderstood, member.name) == std::end(kUnderstood)) {
        request_.drop(member.name);
      }
    }
    request_.body = json_.take();
    return std::move(request_);
  }

 private:
  // Writes a member as it is, or names it as dropped.
  void pass(std::string_view from, std::string_view to, bool takes) {
    std::string_view raw = given(fields_, from);
    if (raw.empty()) return;
    if (takes) {
      json_.raw_field(to, raw);
    } else {
      request_.drop(from);
    }
  }

  Result<void> write_limits() {
    ASSIGN_OR_RETURN(auto limit, fields_.integer("max_tokens"));
    if (!limit) return invalid("max_tokens", "must be given");
    json_.field(reasons_ ? "max_completion_tokens" : "max_tokens", *limit);
    pass("temperature", "temperature", !reasons_);
    pass("top_p", "top_p", !reasons_);
    pass("top_k", "top_k", type_.takes_top_k);
    pass("stop_sequences", "stop", !reasons_ && fields_.raw("stop_sequences") != "[]");
    return {};
  }

  Result<void> write_tools() {
    std::string_view raw = given(fields_, "tools");
    if (raw.empty() || raw == "[]") return {};
    json_.key("tools").begin_array();
    RETURN_IF_ERROR(for_each_object(raw, "tools", [this](const JsonFields& tool, const std::string& path) {
      return write_tool(tool, path);
    }));
    json_.end_array();
    return {};
  }

  Result<void> write_tool(const JsonFields& tool, const std::string& path) {
    if (std::string type = text_or_empty(tool, "type"); !type.empty() && type != "custom") {
      return invalid(path + ".type",
                     "is '" + type + "', a tool of Anthropic's own, and this model's upstream is another");
    }
    std::string name = text_or_empty(tool, "name");
    if (name.empty()) return invalid(path + ".name", "must be given");
    json_.begin_object().field("type", "function").key("function").begin_object().field("name", name);
    if (auto text = given(tool, "description"); !text.empty()) json_.raw_field("description", text);
    if (auto schema = given(tool, "input_schema"); !schema.empty()) json_.raw_field("parameters", schema);
    if (tool.raw("strict") == "true") json_.field("strict", true);
    json_.end_object();
    if (auto mark = given(tool, "cache_control"); !mark.empty() && type_.takes_cache_control) {
      json_.raw_field("cache_control", mark);
    }
    json_.end_object();
    return {};
  }

  Result<void> write_tool_choice() {
    ASSIGN_OR_RETURN(auto choice, fields_.object("tool_choice"));
    if (!choice) return {};
    std::string type = text_or_empty(*choice, "type");
    if (type == "auto" || type == "none") {
      json_.field("tool_choice", type);
    } else if (type == "any") {
      json_.field("tool_choice", "required");
    } else if (type == "tool") {
      json_.key("tool_choice").begin_object().field("type", "function").key("function").begin_object();
      json_.field("name", text_or_empty(*choice, "name")).end_object().end_object();
    } else {
      return invalid("tool_choice.type", "must be one of auto, any, tool, none");
    }
    if (choice->raw("disable_parallel_tool_use") == "true") json_.field("parallel_tool_calls", false);
    return {};
  }

  Result<void> write_thinking() {
    ASSIGN_OR_RETURN(auto output, fields_.object("output_config"));
    std::string effort = output ? text_or_empty(*output, "effort") : std::string();
    if (effort == "max") effort = "xhigh";
    ASSIGN_OR_RETURN(auto thinking, fields_.object("thinking"));
    std::string type = thinking ? text_or_empty(*thinking, "type") : std::string();
    if (type == "enabled" && effort.empty()) {
      ASSIGN_OR_RETURN(auto budget, thinking->integer("budget_tokens"));
      effort = budget.value_or(0) <= 2'048 ? "low" : *budget <= 8'192 ? "medium" : "high";
    }
    if (!effort.empty() && type != "disabled") {
      if (takes_effort_) {
        json_.field("reasoning_effort", effort);
      } else {
        request_.drop(type == "enabled" ? "thinking" : "output_config.effort");
      }
    }
    if (output) RETURN_IF_ERROR(write_format(*output));
    return {};
  }

  Result<void> write_format(const JsonFields& output) {
    ASSIGN_OR_RETURN(auto format, output.object("format"));
    if (!format) return {};
    std::string_view schema = given(*format, "schema");
    if (schema.empty()) return invalid("output_config.format.schema", "must be given");
    json_.key("response_format")
        .begin_object()
        .field("type", "json_schema")
        .key("json_schema")
        .begin_object();
    json_.field("name", "response").raw_field("schema", schema).field("strict", true);
    json_.end_object().end_object();
    return {};
  }

  void write_the_rest() {
    if (fields_.raw("stream") == "true") {
      json_.field("stream", true)
          .key("stream_options")
          .begin_object()
          .field("include_usage", true)
          .end_object();
    }
    auto metadata = fields_.object("metadata");
    std::string user = metadata && *metadata ? text_or_empty(**metadata, "user_id") : std::string();
    if (user.size() > kUserBytesMax) user = Digest::of(user).hex();  // as stable, and short enough
    if (!user.empty()) json_.field("user", user);
  }

  const JsonFields& fields_;
  std::string_view model_;
  const ProviderType& type_;
  bool reasons_ = false;
  bool takes_effort_ = false;
  JsonWriter json_;
  TranslatedRequest request_;
};

}  // namespace

Result<TranslatedRequest> messages_to_chat(const JsonFields& fields, std::string_view model,
                                           const ProviderType& type) {
  return Writer(fields, model, type).write();
}

}  // namespace penstock::providers
