#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json_writer.h"
#include "core/units.h"
#include "providers/translation.h"

namespace penstock::providers {

// How a response stands: what its `status` and `incomplete_details` say.
enum class ResponseStatus : uint8_t { kInProgress, kCompleted, kCutByLimit, kFiltered, kFailed };

std::string_view status_name(ResponseStatus status);  // "in_progress", "completed", "incomplete", "failed"

// What a response object holds beside the settings of its request.
struct ResponseState {
  ResponseStatus status = ResponseStatus::kInProgress;
  std::string_view output{};  // JSON list
  std::optional<TokenCounts> tokens{};
  const Error* error = nullptr;  // of a failed one
};

// The response object of OpenAI's Responses API: the settings of context.request_body echoed with their
// defaults, each tool with all of its members, `store` false.
std::string response_json(const TranslationContext& context, const ResponseState& state);

}  // namespace penstock::providers
