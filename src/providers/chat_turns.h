#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::providers {

// The messages of a chat as Anthropic wants them: a system prompt apart, and turns that alternate, the
// results of parallel tool calls together in one.
struct ChatTurns {
  std::string system;                // JSON list of text blocks; empty: none
  std::string messages;              // JSON list
  bool unsigned_tool_calls = false;  // the last answer called tools and its thinking is not there
};

// `raw` is the `messages` of a chat request. kInvalidArgument names the message.
Result<ChatTurns> read_chat_turns(std::string_view raw);

}  // namespace penstock::providers
