#include "providers/response_json.h"

#include "providers/json_walk.h"
#include "providers/usage_json.h"

namespace penstock::providers {
namespace {

// Settings that are echoed as they came, and what stands there otherwise.
struct Setting {
  std::string_view name;
  std::string_view otherwise;
};
constexpr Setting kSettings[] = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"max_tool_calls", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"prompt_cache_key", "null"},
    {"safety_identifier", "null"},
    {"temperature", "1.0"},
    {"tool_choice", "\"auto\""},
    {"top_logprobs", "0"},
    {"top_p", "1.0"},
    {"truncation", "\"disabled\""},
    {"user", "null"},
};

// Members of an object setting, with theirs.
void write_members(const JsonFields& request, std::string_view name, std::span<const Setting> members,
                   JsonWriter& json) {
  auto object = request.object(name);
  json.key(name).begin_object();
  for (const Setting& member : members) {
    std::string_view raw = object && *object ? given(**object, member.name) : std::string_view{};
    json.raw_field(member.name, raw.empty() ? member.otherwise : raw);
  }
  json.end_object();
}

void write_tools(const JsonFields& request, JsonWriter& json) {
  constexpr Setting kMembers[] = {
      {"name", "\"\""}, {"description", "null"}, {"parameters", "null"}, {"strict", "false"}};
  json.key("tools").begin_array();
  std::string_view raw = given(request, "tools");
  if (raw.starts_with('[')) {
    (void)for_each_object(raw, "tools", [&](const JsonFields& tool, const std::string&) -> Result<void> {
      json.begin_object().field("type", "function");
      for (const Setting& member : kMembers) {
        std::string_view value = given(tool, member.name);
        json.raw_field(member.name, value.empty() ? member.otherwise : value);
      }
      json.end_object();
      return {};
    });
  }
  json.end_array();
}

void write_settings(const JsonFields& request, JsonWriter& json) {
  for (const Setting& setting : kSettings) {
    std::string_view raw = given(request, setting.name);
    json.raw_field(setting.name, raw.empty() ? setting.otherwise : raw);
  }
  constexpr Setting kReasoning[] = {{"effort", "null"}, {"summary", "null"}};
  constexpr Setting kText[] = {{"format", R"({"type":"text"})"}, {"verbosity", "\"medium\""}};
  write_members(request, "reasoning", kReasoning, json);
  write_members(request, "text", kText, json);
  write_tools(request, json);
}

void write_error(const Error* error, JsonWriter& json) {
  if (error == nullptr) {
    json.null_field("error");
    return;
  }
  bool limited = error->code == ErrorCode::kRateLimited;
  json.key("error").begin_object().field("code", limited ? "rate_limit_exceeded" : "server_error");
  json.field("message", error->message).end_object();
}

}  // namespace

std::string_view status_name(ResponseStatus status) {
  switch (status) {
    case ResponseStatus::kInProgress:
      return "in_progress";
    case ResponseStatus::kCompleted:
      return "completed";
    case ResponseStatus::kFailed:
      return "failed";
    default:
      return "incomplete";
  }
}

std::string response_json(const TranslationContext& context, const ResponseState& state) {
  auto request = JsonFields::of_valid(context.request_body);
  JsonWriter json;
  json.begin_object().field("id", "resp_" + context.request_id).field("object", "response");
  json.field("created_at", context.created_s).field("status", status_name(state.status));
  write_error(state.error, json);
  if (state.status == ResponseStatus::kCutByLimit || state.status == ResponseStatus::kFiltered) {
    bool limit = state.status == ResponseStatus::kCutByLimit;
    json.key("incomplete_details").begin_object();
    json.field("reason", limit ? "max_output_tokens" : "content_filter").end_object();
  } else {
    json.null_field("incomplete_details");
  }
  json.field("model", context.model).raw_field("output", state.output.empty() ? "[]" : state.output);
  write_settings(request ? *request : JsonFields{}, json);
  json.null_field("previous_response_id").field("background", false).field("store", false);
  json.field("service_tier", "default");
  if (state.status == ResponseStatus::kInProgress || state.status == ResponseStatus::kFailed) {
    json.null_field("usage");
  } else {
    json.key("usage");
    write_responses_usage(state.tokens, json);
  }
  json.end_object();
  return json.take();
}

}  // namespace penstock::providers
