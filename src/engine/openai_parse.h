#pragma once

#include <string_view>

#include "core/result.h"
#include "engine/openai_request.h"

namespace penstock::engine {

// The bodies of OpenAI's endpoints (openai-openapi 2.3.0), with vLLM's additional sampling parameters (top_k,
// min_p, repetition_penalty, ignore_eos, chat_template_kwargs). Unknown members are ignored; every value that
// is wrong, or that this engine cannot honour, is kInvalidArgument with the member's path. Bounded by the
// size of the body and the limits below.
inline constexpr size_t kMessagesMax = 16'384;
inline constexpr size_t kToolsMax = 128;  // OpenAI's
inline constexpr size_t kStopsMax = 4;    // OpenAI's
inline constexpr size_t kStopBytesMax = 1'024;
inline constexpr size_t kLogitBiasMax = 1'024;
inline constexpr size_t kPromptsMax = 2'048;    // OpenAI's for embeddings
inline constexpr int32_t kTopLogprobsMax = 20;  // OpenAI's
inline constexpr int32_t kChoicesMax = 128;     // OpenAI's

Result<ChatRequest> parse_chat_request(std::string_view body);
Result<TextRequest> parse_text_request(std::string_view body);
Result<EmbeddingRequest> parse_embedding_request(std::string_view body);

}  // namespace penstock::engine
