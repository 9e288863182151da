#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "core/json_writer.h"
#include "providers/anthropic_usage.h"
#include "providers/translation.h"

namespace penstock::providers {

// An answer of Anthropic's Messages API as a chat completion, whole or in chunks.
//
// Thinking becomes `reasoning_content`; so that a client can send it back unchanged, each thought stands also
// in `thinking_blocks` with its signature (in a stream: once it is complete). Blocks of the provider's own
// tools, which chat clients have no words for, are left out.
class MessagesAnswerToChat final : public AnswerTranslation {
 public:
  explicit MessagesAnswerToChat(const TranslationContext& context) : context_(context) {}

  Result<std::string> whole(std::string_view body) override;
  Result<void> event(const http::SseEvent& event, std::string& out) override;
  void finish(std::string& out) override;

 private:
  struct Block {
    std::string type;
    int64_t tool = 0;        // its index in tool_calls
    bool is_answer = false;  // the tool that stands for a JSON schema
    bool has_input = false;
    std::string text;  // a thought
    std::string signature;
    std::string start_input;  // a tool's input, where it came with the block's start
  };

  Result<void> begin_block(const JsonFields& event, std::string& out);
  Result<void> extend_block(const JsonFields& event, std::string& out);
  Result<void> end_block(const JsonFields& event, std::string& out);
  void take_stop(const JsonFields& event, std::string& out);
  Result<Block*> block_of(const JsonFields& event);

  // One chunk around `delta` (JSON); `finish_reason` is empty until the last.
  void chunk(std::string_view delta, std::string_view finish_reason, std::string& out);
  void tool_arguments(const Block& block, std::string_view raw_text, std::string& out);
  void write_head(JsonWriter& json, std::string_view object) const;

  TranslationContext context_;
  std::string id_;
  std::map<int64_t, Block> blocks_;
  int64_t tool_calls_ = 0;
  bool answered_by_tool_ = false;
  AnthropicUsage usage_;
};

}  // namespace penstock::providers
