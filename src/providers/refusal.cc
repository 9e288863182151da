#include <algorithm>
#include <array>

#include "core/json_fields.h"
#include "core/text.h"
#include "providers/answer.h"
#include "providers/error_text.h"

namespace penstock::providers {
namespace {

// How providers say why, as seen in their answers: an exact `code`, `type` or `status`, or words of the
// message. The first row that fits counts.
struct Sign {
  RefusalCause cause;
  std::string_view name;   // equals the error's code, type or status; empty: any
  std::string_view words;  // in the message, lower case; empty: any
};

constexpr Sign kSigns[] = {
    {RefusalCause::kContextWindow, "context_length_exceeded", ""},    // OpenAI, Azure, Groq
    {RefusalCause::kContextWindow, "exceed_context_size_error", ""},  // llama-server
    {RefusalCause::kContextWindow, "context_window_exceeded", ""},
    {RefusalCause::kContextWindow, "", "maximum context length"},  // vLLM, DeepSeek, OpenRouter
    {RefusalCause::kContextWindow, "", "available context size"},  // llama-server
    {RefusalCause::kContextWindow, "", "prompt is too long"},      // Anthropic
    {RefusalCause::kContextWindow, "", "exceed context limit"},    // Anthropic: with max_tokens
    {RefusalCause::kContextWindow, "", "exceeds the maximum number of tokens allowed"},  // Gemini
    {RefusalCause::kContextWindow, "", "`inputs` tokens + `max_new_tokens` must be"},    // TGI, Together
    {RefusalCause::kContextWindow, "", "`inputs` must have less than"},                  // TGI
    {RefusalCause::kContextWindow, "", "longer than the maximum model length"},          // vLLM
    {RefusalCause::kContextWindow, "", "too large for model with"},                      // Mistral
    {RefusalCause::kContentPolicy, "content_filter", ""},                                // Azure
    {RefusalCause::kContentPolicy, "ResponsibleAIPolicyViolation", ""},                  // Azure
    {RefusalCause::kContentPolicy, "content_policy_violation", ""},                      // OpenAI
    {RefusalCause::kContentPolicy, "", "content filtering policy"},                      // Anthropic
    {RefusalCause::kContentPolicy, "", "content management policy"},                     // Azure
    {RefusalCause::kContentPolicy, "", "flagged by moderation"},                         // OpenRouter
    {RefusalCause::kContentPolicy, "", "requires moderation"},                           // OpenRouter
    {RefusalCause::kContentPolicy, "", "usage policies"},                                // OpenAI
    {RefusalCause::kContentPolicy, "", "content exists risk"},                           // DeepSeek
    {RefusalCause::kCredentials, "API_KEY_INVALID", ""},
    {RefusalCause::kCredentials, "", "api key not valid"},  // Gemini, as a 400
    {RefusalCause::kCredentials, "authentication_error", ""},
    {RefusalCause::kCredentials, "permission_error", ""},
    {RefusalCause::kQuota, "insufficient_quota", ""},  // OpenAI
    {RefusalCause::kQuota, "billing_error", ""},
    {RefusalCause::kQuota, "billing_hard_limit_reached", ""},
    {RefusalCause::kQuota, "", "credit balance is too low"},   // Anthropic, as a 400
    {RefusalCause::kQuota, "", "specified api usage limits"},  // Anthropic, as a 400
    {RefusalCause::kQuota, "", "insufficient balance"},        // DeepSeek
    {RefusalCause::kQuota, "", "insufficient credits"},        // OpenRouter
    {RefusalCause::kRateLimit, "rate_limit_exceeded", ""},     // Groq says it with 413, too
    {RefusalCause::kRateLimit, "rate_limit_error", ""},
    {RefusalCause::kRateLimit, "overloaded_error", ""},  // Anthropic
};

struct StatusRow {
  int status;
  ErrorCode code;
  RefusalCause cause;
};

constexpr StatusRow kStatuses[] = {
    {400, ErrorCode::kInvalidArgument, RefusalCause::kOther},
    {401, ErrorCode::kUpstream, RefusalCause::kCredentials},
    {402, ErrorCode::kUpstream, RefusalCause::kQuota},
    {403, ErrorCode::kUpstream, RefusalCause::kCredentials},
    {404, ErrorCode::kNotFound, RefusalCause::kOther},
    {408, ErrorCode::kDeadlineExceeded, RefusalCause::kOther},
    {409, ErrorCode::kConflict, RefusalCause::kOther},
    {413, ErrorCode::kTooLarge, RefusalCause::kOther},
    {422, ErrorCode::kInvalidArgument, RefusalCause::kOther},
    {424, ErrorCode::kUpstream, RefusalCause::kOther},  // TGI: generation failed
    {429, ErrorCode::kRateLimited, RefusalCause::kRateLimit},
    {503, ErrorCode::kUnavailable, RefusalCause::kRateLimit},
    {504, ErrorCode::kDeadlineExceeded, RefusalCause::kOther},
    {529, ErrorCode::kUnavailable, RefusalCause::kRateLimit},  // Anthropic: overloaded
};

StatusRow status_row(int status) {
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return row;
  }
  return {status, status < 500 ? ErrorCode::kInvalidArgument : ErrorCode::kUpstream, RefusalCause::kOther};
}

// What the client may read of it: never that, or why, our own key was refused.
Error shown(int status, RefusalCause cause, const ErrorText& text) {
  Error error{.code = status_row(status).code};
  if (cause == RefusalCause::kCredentials || cause == RefusalCause::kQuota) {
    bool quota = cause == RefusalCause::kQuota;
    error.code = ErrorCode::kUpstream;
    error.reason = quota ? "upstream_quota_exhausted" : "upstream_credentials_refused";
    error.message = quota ? "the upstream says that the gateway's quota with it is used up (status "
                          : "the upstream refused the gateway's credentials (status ";
    error.message.append(std::to_string(status)).append(")");
    return error;
  }
  error.message = text.message.empty() ? "the upstream answered with status " + std::to_string(status) +
                                             " and no readable error"
                                       : text.message;
  error.field = text.param;
  if (cause == RefusalCause::kContextWindow) {
    error.code = ErrorCode::kInvalidArgument;  // not 413: clients must not send it again
    error.reason = "context_length_exceeded";
  } else if (cause == RefusalCause::kContentPolicy) {
    error.code = ErrorCode::kInvalidArgument;
    error.reason = text.code.empty() ? "content_policy_violation" : text.code;
  } else if (cause == RefusalCause::kRateLimit && status < 500) {
    error.code = ErrorCode::kRateLimited;
    error.reason = text.code.empty() ? "rate_limit_exceeded" : text.code;
  } else {
    error.reason = text.message.empty() ? "upstream_status" : text.code;
  }
  return error;
}

}  // namespace

std::string_view refusal_cause_name(RefusalCause cause) {
  constexpr std::array<std::string_view, 6> kNames = {"other",      "context_window", "content_policy",
                                                      "rate_limit", "quota",          "credentials"};
  return kNames[static_cast<size_t>(cause)];
}

RefusalCause cause_of(const ErrorText& text) {
  std::string message = to_lower(text.message);
  auto fits = [&](const Sign& sign) {
    bool named =
        sign.name.empty() || sign.name == text.code || sign.name == text.type || sign.name == text.inner_code;
    return named && (sign.words.empty() || message.contains(sign.words));
  };
  const auto* found = std::ranges::find_if(kSigns, fits);
  return found == std::end(kSigns) ? RefusalCause::kOther : found->cause;
}

Refusal read_refusal(Protocol /*protocol*/, int status, std::string_view body) {
  ErrorText text = read_error_text(body);
  RefusalCause cause = cause_of(text);
  if (cause == RefusalCause::kOther) cause = status_row(status).cause;
  return {cause, shown(status, cause, text)};
}

}  // namespace penstock::providers
