#include "api/openai/parse.h"

#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

constexpr size_t kModelBytesMax = 256;
constexpr size_t kTagsMax = 16;  // OpenAI's own limits for `metadata`
constexpr size_t kTagKeyBytesMax = 64;
constexpr size_t kTagValueBytesMax = 512;

std::string event_of(const Error& error) { return "data: " + http::openai_error_json(error) + "\n\n"; }

Result<void> read_metadata(const JsonFields& fields, gateway::Call& call) {
  ASSIGN_OR_RETURN(auto metadata, fields.object("metadata"));
  if (!metadata) return {};
  if (metadata->members().size() > kTagsMax) {
    return Failure(Error::invalid("metadata", "'metadata' has more than 16 members"));
  }
  for (const JsonFields::Member& member : metadata->members()) {
    ASSIGN_OR_RETURN(auto value, metadata->string(member.name));
    if (member.name.size() > kTagKeyBytesMax || (value && value->size() > kTagValueBytesMax)) {
      return Failure(
          Error::invalid("metadata", "'metadata' has a name over 64 or a value over 512 characters"));
    }
    call.metadata.emplace_back(member.name, value.value_or(""));
    if (member.name == "feature" && call.feature.empty()) call.feature = value.value_or("");
  }
  return {};
}

}  // namespace

gateway::Call begin_call(const CallPath& path, const Request& request) {
  gateway::Call call;
  call.endpoint = path.endpoint;
  call.operation = path.operation;
  call.headers = &request.headers;
  call.body = request.body;
  call.feature = request.headers.get("x-penstock-feature");
  call.principal = request.principal;
  call.arrived_us = request.arrived_us;
  call.errors = {.answer = http::openai_error, .event = event_of};
  return call;
}

Result<void> refuse_repeated(const JsonFields& fields, std::string_view key) {
  if (fields.count(key) <= 1) return {};
  return Failure(Error::invalid(std::string(key), "'" + std::string(key) + "' stands in the request twice"));
}

Result<void> read_model(const JsonFields& fields, gateway::Call& call, std::string_view default_model) {
  RETURN_IF_ERROR(refuse_repeated(fields, "model"));
  ASSIGN_OR_RETURN(auto model, fields.string("model"));
  if (!model && !default_model.empty()) model = std::string(default_model);
  if (!model || model->empty()) return Failure(Error::invalid("model", "you must provide a model parameter"));
  if (model->size() > kModelBytesMax) {
    return Failure(
        Error::invalid("model", "'model' is longer than " + std::to_string(kModelBytesMax) + " bytes"));
  }
  call.model = std::move(*model);
  return {};
}

Result<void> parse_call(const CallPath& path, gateway::Call& call) {
  ASSIGN_OR_RETURN(call.fields, JsonFields::parse(call.body, "the request body"));
  for (std::string_view key : {"stream", "stream_options"})
    RETURN_IF_ERROR(refuse_repeated(call.fields, key));
  RETURN_IF_ERROR(read_model(call.fields, call, path.default_model));
  ASSIGN_OR_RETURN(auto stream, call.fields.boolean("stream"));
  call.stream = stream.value_or(false);
  ASSIGN_OR_RETURN(auto options, call.fields.object("stream_options"));
  if (options && !call.stream) {
    return Failure(
        Error::invalid("stream_options", "'stream_options' is only allowed when 'stream' is true"));
  }
  if (options) {
    ASSIGN_OR_RETURN(auto usage, options->boolean("include_usage"));
    call.usage_asked = usage.value_or(false);
  }
  ASSIGN_OR_RETURN(auto user, call.fields.string("user"));
  call.user = user.value_or("");
  RETURN_IF_ERROR(read_metadata(call.fields, call));
  if (!call.fields.has(path.input_field)) {
    std::string field(path.input_field);
    return Failure(Error::invalid(field, "missing required parameter: '" + field + "'"));
  }
  return {};
}

}  // namespace penstock::api::openai
