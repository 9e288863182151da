#pragma once

#include <string_view>

#include "core/http_message.h"
#include "core/result.h"
#include "gateway/call.h"

namespace penstock::api::openai {

// A path of OpenAI's API and what it is called elsewhere.
struct CallPath {
  std::string_view path;      // "/v1/chat/completions"
  std::string_view endpoint;  // "chat.completions"
  providers::Operation operation;
  std::string_view input_field;      // the field that must be there: "messages"
  std::string_view default_model{};  // where the contract lets `model` out; empty: it must be there
};

// What is known of a request before its body is read: enough to record a refusal. Refers to `request`.
gateway::Call begin_call(const CallPath& path, const Request& request);

// Reads the fields that the gateway needs from the body into `call`: model, stream, stream_options, user,
// metadata. Everything else stays as it is. kInvalidArgument names the field.
Result<void> parse_call(const CallPath& path, gateway::Call& call);

// What routes or bills a call must not depend on which of two members of the same name counts, which JSON
// leaves open.
Result<void> refuse_repeated(const JsonFields& fields, std::string_view key);

// Reads the model alone, which must stand there once.
Result<void> read_model(const JsonFields& fields, gateway::Call& call, std::string_view default_model = {});

}  // namespace penstock::api::openai
