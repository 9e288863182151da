#include "engine/openai_parse.h"

#include <fmt/format.h>

#include <limits>

#include "core/text.h"
#include "engine/json_reader.h"
#include "engine/openai_parse_parts.h"

namespace penstock::engine {
namespace {

constexpr int32_t kTokensMax = std::numeric_limits<int32_t>::max();

Result<Json> parse_body(std::string_view body) {
  auto document = parse_json(body);
  if (!document) {
    Error error = std::move(document).error();
    error.message = fmt::format("We could not parse the JSON body of your request: {}", error.message);
    return Failure(std::move(error));
  }
  if (!document->is_object()) {
    return Failure(Error::invalid("", "The body of the request must be a JSON object."));
  }
  return document;
}

Result<std::vector<std::string>> parse_stops(const JsonReader& reader) {
  const Json* value = reader.member("stop");
  std::vector<std::string> stops;
  if (value == nullptr) return stops;
  if (value->is_string()) {
    stops.emplace_back(value->get_string());
  } else {
    ASSIGN_OR_RETURN(const JsonArray* values, reader.array("stop", kStopsMax));
    for (const Json& stop : *values) {
      if (!stop.is_string()) return Failure(wrong_type("stop", "a string or an array of strings", stop));
      stops.emplace_back(stop.get_string());
    }
  }
  for (const std::string& stop : stops) {
    if (stop.empty() || stop.size() > kStopBytesMax) {
      return Failure(
          Error::invalid("stop", fmt::format("A stop string has from 1 to {} bytes.", kStopBytesMax)));
    }
  }
  return stops;
}

Result<std::vector<LogitBias>> parse_logit_bias(const JsonReader& reader) {
  std::vector<LogitBias> biases;
  ASSIGN_OR_RETURN(const JsonObject* object, reader.object("logit_bias"));
  if (object == nullptr) return biases;
  if (object->size() > kLogitBiasMax) {
    return Failure(
        Error::invalid("logit_bias", fmt::format("At most {} tokens can be biased.", kLogitBiasMax)));
  }
  for (const auto& [key, value] : *object) {
    std::optional<int64_t> token = parse_int(key);
    if (!token || *token < 0 || *token > kTokensMax) {
      return Failure(Error::invalid(
          "logit_bias", fmt::format("'{}' is not the number of a token.", std::string_view(key))));
    }
    JsonReader member(*object, "logit_bias.");
    ASSIGN_OR_RETURN(auto bias, member.number(key, -100, 100));
    biases.push_back({static_cast<Token>(*token), static_cast<float>(bias.value_or(0))});
  }
  return biases;
}

Result<SamplingOptions> parse_sampling(const JsonReader& reader) {
  SamplingOptions sampling;
  auto read = [&](std::string_view key, double min, double max, float& into) -> Result<void> {
    ASSIGN_OR_RETURN(auto number, reader.number(key, min, max));
    if (number) into = static_cast<float>(*number);
    return {};
  };
  RETURN_IF_ERROR(read("temperature", 0, 2, sampling.temperature));
  RETURN_IF_ERROR(read("top_p", 0, 1, sampling.top_p));
  RETURN_IF_ERROR(read("min_p", 0, 1, sampling.min_p));
  RETURN_IF_ERROR(read("presence_penalty", -2, 2, sampling.presence_penalty));
  RETURN_IF_ERROR(read("frequency_penalty", -2, 2, sampling.frequency_penalty));
  RETURN_IF_ERROR(read("repetition_penalty", 0.01, 100, sampling.repetition_penalty));
  ASSIGN_OR_RETURN(auto top_k, reader.integer("top_k", -1, kTokensMax));  // -1 and 0: all
  sampling.top_k = static_cast<int32_t>(top_k.value_or(0));
  ASSIGN_OR_RETURN(auto seed, reader.integer("seed", std::numeric_limits<int64_t>::min(),
                                             std::numeric_limits<int64_t>::max()));
  if (seed) sampling.seed = static_cast<uint64_t>(*seed);
  ASSIGN_OR_RETURN(sampling.logit_bias, parse_logit_bias(reader));
  return sampling;
}

Result<CompletionOptions> parse_options(const JsonReader& reader) {
  CompletionOptions options;
  ASSIGN_OR_RETURN(std::string_view model, reader.required_string("model"));
  options.model = model;
  ASSIGN_OR_RETURN(options.sampling, parse_sampling(reader));
  ASSIGN_OR_RETURN(options.stops, parse_stops(reader));
  ASSIGN_OR_RETURN(auto choices, reader.integer("n", 1, kChoicesMax));
  options.choices = static_cast<int32_t>(choices.value_or(1));
  ASSIGN_OR_RETURN(auto ignore_end, reader.boolean("ignore_eos"));
  options.ignore_end = ignore_end.value_or(false);
  ASSIGN_OR_RETURN(auto stream, reader.boolean("stream"));
  options.stream = stream.value_or(false);
  ASSIGN_OR_RETURN(const JsonObject* stream_options, reader.object("stream_options"));
  if (stream_options != nullptr) {
    if (!options.stream) {
      return Failure(Error::invalid(
          "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled."));
    }
    ASSIGN_OR_RETURN(auto usage, JsonReader(*stream_options, "stream_options.").boolean("include_usage"));
    options.stream_usage = usage.value_or(false);
  }
  return options;
}

Result<std::optional<int32_t>> parse_tokens_max(const JsonReader& reader, std::string_view key, int32_t min) {
  ASSIGN_OR_RETURN(auto tokens, reader.integer(key, min, kTokensMax));
  if (!tokens) return std::nullopt;
  return static_cast<int32_t>(*tokens);
}

Result<std::vector<Token>> parse_tokens(const JsonArray& values, const std::string& field) {
  std::vector<Token> tokens;
  tokens.reserve(values.size());
  for (const Json& value : values) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > kTokensMax) {
      return Failure(wrong_type(field, "an array of tokens", value));
    }
    tokens.push_back(static_cast<Token>(value.get_int64()));
  }
  return tokens;
}

// string, string[], int[] or int[][]
Result<std::vector<Prompt>> parse_prompts(const JsonReader& reader, std::string_view key) {
  const Json* value = reader.member(key);
  if (value == nullptr) return Failure(reader.missing(key));
  std::vector<Prompt> prompts;
  if (value->is_string()) {
    prompts.emplace_back(std::string(value->get_string()));
    return prompts;
  }
  if (!value->is_array()) return Failure(wrong_type(key, "a string or an array", *value));
  const JsonArray& values = value->get_array();
  if (!values.empty() && values[0].is_number()) {
    ASSIGN_OR_RETURN(auto tokens, parse_tokens(values, std::string(key)));
    prompts.emplace_back(std::move(tokens));
    return prompts;
  }
  if (values.empty() || values.size() > kPromptsMax) {
    return Failure(Error::invalid(std::string(key),
                                  fmt::format("'{}' must have from 1 to {} elements.", key, kPromptsMax)));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string field = fmt::format("{}[{}]", key, i);
    if (values[i].is_string()) {
      prompts.emplace_back(std::string(values[i].get_string()));
    } else if (values[i].is_array()) {
      ASSIGN_OR_RETURN(auto tokens, parse_tokens(values[i].get_array(), field));
      prompts.emplace_back(std::move(tokens));
    } else {
      return Failure(wrong_type(field, "a string or an array of tokens", values[i]));
    }
  }
  return prompts;
}

Result<void> parse_chat_logprobs(const JsonReader& reader, CompletionOptions& options) {
  ASSIGN_OR_RETURN(auto logprobs, reader.boolean("logprobs"));
  ASSIGN_OR_RETURN(auto top, reader.integer("top_logprobs", 0, kTopLogprobsMax));
  if (top && !logprobs.value_or(false)) {
    return Failure(Error::invalid(
        "top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."));
  }
  if (logprobs.value_or(false)) options.top_logprobs = static_cast<int32_t>(top.value_or(0));
  return {};
}

}  // namespace

Result<ChatRequest> parse_chat_request(std::string_view body) {
  ASSIGN_OR_RETURN(const Json document, parse_body(body));
  const JsonReader reader(document.get_object());
  ChatRequest request;
  ASSIGN_OR_RETURN(request.options, parse_options(reader));
  RETURN_IF_ERROR(parse_chat_logprobs(reader, request.options));
  ASSIGN_OR_RETURN(request.options.tokens_max, parse_tokens_max(reader, "max_completion_tokens", 1));
  ASSIGN_OR_RETURN(auto older_name, parse_tokens_max(reader, "max_tokens", 1));
  if (!request.options.tokens_max) request.options.tokens_max = older_name;
  ASSIGN_OR_RETURN(request.messages, parse_messages(reader));
  RETURN_IF_ERROR(parse_tools(reader, request));
  RETURN_IF_ERROR(parse_response_format(reader, request));
  RETURN_IF_ERROR(parse_template_arguments(reader, request));
  return request;
}

Result<TextRequest> parse_text_request(std::string_view body) {
  ASSIGN_OR_RETURN(const Json document, parse_body(body));
  const JsonReader reader(document.get_object());
  TextRequest request;
  ASSIGN_OR_RETURN(request.options, parse_options(reader));
  constexpr int32_t kTokensDefault = 16;  // OpenAI's for this endpoint
  ASSIGN_OR_RETURN(request.options.tokens_max, parse_tokens_max(reader, "max_tokens", 0));
  if (!request.options.tokens_max) request.options.tokens_max = kTokensDefault;
  ASSIGN_OR_RETURN(auto logprobs, reader.integer("logprobs", 0, kTopLogprobsMax));
  if (logprobs) request.options.top_logprobs = static_cast<int32_t>(*logprobs);
  ASSIGN_OR_RETURN(request.prompts, parse_prompts(reader, "prompt"));
  ASSIGN_OR_RETURN(auto echo, reader.boolean("echo"));
  request.echo = echo.value_or(false);
  if (*request.options.tokens_max == 0 && !request.echo) {
    return Failure(Error::invalid("max_tokens", "'max_tokens' can be 0 only with 'echo'."));
  }
  ASSIGN_OR_RETURN(auto best_of, reader.integer("best_of", request.options.choices, kChoicesMax));
  request.best_of = static_cast<int32_t>(best_of.value_or(request.options.choices));
  if (request.best_of > request.options.choices && request.options.stream) {
    return Failure(
        Error::invalid("best_of", "Results cannot be streamed when 'best_of' is greater than 'n'."));
  }
  ASSIGN_OR_RETURN(auto suffix, reader.string("suffix"));
  if (suffix && !suffix->empty()) {
    return Failure(Error::invalid("suffix", "This model cannot insert text: 'suffix' is not supported."));
  }
  return request;
}

Result<EmbeddingRequest> parse_embedding_request(std::string_view body) {
  ASSIGN_OR_RETURN(const Json document, parse_body(body));
  const JsonReader reader(document.get_object());
  EmbeddingRequest request;
  ASSIGN_OR_RETURN(std::string_view model, reader.required_string("model"));
  request.model = model;
  ASSIGN_OR_RETURN(request.inputs, parse_prompts(reader, "input"));
  ASSIGN_OR_RETURN(auto format, reader.string("encoding_format"));
  if (format && *format != "float" && *format != "base64") {
    return Failure(Error::invalid("encoding_format", "'encoding_format' must be 'float' or 'base64'."));
  }
  if (format == "base64") request.format = EmbeddingFormat::kBase64;
  ASSIGN_OR_RETURN(auto dimensions, reader.integer("dimensions", 1, kTokensMax));
  if (dimensions) request.dimensions = static_cast<int32_t>(*dimensions);
  return request;
}

}  // namespace penstock::engine
