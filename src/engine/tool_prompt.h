#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/openai_request.h"

namespace penstock::engine {

// Tools for models whose template does not know them, in the format that Hermes made common: the system
// message lists the functions as JSON, a call is written
//   <tool_call>{"name": "f", "arguments": {...}}</tool_call>
// and its result comes back as <tool_response>...</tool_response>.
inline constexpr std::string_view kCallOpen = "<tool_call>";
inline constexpr std::string_view kCallClose = "</tool_call>";

// The same conversation without tool calls and tool messages, with the instructions in its system message.
ChatRequest with_tool_prompt(const ChatRequest& request);

// Calls of the request's tools only: from the start when a call is required, else from the first
// "<tool_call>" on. kInvalidArgument names the tool whose parameters have no grammar.
Result<OutputConstraint> tool_call_constraint(const ChatRequest& request);

}  // namespace penstock::engine
