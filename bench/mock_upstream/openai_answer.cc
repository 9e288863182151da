#include <fmt/format.h>

#include <array>
#include <bit>

#include "bench/mock_upstream/answer.h"
#include "bench/mock_upstream/content.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::bench {
namespace {

constexpr int64_t kDimensions = 8;

constexpr std::array<std::string_view, 13> kCategories = {"harassment",
                                                          "harassment/threatening",
                                                          "hate",
                                                          "hate/threatening",
                                                          "illicit",
                                                          "illicit/violent",
                                                          "self-harm",
                                                          "self-harm/instructions",
                                                          "self-harm/intent",
                                                          "sexual",
                                                          "sexual/minors",
                                                          "violence",
                                                          "violence/graphic"};

std::string tool_calls(const Call& call) {
  JsonWriter json;
  json.begin_array();
  for (int64_t tool = 0; tool < tool_calls_of(call); ++tool) {
    json.begin_object().field("id", fmt::format("call_{}", tool + 1)).field("type", "function");
    json.key("function").begin_object().field("name", call.tool_name).field("arguments", kToolArguments);
    json.end_object().end_object();
  }
  return json.end_array().take();
}

std::string chat_choice(const Call& call, int64_t index) {
  JsonWriter json;
  json.begin_object().field("index", index).key("message").begin_object().field("role", "assistant");
  call.tools ? json.null_field("content") : json.field("content", text_of(call));
  json.null_field("refusal");
  if (call.tokens.reasoning > 0) json.field("reasoning_content", kThought);
  if (call.tools) json.raw_field("tool_calls", tool_calls(call));
  json.end_object().null_field("logprobs").field("finish_reason", finish_reason(call));
  return json.end_object().take();
}

std::string text_choice(const Call& call, int64_t index) {
  JsonWriter json;
  json.begin_object().field("index", index).field("text", text_of(call)).null_field("logprobs");
  return json.field("finish_reason", finish_reason(call)).end_object().take();
}

std::string completion(const Call& call, const std::string& id) {
  const bool chat = call.endpoint == Endpoint::kChat;
  JsonWriter json;
  json.begin_object().field("id", id).field("object", chat ? "chat.completion" : "text_completion");
  json.field("created", kCreated).field("model", call.model).field("system_fingerprint", "fp_mock");
  json.key("choices").begin_array();
  for (int64_t i = 0; i < call.choices; ++i) json.raw(chat ? chat_choice(call, i) : text_choice(call, i));
  json.end_array();
  if (call.behaviour.fault.kind != FaultKind::kNoUsage) json.raw_field("usage", usage(call));
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
  const int64_t prompt = call.tokens.prompt();
  json.end_array().key("usage").begin_object().field("prompt_tokens", prompt).field("total_tokens", prompt);
  return json.end_object().end_object().take();
}

std::string moderations(const Call& call, const std::string& id) {
  JsonWriter json;
  json.begin_object().field("id", id).field("model", call.model).key("results").begin_array();
  for (int64_t i = 0; i < call.inputs; ++i) {
    json.begin_object().field("flagged", call.flagged).key("categories").begin_object();
    for (std::string_view name : kCategories) json.field(name, call.flagged && name == "violence");
    json.end_object().key("category_scores").begin_object();
    for (std::string_view name : kCategories) {
      json.field(name, call.flagged && name == "violence" ? 0.875 : 0.125);
    }
    json.end_object().key("category_applied_input_types").begin_object();
    for (std::string_view name : kCategories) json.key(name).begin_array().value("text").end_array();
    json.end_object().end_object();
  }
  return json.end_array().end_object().take();
}

// In the shape that Jina, Cohere and vLLM share. The last document is the most relevant one.
std::string rerank(const Call& call, const std::string& id) {
  JsonWriter json;
  json.begin_object().field("id", id).field("model", call.model).key("results").begin_array();
  for (int64_t i = call.inputs - 1; i >= 0; --i) {
    json.begin_object().field("index", i);
    json.field("relevance_score", 1.0 / static_cast<double>(call.inputs - i)).end_object();
  }
  const int64_t prompt = call.tokens.prompt();
  json.end_array().key("usage").begin_object().field("prompt_tokens", prompt).field("total_tokens", prompt);
  return json.end_object().end_object().take();
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

}  // namespace

std::string openai_answer(const Call& call, const std::string& id) {
  switch (call.endpoint) {
    case Endpoint::kChat:
    case Endpoint::kCompletions:
      return completion(call, id);
    case Endpoint::kEmbeddings:
      return embeddings(call);
    case Endpoint::kModerations:
      return moderations(call, id);
    case Endpoint::kRerank:
      return rerank(call, id);
    case Endpoint::kModels:
      return models();
    default:
      return {};
  }
}

}  // namespace penstock::bench
