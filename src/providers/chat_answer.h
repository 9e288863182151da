#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "core/result.h"
#include "core/units.h"

namespace penstock::providers {

enum class BlockKind : uint8_t { kText, kReasoning, kRefusal, kToolCall };

struct BlockStart {
  BlockKind kind = BlockKind::kText;
  std::string id{};    // of a tool call
  std::string name{};  // of its function
};

// Takes a chat answer as a sequence of blocks, one at a time: begin, any number of extends, end.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  virtual void begin(const BlockStart& start) = 0;
  virtual void extend(std::string_view text) = 0;  // text, or a piece of a tool call's arguments; never empty
  virtual void sign(std::string_view signature) = 0;  // of the reasoning block at hand
  virtual void end() = 0;
};

// Reads a chat completion (its first choice), whole or chunk by chunk, for contracts that are made of blocks.
// Knows what OpenAI-compatible servers call reasoning, and that some forget the index or the id of a tool
// call.
class ChatAnswer {
 public:
  // `fallback_id` begins the ids of tool calls that have none.
  ChatAnswer(BlockSink& sink, std::string fallback_id) : sink_(sink), fallback_id_(std::move(fallback_id)) {}

  // A whole answer; its blocks are all ended. kUpstream if it is none.
  Result<void> read_whole(std::string_view body);

  // The data of one event; [DONE] is nothing. kUpstream if it is no chunk, or goes back to a block that has
  // ended.
  Result<void> read_chunk(std::string_view data);

  // The stream has ended: ends the block at hand.
  void close();

  const std::string& finish_reason() const { return finish_reason_; }  // empty: not told
  const std::string& stop_sequence() const { return stop_sequence_; }  // vLLM tells which one matched
  const std::optional<TokenCounts>& tokens() const { return tokens_; }
  bool refused() const { return refused_; }
  bool called_tools() const { return tool_calls_ > 0; }

 private:
  Result<void> read_choice(const JsonFields& choice, std::string_view message_member);
  Result<void> read_message(const JsonFields& message);
  Result<void> read_reasoning(const JsonFields& message);
  void read_content(std::string_view raw);
  Result<void> read_tool_call(const JsonFields& call);
  Result<void> begin_tool_call(const JsonFields& call, int64_t index, std::string_view name);
  void add(BlockKind kind, std::string_view text);

  BlockSink& sink_;
  std::string fallback_id_;
  std::optional<BlockKind> open_;
  int64_t tool_index_ = -1;  // of the last tool call begun
  int64_t tool_calls_ = 0;
  std::string finish_reason_;
  std::string stop_sequence_;
  std::optional<TokenCounts> tokens_;
  bool refused_ = false;
};

}  // namespace penstock::providers
