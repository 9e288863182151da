#pragma once

#include <cstdint>
#include <string>

#include "bench/mock_upstream/behaviour.h"
#include "bench/net/http_reader.h"
#include "core/json_fields.h"
#include "core/result.h"

namespace penstock::bench {

enum class Protocol : uint8_t { kOpenAi, kAnthropic };
enum class Endpoint : uint8_t {
  kChat,
  kCompletions,
  kEmbeddings,
  kModerations,
  kRerank,
  kModels,
  kMessages,
  kCountTokens,
  kLedger,
  kLedgerClear,
  kUnknown
};

// What is billed, in exclusive kinds: their sum is what was processed.
struct Tokens {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t cache_write = 0;
  int64_t cache_write_1h = 0;
  int64_t output = 0;
  int64_t reasoning = 0;

  int64_t prompt() const { return input + cached_input + cache_write + cache_write_1h; }
};

// What is needed of a request to answer it.
struct Call {
  Endpoint endpoint = Endpoint::kUnknown;
  Protocol protocol = Protocol::kOpenAi;
  std::string model;
  Behaviour behaviour;
  bool stream = false;
  bool include_usage = false;
  bool tools = false;     // answer by a tool call
  bool length = false;    // max_tokens ended the answer
  bool base64 = false;    // embeddings: encoding_format
  bool flagged = false;   // moderations: the input says "violence"
  std::string tool_name;  // of the tool to call
  int64_t choices = 1;    // `n`
  int64_t inputs = 1;     // embeddings, moderations, rerank: how many texts
  int64_t images = 0;     // counted with the trait `images` only
  // Of the whole answer, all choices together. The prompt's are a quarter of the body's bytes, so that they
  // differ from call to call; `output` counts words, one event of a stream each.
  Tokens tokens;

  int64_t words() const { return tokens.output / choices; }  // of one choice

  // `tokens` words answer a call whose max_tokens does not end it earlier. kInvalidArgument: not JSON, or not
  // of the protocol; the message is in the provider's words.
  static Result<Call> read(const HttpMessage& message, int64_t tokens);
};

// Where and in whose protocol a request asks: "POST /openai/deployments/gpt-x/chat/completions?...". Whatever
// stands before the endpoint's own path is a base URL and means nothing, but for Azure's deployments.
struct Place {
  Endpoint endpoint = Endpoint::kUnknown;
  Protocol protocol = Protocol::kOpenAi;
  std::string_view deployment;  // Azure's, a view into the start line
  bool has_api_version = false;

  static Place of(std::string_view start_line);
};

}  // namespace penstock::bench
