#include "providers/chat_to_messages.h"

#include <algorithm>
#include <optional>

#include "core/json_writer.h"
#include "core/text.h"
#include "providers/chat_turns.h"
#include "providers/claude_models.h"
#include "providers/json_walk.h"

namespace penstock::providers {
namespace {

constexpr int64_t kBudgetMin = 1'024;  // Anthropic's least `budget_tokens`

// What `reasoning_effort` comes to.
struct Effort {
  std::string_view name;
  int64_t budget;                // of models that are given one
  std::string_view claude_name;  // of models that are told an effort
};
constexpr Effort kEfforts[] = {
    {"minimal", 1'024, "low"}, {"low", 2'048, "low"},      {"medium", 8'192, "medium"},
    {"high", 24'576, "high"},  {"xhigh", 32'768, "xhigh"}, {"max", 49'152, "max"},
};

// Fields that are read, or that mean nothing to a single answer; all others are named as dropped.
constexpr std::string_view kUnderstood[] = {"model",
                                            "messages",
                                            "max_tokens",
                                            "max_completion_tokens",
                                            "stop",
                                            "stream",
                                            "temperature",
                                            "top_p",
                                            "top_k",
                                            "tools",
                                            "tool_choice",
                                            "functions",
                                            "function_call",
                                            "parallel_tool_calls",
                                            "reasoning_effort",
                                            "thinking",
                                            "user",
                                            "safety_identifier",
                                            "metadata",
                                            "stream_options",
                                            "service_tier",
                                            "n",
                                            "response_format"};

// One request on its way; each step writes the members it is named for.
class Writer {
 public:
  Writer(const JsonFields& fields, std::string_view model, const ProviderOptions& options)
      : fields_(fields), model_(model), claude_(claude_model(model)), options_(options) {}

  Result<TranslatedRequest> write() {
    RETURN_IF_ERROR(refuse_what_cannot_be_said());
    ASSIGN_OR_RETURN(ChatTurns turns, read_chat_turns(fields_.raw("messages")));
    json_.begin_object().field("model", model_);
    if (!turns.system.empty()) json_.raw_field("system", turns.system);
    json_.raw_field("messages", turns.messages);
    RETURN_IF_ERROR(write_tools());
    RETURN_IF_ERROR(write_thinking(turns.unsigned_tool_calls));
    RETURN_IF_ERROR(write_output_config());
    RETURN_IF_ERROR(write_sampling());
    RETURN_IF_ERROR(write_stop());
    write_the_rest();
    json_.end_object();
    for (const JsonFields::Member& member : fields_.members()) {
      if (member.raw != "null" && std::ranges::find(kUnderstood, member.name) == std::end(kUnderstood)) {
        drop(member.name);
      }
    }
    request_.body = json_.take();
    return std::move(request_);
  }

 private:
  void drop(std::string_view field) { request_.drop(field); }

  Result<void> refuse_what_cannot_be_said() {
    ASSIGN_OR_RETURN(auto n, fields_.integer("n"));
    if (n.value_or(1) != 1) return invalid("n", "must be 1: this upstream gives one answer per request");
    if (auto modalities = fields_.raw("modalities"); modalities.contains("\"audio\"")) {
      return invalid("modalities", "has audio, which this upstream does not speak");
    }
    return {};
  }

  Result<void> write_tools() {
    std::string_view raw = given(fields_, "tools");
    std::string_view functions = given(fields_, "functions");
    ASSIGN_OR_RETURN(bool as_tool, wants_json_tool());
    if (raw.empty() && functions.empty() && !as_tool) return {};
    json_.key("tools").begin_array();
    if (!raw.empty()) {
      RETURN_IF_ERROR(for_each_object(raw, "tools", [this](const JsonFields& tool, const std::string& path) {
        return write_tool(tool, path);
      }));
    }
    if (!functions.empty()) {
      RETURN_IF_ERROR(for_each_object(functions, "functions",
                                      [this](const JsonFields& function, const std::string& path) {
                                        return write_function(function, "", path);
                                      }));
    }
    if (as_tool) write_json_tool();
    json_.end_array();
    return write_tool_choice(as_tool, !raw.empty() || !functions.empty());
  }

  Result<void> write_tool(const JsonFields& tool, const std::string& path) {
    if (std::string type = text_or_empty(tool, "type"); type != "function") {
      return invalid(path + ".type", "is '" + type + "'; this upstream takes functions only");
    }
    auto function = tool.object("function");
    if (!function || !*function) return invalid(path + ".function", "must be an object");
    return write_function(**function, given(tool, "cache_control"), path + ".function");
  }

  Result<void> write_function(const JsonFields& function, std::string_view cache_mark,
                              const std::string& path) {
    std::string name = text_or_empty(function, "name");
    if (name.empty()) return invalid(path + ".name", "must be given");
    json_.begin_object().field("name", name);
    if (auto text = given(function, "description"); !text.empty()) json_.raw_field("description", text);
    std::string_view schema = given(function, "parameters");
    json_.raw_field("input_schema", schema.empty() ? R"({"type":"object","properties":{}})" : schema);
    if (claude_.takes_json_schema && function.raw("strict") == "true") json_.field("strict", true);
    if (!cache_mark.empty()) json_.raw_field("cache_control", cache_mark);
    json_.end_object();
    return {};
  }

  // A model that takes no schema answers by calling a tool of that schema.
  Result<bool> wants_json_tool() {
    ASSIGN_OR_RETURN(schema_, read_schema());
    return !schema_.empty() && !claude_.takes_json_schema;
  }

  void write_json_tool() {
    json_.begin_object().field("name", kJsonTool);
    json_.field("description", "Gives the answer, in the form that was asked for.");
    json_.raw_field("input_schema", schema_).end_object();
  }

  // The schema of a response_format; empty: none is asked for.
  Result<std::string_view> read_schema() {
    ASSIGN_OR_RETURN(auto format, fields_.object("response_format"));
    if (!format) return std::string_view{};
    std::string type = text_or_empty(*format, "type");
    if (type == "text") return std::string_view{};
    if (type == "json_object") {
      drop("response_format");  // OpenAI demands that the prompt asks for JSON, too, so the prompt will do
      return std::string_view{};
    }
    auto wrapped = format->object("json_schema");
    if (type != "json_schema" || !wrapped || !*wrapped) {
      return invalid("response_format", "must be of type text, json_object or json_schema");
    }
    return given(**wrapped, "schema");
  }

  Result<void> write_tool_choice(bool as_tool, bool has_tools) {
    ASSIGN_OR_RETURN(Choice choice, read_tool_choice());
    if (as_tool && choice.type != "none") {
      choice = has_tools ? Choice{"any", ""} : Choice{"tool", std::string(kJsonTool)};
    }
    bool serial = fields_.raw("parallel_tool_calls") == "false";
    if (choice.type.empty() && !serial) return {};
    if (choice.type.empty()) choice.type = "auto";
    forces_tool_ = choice.type == "any" || choice.type == "tool";
    json_.key("tool_choice").begin_object().field("type", choice.type);
    if (!choice.name.empty()) json_.field("name", choice.name);
    if (serial && choice.type != "none") json_.field("disable_parallel_tool_use", true);
    json_.end_object();
    return {};
  }

  struct Choice {
    std::string type;  // Anthropic's; empty: not said
    std::string name;  // of a tool
  };

  Result<Choice> read_tool_choice() {
    std::string_view key = given(fields_, "tool_choice").empty() ? "function_call" : "tool_choice";
    std::string_view raw = given(fields_, key);
    if (raw.empty()) return Choice{};
    if (raw == R"("auto")") return Choice{"auto", ""};
    if (raw == R"("required")") return Choice{"any", ""};
    if (raw == R"("none")") return Choice{"none", ""};
    if (raw.starts_with('{')) {
      ASSIGN_OR_RETURN(JsonFields choice, JsonFields::of_valid(raw));
      auto function = choice.object("function");
      std::string name = text_or_empty(function && *function ? **function : choice, "name");
      if (!name.empty()) return Choice{"tool", std::move(name)};
    }
    return invalid(std::string(key), "must be auto, none, required or the name of a function");
  }

  Result<int64_t> max_tokens() {
    ASSIGN_OR_RETURN(auto newer, fields_.integer("max_completion_tokens"));
    if (newer) return *newer;
    ASSIGN_OR_RETURN(auto older, fields_.integer("max_tokens"));
    return older.value_or(options_.max_tokens.value_or(claude_.max_tokens));
  }

  // OpenAI's limit holds for reasoning and answer together, and so does Anthropic's.
  Result<void> write_thinking(bool unsigned_tool_calls) {
    ASSIGN_OR_RETURN(int64_t limit, max_tokens());
    json_.field("max_tokens", limit);
    if (auto thinking = given(fields_, "thinking"); !thinking.empty()) {
      json_.raw_field("thinking", thinking);
      thinks_ = !thinking.contains("\"disabled\"");
      return {};
    }
    ASSIGN_OR_RETURN(auto asked, fields_.string("reasoning_effort"));
    if (!asked || *asked == "none") return {};
    const auto* effort = std::ranges::find(kEfforts, *asked, &Effort::name);
    if (effort == std::end(kEfforts)) {
      return invalid("reasoning_effort", "must be one of none, minimal, low, medium, high, xhigh");
    }
    // A forced tool call cannot be thought about; nor can a budget go on from tool calls without their
    // thoughts.
    bool budget = claude_.thinking == Thinking::kBudget;
    bool room = !budget || limit > kBudgetMin;
    if (claude_.thinking == Thinking::kNone || forces_tool_ || !room || (budget && unsigned_tool_calls)) {
      drop("reasoning_effort");
      return {};
    }
    thinks_ = true;
    json_.key("thinking").begin_object().field("type", budget ? "enabled" : "adaptive");
    if (budget)
      json_.field("budget_tokens", std::clamp(effort->budget, kBudgetMin, std::max(kBudgetMin, limit / 2)));
    json_.end_object();
    if (!budget) effort_ = effort->claude_name;
    return {};
  }

  Result<void> write_output_config() {
    bool schema = !schema_.empty() && claude_.takes_json_schema;
    if (effort_.empty() && !schema) return {};
    json_.key("output_config").begin_object();
    if (!effort_.empty()) json_.field("effort", effort_);
    if (schema) {
      json_.key("format")
          .begin_object()
          .field("type", "json_schema")
          .raw_field("schema", schema_)
          .end_object();
    }
    json_.end_object();
    return {};
  }

  // Anthropic's temperature ends at 1, and newer models take one of temperature and top_p or neither.
  Result<void> write_sampling() {
    ASSIGN_OR_RETURN(auto temperature, fields_.number("temperature"));
    ASSIGN_OR_RETURN(auto top_p, fields_.number("top_p"));
    ASSIGN_OR_RETURN(auto top_k, fields_.integer("top_k"));
    bool takes = claude_.takes_sampling && !thinks_;
    if (temperature && takes) json_.field("temperature", std::min(*temperature, 1.0));
    if (temperature && !takes) drop("temperature");
    if (top_p && takes && !temperature) json_.field("top_p", *top_p);
    if (top_p && (!takes || temperature)) drop("top_p");
    if (top_k && takes) json_.field("top_k", *top_k);
    if (top_k && !takes) drop("top_k");
    return {};
  }

  Result<void> write_stop() {
    std::string_view raw = given(fields_, "stop");
    if (raw.empty()) return {};
    std::vector<std::string_view> stops = {raw};
    if (!raw.starts_with('"')) {
      ASSIGN_OR_RETURN(stops, json_elements(raw));
    }
    JsonWriter list;
    list.begin_array();
    for (std::string_view stop : stops) {
      if (!stop.starts_with('"')) return invalid("stop", "must be a string or a list of strings");
      ASSIGN_OR_RETURN(std::string text, json_unquote(stop));
      if (trim(text).empty()) {
        drop("stop");  // Anthropic refuses sequences of white space alone
      } else {
        list.value(text);
      }
    }
    list.end_array();
    if (list.text() != "[]") json_.raw_field("stop_sequences", list.text());
    return {};
  }

  void write_the_rest() {
    if (fields_.raw("stream") == "true") json_.field("stream", true);
    std::string_view user = given(fields_, "safety_identifier");
    if (user.empty()) user = given(fields_, "user");
    if (!user.empty()) json_.key("metadata").begin_object().raw_field("user_id", user).end_object();
    std::string tier = text_or_empty(fields_, "service_tier");
    if (tier == "default") {
      json_.field("service_tier", "standard_only");
    } else if (!tier.empty() && tier != "auto") {
      drop("service_tier");
    }
  }

  const JsonFields& fields_;
  std::string_view model_;
  const ClaudeModel& claude_;
  const ProviderOptions& options_;
  JsonWriter json_;
  TranslatedRequest request_;
  std::string_view schema_;
  std::string_view effort_;
  bool forces_tool_ = false;
  bool thinks_ = false;
};

}  // namespace

Result<TranslatedRequest> chat_to_messages(const JsonFields& fields, std::string_view model,
                                           const ProviderOptions& options) {
  return Writer(fields, model, options).write();
}

}  // namespace penstock::providers
