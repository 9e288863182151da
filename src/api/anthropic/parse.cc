#include "api/anthropic/parse.h"

#include "api/openai/parse.h"
#include "http/error_shape.h"
#include "http/sse.h"

namespace penstock::api::anthropic {
namespace {

std::string event_of(const Error& error) {
  return http::sse_event("error", http::anthropic_error_json(error));
}

Result<void> need(const JsonFields& fields, std::string_view name) {
  if (fields.has(name) && !fields.is_null(name)) return {};
  return Failure(Error::invalid(std::string(name), "'" + std::string(name) + "': field required"));
}

}  // namespace

gateway::Call begin_call(const CallPath& path, const Request& request) {
  gateway::Call call = openai::begin_call(
      {.path = path.path, .endpoint = path.endpoint, .operation = path.operation}, request);
  call.errors = {.answer = http::anthropic_error, .event = event_of};
  return call;
}

Result<void> parse_call(gateway::Call& call) {
  ASSIGN_OR_RETURN(call.fields, JsonFields::parse(call.body, "the request body"));
  for (std::string_view key : {"stream", "max_tokens"}) {
    RETURN_IF_ERROR(openai::refuse_repeated(call.fields, key));
  }
  RETURN_IF_ERROR(openai::read_model(call.fields, call));
  RETURN_IF_ERROR(need(call.fields, "messages"));
  if (call.operation == providers::Operation::kCountTokens) return {};
  RETURN_IF_ERROR(need(call.fields, "max_tokens"));
  ASSIGN_OR_RETURN(auto max_tokens, call.fields.integer("max_tokens"));
  if (max_tokens.value_or(0) < 0)
    return Failure(Error::invalid("max_tokens", "'max_tokens' must not be negative"));
  ASSIGN_OR_RETURN(auto stream, call.fields.boolean("stream"));
  call.stream = stream.value_or(false);
  call.usage_asked = true;  // the contract always tells it
  ASSIGN_OR_RETURN(auto metadata, call.fields.object("metadata"));
  if (!metadata) return {};
  ASSIGN_OR_RETURN(auto user, metadata->string("user_id"));
  call.user = user.value_or("");
  return {};
}

}  // namespace penstock::api::anthropic
