#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::providers {

// The wire protocol that an upstream speaks.
enum class Protocol : uint8_t { kOpenAi, kAnthropic };

// What a client asks for, by the contract in which it asks: kMessages and kCountTokens are Anthropic's,
// kResponses is OpenAI's newer one, the rest OpenAI's (kRerank: the shape that Jina, vLLM and Cohere share).
enum class Operation : uint8_t {
  kChat,
  kCompletions,
  kEmbeddings,
  kModerations,
  kRerank,
  kMessages,
  kCountTokens,
  kResponses,
};

// "chat", "messages", ...: stable text for configuration, scopes and logs.
std::string_view operation_name(Operation operation);

// True when an upstream of `protocol` takes the operation's bytes as they are and answers in its shape.
bool is_native(Operation operation, Protocol protocol);

// True when native or translated. The rest is answered 501: embeddings over Anthropic, count_tokens over
// OpenAI.
bool is_supported(Operation operation, Protocol protocol);

// True when the operation's answer can be a stream of events.
bool can_stream(Operation operation);

}  // namespace penstock::providers
