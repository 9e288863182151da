#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat_output.h"
#include "engine/generation.h"

namespace penstock::engine {

class Model;

// What all parts of one answer repeat.
struct AnswerHead {
  std::string id;
  int64_t created_s = 0;
  std::string model;
  std::string fingerprint;
};

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
};

// Whether a stream's chunks say usage, as they all do once it was asked for: null, but for the last.
enum class UsageField : uint8_t { kAbsent, kNull };

enum class AnswerFinish : uint8_t { kNone, kStop, kLength, kToolCalls };

// One choice's message, complete.
struct ChatAnswer {
  std::string content;
  std::string reasoning;
  std::vector<ToolCall> calls;
  std::vector<TokenLogprob> logprobs;
  AnswerFinish finish = AnswerFinish::kNone;
};

struct TextAnswer {
  std::string text;
  std::vector<TokenLogprob> logprobs;
  AnswerFinish finish = AnswerFinish::kNone;
};

// A piece of a choice in a chat stream: its role, a delta, or its end.
struct ChatChunk {
  int32_t choice = 0;
  bool first = false;
  std::optional<ChatDelta> delta{};
  std::vector<TokenLogprob> logprobs{};
  AnswerFinish finish = AnswerFinish::kNone;
};

// Renders the answers of OpenAI's endpoints as JSON text. `logprobs` tells whether they were asked for: they
// are null otherwise.
class AnswerRenderer {
 public:
  AnswerRenderer(const Model& model, AnswerHead head, bool logprobs)
      : model_(model), head_(std::move(head)), logprobs_(logprobs) {}

  std::string chat(std::span<const ChatAnswer> choices, Usage usage) const;
  std::string chat_chunk(const ChatChunk& chunk, UsageField usage) const;
  std::string chat_usage_chunk(Usage usage) const;

  std::string text(std::span<const TextAnswer> choices, Usage usage) const;
  // `offset` is how many characters of the choice were sent before.
  std::string text_chunk(int32_t choice, const TextAnswer& piece, int64_t offset, UsageField usage) const;
  std::string text_usage_chunk(Usage usage) const;

 private:
  const Model& model_;
  AnswerHead head_;
  bool logprobs_;
};

// Characters (code points) of UTF-8 text.
int64_t character_count(std::string_view text);

}  // namespace penstock::engine
