#include "api/openai/predict.h"

#include "api/openai/parse.h"
#include "core/json_writer.h"
#include "gateway/captured_answer.h"
#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

constexpr CallPath kPredict = {"/predict", "predict", providers::Operation::kChat, "messages"};

// The chat request that a prompt stands for; the caller's other fields are kept.
Result<std::string> chat_body(const gateway::Gateway& gateway, std::string_view body) {
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::parse(body, "the request body"));
  ASSIGN_OR_RETURN(auto prompt, fields.string("prompt"));
  if (!prompt || prompt->empty()) {
    return Failure(
        Error::invalid("prompt", "missing required parameter: 'prompt'; send {\"prompt\": \"...\"}"));
  }
  if (fields.has("stream") || fields.has("messages") || fields.has("n")) {
    return Failure(
        Error::invalid("stream", "/predict answers one prompt at once; use /v1/chat/completions for more"));
  }
  JsonWriter json;
  json.begin_object();
  if (!fields.has("model")) {
    std::string_view model = gateway.default_chat_model();
    if (model.empty())
      return Failure(Error::invalid("model", "there is no embedded chat model; name one in 'model'"));
    json.field("model", model);
  }
  for (const JsonFields::Member& member : fields.members()) {
    if (member.name != "prompt") json.raw_field(member.name, member.raw);
  }
  json.key("messages").begin_array().begin_object().field("role", "user").field("content", *prompt);
  json.end_object().end_array().end_object();
  return json.take();
}

// {"response": text, ...} from a chat completion. Errors pass as they are.
void say_as_prediction(Response& response) {
  if (response.head.status != 200) return;
  auto answer = JsonFields::parse(response.body, "the answer");
  auto choices = answer ? json_elements(answer->raw("choices")) : Result<std::vector<std::string_view>>{};
  auto choice = choices && !choices->empty() ? JsonFields::of_valid(choices->front()) : Result<JsonFields>{};
  auto message = choice ? choice->object("message") : Result<std::optional<JsonFields>>{};
  if (!message || !*message) {
    Error error{.code = ErrorCode::kUpstream, .message = "the upstream's answer has no message"};
    response = http::openai_error(error);
    return;
  }
  std::string_view content = (*message)->raw("content");
  JsonWriter json;
  json.begin_object().raw_field("response", content.empty() ? "null" : content);
  json.raw_field("model", answer->has("model") ? answer->raw("model") : "null");
  json.raw_field("finish_reason", choice->has("finish_reason") ? choice->raw("finish_reason") : "null");
  json.raw_field("usage", answer->has("usage") ? answer->raw("usage") : "null");
  json.field("id", response.head.headers.get("x-request-id")).end_object();
  response.body = json.take();
}

}  // namespace

Task<> predict(const gateway::Gateway& gateway, Request& request, ResponseStream& out) {
  Result<std::string> body = chat_body(gateway, request.body);
  if (body) request.body = std::move(*body);
  gateway::Call call = begin_call(kPredict, request);
  Result<void> parsed = body ? parse_call(kPredict, call) : Result<void>(Failure(body.error()));
  gateway::CapturedAnswer answer(out.disconnected());
  if (parsed) {
    co_await gateway.relay(call, answer);
  } else {
    co_await gateway.refuse(call, parsed.error(), answer);
  }
  say_as_prediction(answer.response);
  co_await out.send(std::move(answer.response));
}

}  // namespace penstock::api::openai
