#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "engine/chat_template.h"
#include "engine/openai_request.h"

namespace penstock::engine {

// A piece of an assistant's message. A tool call begins with its id and name; its arguments follow in pieces.
struct ChatDelta {
  std::string content;
  std::string reasoning;
  int32_t call_index = -1;  // of `call`; -1: none
  ToolCall call;
};

// Reads thoughts, text and tool calls out of one choice's text, as it comes. The pieces together are the
// message, however the text was cut. One thread.
class ChatOutputParser {
 public:
  virtual ~ChatOutputParser() = default;
  // kInternal when the text does not follow the syntax that the prompt asked for.
  virtual Result<std::vector<ChatDelta>> add(std::string_view text) = 0;
  virtual Result<std::vector<ChatDelta>> finish() = 0;
};

// `random` makes the ids of tool calls.
Result<std::unique_ptr<ChatOutputParser>> make_output_parser(const ChatPrompt& prompt, Random& random);

// "call_" and 24 letters or digits.
std::string tool_call_id(Random& random);

}  // namespace penstock::engine
