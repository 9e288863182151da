#pragma once

#include <vector>

#include "core/result.h"
#include "engine/json_reader.h"
#include "engine/openai_request.h"

namespace penstock::engine {

// The nested parts of a chat request; see openai_parse.h.
Result<std::vector<ChatMessage>> parse_messages(const JsonReader& reader);
Result<void> parse_tools(const JsonReader& reader, ChatRequest& request);
Result<void> parse_response_format(const JsonReader& reader, ChatRequest& request);
Result<void> parse_template_arguments(const JsonReader& reader, ChatRequest& request);

}  // namespace penstock::engine
