#include "bench/mock_upstream/call.h"

#include <cstring>

#include <algorithm>

#include "bench/mock_upstream/content.h"
#include "bench/mock_upstream/schema.h"

namespace penstock::bench {
namespace {

constexpr int64_t kChoicesMax = 128;  // OpenAI's own
constexpr int64_t kBytesPerToken = 4;
constexpr int64_t kReasoningTokens = 4;

bool contains(std::string_view text, std::string_view what) {
  return ::memmem(text.data(), text.size(), what.data(), what.size()) != nullptr;
}

int64_t count_of(std::string_view text, std::string_view what) {
  int64_t count = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

Result<int64_t> count_inputs(std::string_view input) {
  if (!input.starts_with('[')) return 1;
  ASSIGN_OR_RETURN(const auto elements, json_elements(input));
  const bool one_of_tokens =
      !elements.empty() && elements[0][0] != '"' && elements[0][0] != '[' && elements[0][0] != '{';
  return one_of_tokens ? 1 : static_cast<int64_t>(elements.size());
}

// The name of the tool that the caller demands, or of the first one.
Result<std::string> tool_name_of(const JsonFields& fields) {
  std::string_view described = fields.raw("tool_choice");
  if (!contains(described, "\"name\"")) {
    ASSIGN_OR_RETURN(const auto tools, json_elements(fields.raw("tools")));
    if (tools.empty()) return std::string();
    described = tools[0];
  }
  ASSIGN_OR_RETURN(const JsonFields tool, JsonFields::of_valid(described));
  ASSIGN_OR_RETURN(const auto function, tool.object("function"));
  ASSIGN_OR_RETURN(const auto name, (function ? *function : tool).string("name"));
  return name.value_or("");
}

Result<void> read_tools(Call& call, const JsonFields& fields) {
  const std::string_view messages = fields.raw("messages");
  const bool answered = contains(messages, "\"tool_call_id\"") || contains(messages, "\"tool_use_id\"");
  if (!fields.has("tools") || answered) return {};
  ASSIGN_OR_RETURN(call.tool_name, tool_name_of(fields));
  call.tools = !call.tool_name.empty();
  return {};
}

Result<int64_t> words_of(Call& call, const JsonFields& fields, int64_t otherwise) {
  ASSIGN_OR_RETURN(const auto completion_max, fields.integer("max_completion_tokens"));
  ASSIGN_OR_RETURN(const auto max, fields.integer("max_tokens"));
  if (call.behaviour.json) return kJsonWords;
  const int64_t words = call.behaviour.events > 0 ? call.behaviour.events : otherwise;
  const int64_t words_max = completion_max.value_or(max.value_or(words));
  call.length = words_max < words;
  return std::min(words, words_max);
}

Tokens tokens_of(const Call& call, size_t body_bytes, int64_t words) {
  Tokens tokens;
  if (call.endpoint == Endpoint::kModerations) return tokens;  // free of charge
  const int64_t prompt = static_cast<int64_t>(body_bytes) / kBytesPerToken;
  if (call.behaviour.cached) tokens.cached_input = prompt / 2;
  if (call.behaviour.cache_write) {
    tokens.cache_write = prompt / 8;
    tokens.cache_write_1h = call.protocol == Protocol::kAnthropic ? prompt / 16 : 0;
  }
  tokens.input = prompt - tokens.prompt();
  const bool writes = call.endpoint == Endpoint::kChat || call.endpoint == Endpoint::kCompletions ||
                      call.endpoint == Endpoint::kMessages;
  if (!writes) return tokens;
  tokens.output = words * call.choices;
  if (call.behaviour.reasoning) tokens.reasoning = kReasoningTokens * call.choices;
  return tokens;
}

int64_t count_images(const Call& call, std::string_view body) {
  if (call.protocol == Protocol::kAnthropic) return count_of(body, R"("source")");
  return count_of(body, R"("image_url":)") + count_of(body, R"("image_url" :)");
}

}  // namespace

Result<Call> Call::read(const HttpMessage& message, int64_t tokens) {
  const Place place = Place::of(message.start_line);
  Call call;
  call.endpoint = place.endpoint;
  call.protocol = place.protocol;
  if (message.body.empty()) return call;
  ASSIGN_OR_RETURN(const JsonFields fields, JsonFields::parse(message.body, "request body"));
  ASSIGN_OR_RETURN(const auto model, fields.string("model"));
  call.model = place.deployment.empty() ? model.value_or("") : std::string(place.deployment);
  call.behaviour = Behaviour::of(call.model);
  if (call.protocol == Protocol::kAnthropic) {
    RETURN_IF_ERROR(check_anthropic(call.endpoint, message, fields));
    call.behaviour.words = Words::kAnthropic;
  } else if (!place.deployment.empty()) {
    RETURN_IF_ERROR(check_azure(place, message));
    call.behaviour.words = Words::kAzure;
  }
  if (call.behaviour.strict) RETURN_IF_ERROR(check_openai(fields));
  ASSIGN_OR_RETURN(const auto stream, fields.boolean("stream"));
  call.stream = stream.value_or(false);
  ASSIGN_OR_RETURN(const auto options, fields.object("stream_options"));
  call.include_usage = options && options->raw("include_usage") == "true";
  if (call.behaviour.tools) RETURN_IF_ERROR(read_tools(call, fields));
  if (call.behaviour.images) call.images = count_images(call, message.body);
  call.base64 = fields.raw("encoding_format") == "\"base64\"";
  call.flagged = call.endpoint == Endpoint::kModerations && contains(fields.raw("input"), "violence");
  ASSIGN_OR_RETURN(const auto choices, fields.integer("n"));
  call.choices = std::max<int64_t>(1, choices.value_or(1));
  if (call.choices > kChoicesMax) return Failure(Error::invalid("n", "'n' must be at most 128"));
  const bool ranks = call.endpoint == Endpoint::kRerank;
  ASSIGN_OR_RETURN(call.inputs, count_inputs(fields.raw(ranks ? "documents" : "input")));
  ASSIGN_OR_RETURN(const int64_t words, words_of(call, fields, tokens));
  call.tokens = tokens_of(call, message.body.size(), words);
  return call;
}

}  // namespace penstock::bench
