#include "bench/mock_upstream/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace penstock::bench {
namespace {

using namespace std::string_view_literals;
using Names = std::span<const std::string_view>;

constexpr std::array kAnthropicMembers = {
    "model"sv,       "messages"sv,   "max_tokens"sv,    "system"sv,        "stop_sequences"sv,
    "stream"sv,      "thinking"sv,   "temperature"sv,   "top_k"sv,         "top_p"sv,
    "tools"sv,       "metadata"sv,   "tool_choice"sv,   "service_tier"sv,  "cache_control"sv,
    "container"sv,   "betas"sv,      "output_config"sv, "inference_geo"sv, "context_management"sv,
    "mcp_servers"sv, "diagnostics"sv};
constexpr std::array kAnthropicRoles = {"user"sv, "assistant"sv};
constexpr std::array kAnthropicBlocks = {
    "text"sv,        "image"sv,    "document"sv,          "tool_use"sv,
    "tool_result"sv, "thinking"sv, "redacted_thinking"sv, "search_result"sv};
constexpr std::array kOpenAiRoles = {"system"sv,    "developer"sv, "user"sv,
                                     "assistant"sv, "tool"sv,      "function"sv};
constexpr std::array kOpenAiParts = {"text"sv, "image_url"sv, "input_audio"sv, "file"sv, "refusal"sv};

bool is_one_of(std::string_view name, Names names) { return std::ranges::find(names, name) != names.end(); }

std::unexpected<Error> refused(std::string field, std::string_view why) {
  std::string message = fmt::format("{}: {}", field, why);
  return Failure(Error::invalid(std::move(field), std::move(message)));
}

Result<void> check_blocks(std::string_view content, Names types, const std::string& where) {
  if (!content.starts_with('[')) return {};
  ASSIGN_OR_RETURN(const auto blocks, json_elements(content));
  for (std::string_view raw : blocks) {
    ASSIGN_OR_RETURN(const JsonFields block, JsonFields::of_valid(raw));
    ASSIGN_OR_RETURN(const auto type, block.string("type"));
    if (!type || !is_one_of(*type, types)) {
      return refused(where + ".content", fmt::format("Input tag '{}' is not expected", type.value_or("")));
    }
    const bool object_input = block.raw("input").starts_with('{');
    if (type == "tool_use" && !object_input) return refused(where + ".content.input", "should be an object");
    if (type == "tool_result" && !block.has("tool_use_id")) {
      return refused(where + ".content.tool_use_id", "Field required");
    }
    const bool empty = block.raw("text") == "\"\"";
    if (type == "text" && types.data() == kAnthropicBlocks.data() && empty) {
      return refused("messages", "text content blocks must be non-empty");
    }
  }
  return {};
}

Result<void> check_messages(const JsonFields& fields, Names roles, Names types) {
  if (!fields.raw("messages").starts_with('[')) return refused("messages", "Input should be a valid list");
  ASSIGN_OR_RETURN(const auto messages, json_elements(fields.raw("messages")));
  if (messages.empty()) return refused("messages", "at least one message is required");
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::string where = fmt::format("messages.{}", i);
    ASSIGN_OR_RETURN(const JsonFields message, JsonFields::of_valid(messages[i]));
    ASSIGN_OR_RETURN(const auto role, message.string("role"));
    if (!role || !is_one_of(*role, roles)) return refused(where + ".role", "not a role of this protocol");
    RETURN_IF_ERROR(check_blocks(message.raw("content"), types, where));
  }
  return {};
}

Result<void> check_tools(const JsonFields& fields, std::string_view member) {
  if (!fields.has("tools") || fields.is_null("tools")) return {};
  ASSIGN_OR_RETURN(const auto tools, json_elements(fields.raw("tools")));
  for (size_t i = 0; i < tools.size(); ++i) {
    ASSIGN_OR_RETURN(const JsonFields tool, JsonFields::of_valid(tools[i]));
    if (!tool.has(member)) return refused(fmt::format("tools.{}.{}", i, member), "Field required");
  }
  return {};
}

}  // namespace

Result<void> check_anthropic(Endpoint endpoint, const HttpMessage& message, const JsonFields& fields) {
  if (message.header("anthropic-version").empty()) return refused("anthropic-version", "header is required");
  for (const JsonFields::Member& member : fields.members()) {
    if (!member.name.starts_with("x_") && !is_one_of(member.name, kAnthropicMembers)) {
      return refused(member.name, "Extra inputs are not permitted");
    }
  }
  const bool answers = endpoint == Endpoint::kMessages;
  if (answers && !fields.has("max_tokens")) return refused("max_tokens", "Field required");
  RETURN_IF_ERROR(check_messages(fields, kAnthropicRoles, kAnthropicBlocks));
  return check_tools(fields, "input_schema");
}

Result<void> check_azure(const Place& place, const HttpMessage& message) {
  if (!place.has_api_version) return refused("api-version", "Missing required query parameter");
  const bool has_key = !message.header("api-key").empty() || !message.header("authorization").empty();
  return has_key ? Result<void>() : refused("api-key", "Access denied due to missing key");
}

Result<void> check_openai(const JsonFields& fields) {
  if (fields.has("messages")) RETURN_IF_ERROR(check_messages(fields, kOpenAiRoles, kOpenAiParts));
  return check_tools(fields, "function");
}

}  // namespace penstock::bench
