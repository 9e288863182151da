#include "engine/openai_render.h"

#include <algorithm>

#include "core/json_writer.h"
#include "engine/model.h"

namespace penstock::engine {
namespace {

std::string_view finish_name(AnswerFinish finish) {
  switch (finish) {
    case AnswerFinish::kStop:
      return "stop";
    case AnswerFinish::kLength:
      return "length";
    case AnswerFinish::kToolCalls:
      return "tool_calls";
    case AnswerFinish::kNone:
      break;
  }
  return {};
}

void write_head(JsonWriter& json, const AnswerHead& head, std::string_view object) {
  json.field("id", head.id)
      .field("object", object)
      .field("created", head.created_s)
      .field("model", head.model);
  json.field("system_fingerprint", head.fingerprint);
}

void write_usage(JsonWriter& json, Usage usage) {
  json.key("usage").begin_object();
  json.field("prompt_tokens", usage.prompt_tokens).field("completion_tokens", usage.completion_tokens);
  json.field("total_tokens", usage.prompt_tokens + usage.completion_tokens);
  json.key("prompt_tokens_details").begin_object().field("cached_tokens", 0).end_object();
  json.key("completion_tokens_details").begin_object().field("reasoning_tokens", 0).end_object();
  json.end_object();
}

void write_token(JsonWriter& json, const Model& model, const TokenProbability& token) {
  const std::string_view bytes = model.piece(token.token);
  json.field("token", bytes).field("logprob", static_cast<double>(token.logprob));
  json.key("bytes").begin_array();
  for (char byte : bytes) json.value(static_cast<int>(static_cast<unsigned char>(byte)));
  json.end_array();
}

void write_chat_logprobs(JsonWriter& json, const Model& model, std::span<const TokenLogprob> logprobs) {
  json.key("logprobs").begin_object().key("content").begin_array();
  for (const TokenLogprob& logprob : logprobs) {
    json.begin_object();
    write_token(json, model, logprob.chosen);
    json.key("top_logprobs").begin_array();
    for (const TokenProbability& token : logprob.top) {
      json.begin_object();
      write_token(json, model, token);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().null_field("refusal").end_object();
}

void write_tool_calls(JsonWriter& json, std::span<const ToolCall> calls) {
  json.key("tool_calls").begin_array();
  for (const ToolCall& call : calls) {
    json.begin_object().field("id", call.id).field("type", "function").key("function").begin_object();
    json.field("name", call.name).field("arguments", call.arguments).end_object().end_object();
  }
  json.end_array();
}

void write_message(JsonWriter& json, const ChatAnswer& answer) {
  json.key("message").begin_object().field("role", "assistant");
  if (answer.content.empty() && !answer.calls.empty()) {
    json.null_field("content");
  } else {
    json.field("content", answer.content);
  }
  json.null_field("refusal");
  if (!answer.reasoning.empty()) json.field("reasoning_content", answer.reasoning);
  if (!answer.calls.empty()) write_tool_calls(json, answer.calls);
  json.end_object();
}

void write_delta(JsonWriter& json, const ChatChunk& chunk) {
  json.key("delta").begin_object();
  if (chunk.first) json.field("role", "assistant").field("content", "").null_field("refusal");
  if (chunk.delta) {
    const ChatDelta& delta = *chunk.delta;
    if (!delta.reasoning.empty()) json.field("reasoning_content", delta.reasoning);
    if (!delta.content.empty()) json.field("content", delta.content);
    if (delta.call_index >= 0) {
      json.key("tool_calls").begin_array().begin_object().field("index", delta.call_index);
      if (!delta.call.id.empty()) json.field("id", delta.call.id).field("type", "function");
      json.key("function").begin_object();
      if (!delta.call.name.empty()) json.field("name", delta.call.name);
      json.field("arguments", delta.call.arguments).end_object().end_object().end_array();
    }
  }
  json.end_object();
}

// The legacy form: parallel arrays. Null where there is no distribution (the first token of a prompt).
void write_text_logprobs(JsonWriter& json, const Model& model, std::span<const TokenLogprob> logprobs,
                         int64_t offset) {
  auto array = [&](std::string_view name, auto write) {
    json.key(name).begin_array();
    for (const TokenLogprob& logprob : logprobs) write(logprob);
    json.end_array();
  };
  auto write_top = [&](const TokenLogprob& logprob) {
    if (!logprob.known) {
      json.null();
      return;
    }
    json.begin_object();
    bool chosen_there = false;
    for (const TokenProbability& token : logprob.top) {
      chosen_there |= token.token == logprob.chosen.token;
      json.field(model.piece(token.token), static_cast<double>(token.logprob));
    }
    if (!chosen_there)
      json.field(model.piece(logprob.chosen.token), static_cast<double>(logprob.chosen.logprob));
    json.end_object();
  };
  json.key("logprobs").begin_object();
  array("tokens", [&](const TokenLogprob& logprob) { json.value(model.piece(logprob.chosen.token)); });
  array("token_logprobs", [&](const TokenLogprob& logprob) {
    if (logprob.known) {
      json.value(static_cast<double>(logprob.chosen.logprob));
    } else {
      json.null();
    }
  });
  array("top_logprobs", write_top);
  array("text_offset", [&](const TokenLogprob& logprob) {
    json.value(offset);
    offset += character_count(model.piece(logprob.chosen.token));
  });
  json.end_object();
}

// The last chunk of a stream whose client asked for usage.
std::string usage_chunk(const AnswerHead& head, std::string_view object, Usage usage) {
  JsonWriter json;
  json.begin_object();
  write_head(json, head, object);
  json.key("choices").begin_array().end_array();
  write_usage(json, usage);
  json.end_object();
  return json.take();
}

}  // namespace

int64_t character_count(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string AnswerRenderer::chat(std::span<const ChatAnswer> choices, Usage usage) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, head_, "chat.completion");
  json.key("choices").begin_array();
  int index = 0;
  for (const ChatAnswer& choice : choices) {
    json.begin_object().field("index", index++);
    write_message(json, choice);
    if (logprobs_) {
      write_chat_logprobs(json, model_, choice.logprobs);
    } else {
      json.null_field("logprobs");
    }
    json.field("finish_reason", finish_name(choice.finish)).end_object();
  }
  json.end_array();
  write_usage(json, usage);
  json.end_object();
  return json.take();
}

std::string AnswerRenderer::chat_chunk(const ChatChunk& chunk, UsageField usage) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, head_, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object().field("index", chunk.choice);
  write_delta(json, chunk);
  if (chunk.logprobs.empty()) {
    json.null_field("logprobs");
  } else {
    write_chat_logprobs(json, model_, chunk.logprobs);
  }
  json.optional_field("finish_reason", finish_name(chunk.finish)).end_object().end_array();
  if (usage == UsageField::kNull) json.null_field("usage");
  json.end_object();
  return json.take();
}

std::string AnswerRenderer::chat_usage_chunk(Usage usage) const {
  return usage_chunk(head_, "chat.completion.chunk", usage);
}

std::string AnswerRenderer::text(std::span<const TextAnswer> choices, Usage usage) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, head_, "text_completion");
  json.key("choices").begin_array();
  int index = 0;
  for (const TextAnswer& choice : choices) {
    json.begin_object().field("text", choice.text).field("index", index++);
    if (logprobs_) {
      write_text_logprobs(json, model_, choice.logprobs, 0);
    } else {
      json.null_field("logprobs");
    }
    json.field("finish_reason", finish_name(choice.finish)).end_object();
  }
  json.end_array();
  write_usage(json, usage);
  json.end_object();
  return json.take();
}

std::string AnswerRenderer::text_chunk(int32_t choice, const TextAnswer& piece, int64_t offset,
                                       UsageField usage) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, head_, "text_completion");
  json.key("choices").begin_array().begin_object().field("text", piece.text).field("index", choice);
  if (piece.logprobs.empty()) {
    json.null_field("logprobs");
  } else {
    write_text_logprobs(json, model_, piece.logprobs, offset);
  }
  json.optional_field("finish_reason", finish_name(piece.finish)).end_object().end_array();
  if (usage == UsageField::kNull) json.null_field("usage");
  json.end_object();
  return json.take();
}

std::string AnswerRenderer::text_usage_chunk(Usage usage) const {
  return usage_chunk(head_, "text_completion", usage);
}

}  // namespace penstock::engine
