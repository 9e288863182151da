#include "bench/mock_upstream/answer.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "bench/mock_upstream/chunks.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::bench {
namespace {

constexpr int64_t kRetryAfterS = 1;
constexpr int64_t kDimensions = 8;
constexpr int64_t kDripBytes = 7;
constexpr int64_t kDripWaitUs = 500;
constexpr std::string_view kJsonType = "application/json";

std::string chat_choice(const Call& call, int64_t index) {
  if (call.tools) {
    return fmt::format(
        R"({{"index":{},"message":{{"role":"assistant","content":null,"refusal":null,"tool_calls":[)"
        R"({{"id":"call_1","type":"function","function":{{"name":"get_weather","arguments":{}}}}}]}},)"
        R"("logprobs":null,"finish_reason":"tool_calls"}})",
        index, quoted(kToolArguments));
  }
  return fmt::format(
      R"({{"index":{},"message":{{"role":"assistant","content":{},"refusal":null}},"logprobs":null,)"
      R"("finish_reason":"stop"}})",
      index, quoted(words(call.output_tokens)));
}

std::string text_choice(const Call& call, int64_t index) {
  return fmt::format(R"({{"index":{},"text":{},"logprobs":null,"finish_reason":"stop"}})", index,
                     quoted(words(call.output_tokens)));
}

std::string completion(const Call& call, const std::string& id) {
  const bool chat = call.endpoint == Endpoint::kChat;
  JsonWriter json;
  json.begin_object().field("id", id).field("object", chat ? "chat.completion" : "text_completion");
  json.field("created", kCreated).field("model", call.model).field("system_fingerprint", "fp_mock");
  json.key("choices").begin_array();
  for (int64_t i = 0; i < call.choices; ++i) json.raw(chat ? chat_choice(call, i) : text_choice(call, i));
  json.end_array();
  if (call.fault.kind != FaultKind::kNoUsage) json.raw_field("usage", usage(call));
  return json.end_object().take();
}

// Deterministic, of length one, and different for each input.
std::array<float, kDimensions> embedding(int64_t input) {
  std::array<float, kDimensions> vector{};
  vector[static_cast<size_t>(input % kDimensions)] = 0.6F;
  vector[static_cast<size_t>((input + 1) % kDimensions)] = 0.8F;
  return vector;
}

std::string embeddings(const Call& call) {
  static_assert(std::endian::native == std::endian::little);
  JsonWriter json;
  json.begin_object().field("object", "list").field("model", call.model).key("data").begin_array();
  for (int64_t i = 0; i < call.inputs; ++i) {
    const auto vector = embedding(i);
    json.begin_object().field("object", "embedding").field("index", i).key("embedding");
    if (call.base64) {
      json.value(base64(std::as_bytes(std::span(vector))));
    } else {
      json.begin_array();
      for (float value : vector) json.value(static_cast<double>(value));
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().key("usage").begin_object();
  json.field("prompt_tokens", call.input_tokens).field("total_tokens", call.input_tokens).end_object();
  return json.end_object().take();
}

std::string models() {
  JsonWriter json;
  json.begin_object().field("object", "list").key("data").begin_array();
  for (std::string_view name : {"gpt-x-mini", "gpt-x", "tools"}) {
    json.begin_object().field("id", name).field("object", "model").field("created", kCreated);
    json.field("owned_by", "mock").end_object();
  }
  return json.end_array().end_object().take();
}

std::string id_field(const std::string& id) { return "x-request-id: " + id + "\r\n"; }

Script whole(const Call& call, const std::string& id, std::string body) {
  const bool spends = call.endpoint == Endpoint::kChat || call.endpoint == Endpoint::kCompletions;
  const int64_t tokens = spends ? call.output_tokens * call.choices : 0;
  return {
      {.bytes = http_answer(200, kJsonType, body, id_field(id)), .tokens = tokens, .then = Then::kKeepAlive}};
}

Script right_answer(const Call& call, const std::string& id, const AnswerOptions& options) {
  switch (call.endpoint) {
    case Endpoint::kChat:
    case Endpoint::kCompletions:
      return call.stream ? stream_of(call, id, options.pace_us) : whole(call, id, completion(call, id));
    case Endpoint::kEmbeddings:
      return whole(call, id, embeddings(call));
    case Endpoint::kModels:
      return whole(call, id, models());
    default:
      return error_answer(404, "the mock upstream has no such path");
  }
}

// Keeps `events` whole events of a stream (behind the head), or half of the one step of another answer, and
// ends so.
Script shortened(Script script, const Call& call, int64_t events, Then then) {
  if (call.stream) {
    script.resize(std::min(script.size(), static_cast<size_t>(events) + 1));
  } else {
    script.front().bytes.resize(script.front().bytes.size() / 2);
    script.front().tokens = 0;
  }
  script.back().then = then;
  return script;
}

Script dripped(const Script& script) {
  Script drops;
  for (const Step& step : script) {
    for (size_t at = 0; at < step.bytes.size(); at += kDripBytes) {
      drops.push_back({.wait_us = kDripWaitUs, .bytes = step.bytes.substr(at, kDripBytes)});
    }
    drops.back().tokens = step.tokens;
    drops.back().then = step.then;
  }
  return drops;
}

Script with_malformed(Script script, const Call& call) {
  if (!call.stream)
    return {{.bytes = http_answer(200, kJsonType, R"({"id": "broken)"), .then = Then::kKeepAlive}};
  const auto at = std::min(static_cast<std::ptrdiff_t>(call.fault.number) + 1, std::ssize(script) - 1);
  script.insert(script.begin() + at, Step{.bytes = chunk("data: {\"id\": \"broken\n\n")});
  return script;
}

Script error_in_200(const Call& call) {
  const std::string error = error_body("The mock upstream is overloaded.", "server_error", "overloaded");
  if (!call.stream) return {{.bytes = http_answer(200, kJsonType, error), .then = Then::kKeepAlive}};
  return {{.bytes = std::string(kStreamHead)},
          {.bytes = chunk("data: " + error + "\n\n") + std::string(kLastChunk), .then = Then::kKeepAlive}};
}

}  // namespace

std::string http_answer(int status, std::string_view type, std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 {} Mock\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}", status, type,
                     fields, body.size(), body);
}

std::string error_body(std::string_view message, std::string_view type, std::string_view code) {
  JsonWriter json;
  json.begin_object().key("error").begin_object().field("message", message).field("type", type);
  return json.null_field("param").field("code", code).end_object().end_object().take();
}

Script error_answer(int status, std::string_view message) {
  const bool comes_back = status == 429 || status == 503;
  const std::string fields = comes_back ? fmt::format("retry-after: {}\r\n", kRetryAfterS) : "";
  const std::string body = error_body(message, status >= 500 ? "server_error" : "invalid_request_error",
                                      fmt::format("mock_{}", status));
  return {{.bytes = http_answer(status, kJsonType, body, fields), .then = Then::kKeepAlive}};
}

Script plan(const Call& call, const std::string& id, const AnswerOptions& options) {
  Script script = right_answer(call, id, options);
  switch (call.fault.kind) {
    case FaultKind::kNone:
    case FaultKind::kNoUsage:
      return script;
    case FaultKind::kSilent:
      return {{.then = Then::kHang}};
    case FaultKind::kSlowHeaders:
      script.front().wait_us = call.fault.number * 1000;
      return script;
    case FaultKind::kCut:
      return shortened(std::move(script), call, call.fault.number, Then::kClose);
    case FaultKind::kReset:
      if (call.fault.number == 0) return {{.then = Then::kReset}};
      return shortened(std::move(script), call, call.fault.number, Then::kReset);
    case FaultKind::kStall:
      return shortened(std::move(script), call, call.fault.number, Then::kHang);
    case FaultKind::kDrip:
      return dripped(script);
    case FaultKind::kMalformed:
      return with_malformed(std::move(script), call);
    case FaultKind::kErrorIn200:
      return error_in_200(call);
    case FaultKind::kStatus:
      return error_answer(call.fault.status, fmt::format("The mock upstream answers {}.", call.fault.status));
    case FaultKind::kHtml:
      return {{.bytes = http_answer(200, "text/html", "<html><body>It works!</body></html>"),
               .then = Then::kKeepAlive}};
    case FaultKind::kEmpty:
      if (!call.stream) return {{.bytes = http_answer(200, kJsonType, ""), .then = Then::kKeepAlive}};
      return {{.bytes = std::string(kStreamHead) + std::string(kLastChunk), .then = Then::kKeepAlive}};
    case FaultKind::kNoDone:
      script = shortened(std::move(script), call, call.fault.number, Then::kKeepAlive);
      script.back().bytes += kLastChunk;
      return script;
  }
  return script;
}

}  // namespace penstock::bench
