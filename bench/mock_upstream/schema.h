#pragma once

#include "bench/mock_upstream/call.h"

namespace penstock::bench {

// What the real provider would refuse, so that a wrong translation does not pass unnoticed. kInvalidArgument
// with a message in the provider's words.

// Anthropic: the version header, max_tokens, no members but its own ("x_..." excepted, for tests of passing
// on), roles, types of content blocks, tools with an input_schema.
Result<void> check_anthropic(Endpoint endpoint, const HttpMessage& message, const JsonFields& fields);

// Azure's deployments: the api-version, the key in its own header.
Result<void> check_azure(const Place& place, const HttpMessage& message);

// OpenAI: roles, types of content parts and of tools.
Result<void> check_openai(const JsonFields& fields);

}  // namespace penstock::bench
