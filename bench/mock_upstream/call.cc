#include "bench/mock_upstream/call.h"

#include <algorithm>
#include <array>

#include "core/json_fields.h"

namespace penstock::bench {
namespace {

constexpr int64_t kBytesPerToken = 4;

struct Route {
  std::string_view start;
  Endpoint endpoint;
};

constexpr std::array kRoutes = {
    Route{"POST /v1/chat/completions ", Endpoint::kChat},
    Route{"POST /v1/completions ", Endpoint::kCompletions},
    Route{"POST /v1/embeddings ", Endpoint::kEmbeddings},
    Route{"GET /v1/models ", Endpoint::kModels},
    Route{"GET /ledger ", Endpoint::kLedger},
    Route{"DELETE /ledger ", Endpoint::kLedgerClear},
};

Endpoint endpoint_of(std::string_view start_line) {
  for (const Route& route : kRoutes) {
    if (start_line.starts_with(route.start)) return route.endpoint;
  }
  return Endpoint::kUnknown;
}

Result<int64_t> output_tokens_of(const JsonFields& fields, int64_t otherwise) {
  ASSIGN_OR_RETURN(const auto completion_max, fields.integer("max_completion_tokens"));
  ASSIGN_OR_RETURN(const auto max, fields.integer("max_tokens"));
  return completion_max.value_or(max.value_or(otherwise));
}

Result<int64_t> count_inputs(const JsonFields& fields) {
  const std::string_view input = fields.raw("input");
  if (!input.starts_with('[')) return 1;
  ASSIGN_OR_RETURN(const auto elements, json_elements(input));
  const bool one_of_tokens = !elements.empty() && elements[0][0] != '"' && elements[0][0] != '[';
  return one_of_tokens ? 1 : static_cast<int64_t>(elements.size());
}

}  // namespace

Result<Call> Call::read(const HttpMessage& message, int64_t tokens) {
  Call call;
  call.endpoint = endpoint_of(message.start_line);
  if (message.body.empty()) return call;
  ASSIGN_OR_RETURN(const JsonFields fields, JsonFields::parse(message.body, "request body"));
  ASSIGN_OR_RETURN(const auto model, fields.string("model"));
  call.model = model.value_or("");
  call.fault = Fault::of(call.model);
  ASSIGN_OR_RETURN(const auto stream, fields.boolean("stream"));
  call.stream = stream.value_or(false);
  ASSIGN_OR_RETURN(const auto options, fields.object("stream_options"));
  call.include_usage = options && options->raw("include_usage") == "true";
  call.tools = call.model == "tools" && fields.has("tools");
  call.base64 = fields.raw("encoding_format") == "\"base64\"";
  ASSIGN_OR_RETURN(const auto choices, fields.integer("n"));
  call.choices = std::max<int64_t>(1, choices.value_or(1));
  ASSIGN_OR_RETURN(call.inputs, count_inputs(fields));
  ASSIGN_OR_RETURN(call.output_tokens, output_tokens_of(fields, tokens));
  call.input_tokens = static_cast<int64_t>(message.body.size()) / kBytesPerToken;
  return call;
}

}  // namespace penstock::bench
