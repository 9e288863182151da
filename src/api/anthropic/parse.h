#pragma once

#include <string_view>

#include "core/http_message.h"
#include "core/result.h"
#include "gateway/call.h"

namespace penstock::api::anthropic {

// A path of Anthropic's API and what it is called elsewhere.
struct CallPath {
  std::string_view path;      // "/v1/messages"
  std::string_view endpoint;  // "messages"
  providers::Operation operation;
};

// What is known of a request before its body is read: enough to record a refusal. Refers to `request`.
gateway::Call begin_call(const CallPath& path, const Request& request);

// Reads the fields that the gateway needs from the body into `call`: model, stream, metadata.user_id.
// Everything else stays as it is. kInvalidArgument names the field.
Result<void> parse_call(gateway::Call& call);

}  // namespace penstock::api::anthropic
