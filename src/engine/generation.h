#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace penstock::engine {

using Token = int32_t;

struct LogitBias {
  Token token = 0;
  float bias = 0;  // added to the logit; -100 and below bans the token
};

// How the next token is chosen from the model's logits. Order: bias, penalties, temperature, top_k, min_p,
// top_p.
struct SamplingOptions {
  float temperature = 1;  // 0: always the likeliest token
  float top_p = 1;
  float min_p = 0;
  int32_t top_k = 0;           // 0: all
  float presence_penalty = 0;  // over the text generated so far, as OpenAI defines them
  float frequency_penalty = 0;
  float repetition_penalty = 1;  // over prompt and text, as vLLM defines it
  std::vector<LogitBias> logit_bias;
  std::optional<uint64_t> seed;  // absent: unpredictable
};

// Where a grammar begins to hold.
struct Trigger {
  enum class Kind : uint8_t { kWord, kPattern };
  Kind kind = Kind::kWord;
  std::string text;  // a pattern is a regular expression of a model's template, never of a request
};

// A grammar (GBNF) that the text must follow.
struct OutputConstraint {
  std::string grammar;            // empty: none
  std::vector<Trigger> triggers;  // none: it holds from the start
  std::string begun;              // without triggers: what the end of the prompt has of it already
};

struct GenerationRequest {
  std::vector<Token> prompt;  // not empty
  SamplingOptions sampling;
  OutputConstraint constraint;
  std::vector<std::string> stops;       // not empty strings; the text ends before the first that appears
  std::vector<Token> shown_specials;    // control tokens that are part of the text (tool call marks)
  int32_t tokens_max = 0;               // generated per choice, at least 0
  int32_t choices = 1;                  // generated from one computation of the prompt
  std::optional<int32_t> top_logprobs;  // absent: no logprobs; n: the chosen token and the n likeliest
  bool prompt_logprobs = false;         // the same for the prompt's tokens, before the first text
  bool ignore_end = false;              // goes on after the model's end-of-text token, for measurements
};

struct TokenProbability {
  Token token = 0;
  float logprob = 0;
};

// A token with its log probability under the model's own distribution (before bias, penalties and
// temperature).
struct TokenLogprob {
  TokenProbability chosen;
  std::vector<TokenProbability> top;  // likeliest first
  bool known = true;                  // false for the first token of a prompt, which nothing predicts
};

enum class FinishReason : uint8_t { kNone, kStop, kLength };

// A piece of one choice, in order. Text is always whole UTF-8 sequences and never part of a stop string.
struct GenerationEvent {
  int32_t choice = 0;
  std::string text{};
  std::vector<TokenLogprob> logprobs{};         // of the tokens whose text has now been given completely
  std::vector<TokenLogprob> prompt_logprobs{};  // once, with choice 0
  FinishReason finish = FinishReason::kNone;    // anything else: the last event of this choice
  int32_t tokens = 0;                           // generated so far in this choice
  std::optional<Error> failure{};               // the last event of all choices
};

// Takes events on the engine's thread and must not block. False: nobody listens any more, and the generation
// ends.
using EventSink = std::move_only_function<bool(GenerationEvent)>;

}  // namespace penstock::engine
