#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/generation.h"

namespace penstock::engine {

// What chat and text completions have in common.
struct CompletionOptions {
  std::string model;
  SamplingOptions sampling;
  std::vector<std::string> stops;
  std::optional<int32_t> tokens_max;  // absent: as much as the context holds
  int32_t choices = 1;
  std::optional<int32_t> top_logprobs;
  bool ignore_end = false;
  bool stream = false;
  bool stream_usage = false;
};

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON text
};

struct ChatMessage {
  std::string role{};  // system, user, assistant or tool
  std::string content{};
  std::string name{};          // of the tool that answers
  std::string tool_call_id{};  // that it answers
  std::vector<ToolCall> tool_calls{};
  std::string reasoning{};
};

struct Tool {
  std::string name;
  std::string description;
  std::string parameters;  // JSON Schema as text
};

enum class ToolChoice : uint8_t { kAuto, kNone, kRequired };

struct ChatRequest {
  CompletionOptions options;
  std::vector<ChatMessage> messages;
  std::vector<Tool> tools;  // only the named one when the request forces one
  ToolChoice tool_choice = ToolChoice::kAuto;
  std::optional<bool> parallel_tool_calls;
  std::optional<std::string> output_schema;               // JSON Schema as text; "{}" for any object
  std::map<std::string, std::string> template_arguments;  // values as JSON text
};

using Prompt = std::variant<std::string, std::vector<Token>>;

struct TextRequest {
  CompletionOptions options;
  std::vector<Prompt> prompts;
  int32_t best_of = 1;  // at least options.choices
  bool echo = false;
};

enum class EmbeddingFormat : uint8_t { kFloats, kBase64 };

struct EmbeddingRequest {
  std::string model;
  std::vector<Prompt> inputs;
  EmbeddingFormat format = EmbeddingFormat::kFloats;
  std::optional<int32_t> dimensions;
};

}  // namespace penstock::engine
