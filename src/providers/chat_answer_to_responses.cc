#include "providers/chat_answer_to_responses.h"

#include <utility>

#include "http/error_shape.h"
#include "providers/json_walk.h"

namespace penstock::providers {
namespace {

bool asks_for_signatures(const TranslationContext& context) {
  auto request = JsonFields::of_valid(context.request_body);
  return request && request->raw("include").contains("\"reasoning.encrypted_content\"");
}

std::string_view id_prefix(BlockKind kind) {
  if (kind == BlockKind::kToolCall) return "fc_";
  return kind == BlockKind::kReasoning ? "rs_" : "msg_";
}

// What the events of a kind of block are called.
struct Names {
  std::string_view delta;
  std::string_view done;
  std::string_view member;  // of `done`
};

Names names_of(BlockKind kind) {
  switch (kind) {
    case BlockKind::kToolCall:
      return {"response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments"};
    case BlockKind::kReasoning:
      return {"response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "text"};
    case BlockKind::kRefusal:
      return {"response.refusal.delta", "response.refusal.done", "refusal"};
    case BlockKind::kText:
      break;
  }
  return {"response.output_text.delta", "response.output_text.done", "text"};
}

// Which part of an item an event is about; calls have none.
void write_part_index(BlockKind kind, JsonWriter& json) {
  if (kind == BlockKind::kToolCall) return;
  json.field(kind == BlockKind::kReasoning ? "summary_index" : "content_index", 0);
}

}  // namespace

ChatAnswerToResponses::ChatAnswerToResponses(const TranslationContext& context)
    : context_(context),
      gives_signatures_(asks_for_signatures(context)),
      answer_(*this, "call_" + context.request_id) {}

template <class Write>
void ChatAnswerToResponses::send(std::string_view type, Write&& write) {
  if (out_ == nullptr) return;
  JsonWriter json;
  json.begin_object().field("type", type).field("sequence_number", sequence_number_++);
  write(json);
  json.end_object();
  *out_ += http::sse_event(type, json.text());
}

template <class Write>
void ChatAnswerToResponses::send_item_event(std::string_view type, Write&& write) {
  send(type, [&](JsonWriter& json) {
    json.field("item_id", item_id_).field("output_index", items_);
    write(json);
  });
}

void ChatAnswerToResponses::start_response() {
  if (std::exchange(started_, true)) return;
  std::string response = response_json(context_, {});
  send("response.created", [&](JsonWriter& json) { json.raw_field("response", response); });
  send("response.in_progress", [&](JsonWriter& json) { json.raw_field("response", response); });
}

std::string ChatAnswerToResponses::part_json(std::string_view text) const {
  JsonWriter json;
  json.begin_object();
  if (block_.kind == BlockKind::kRefusal) {
    json.field("type", "refusal").field("refusal", text);
  } else if (block_.kind == BlockKind::kReasoning) {
    json.field("type", "summary_text").field("text", text);
  } else {
    json.field("type", "output_text").field("text", text).key("annotations").begin_array().end_array();
    json.key("logprobs").begin_array().end_array();
  }
  json.end_object();
  return json.take();
}

std::string ChatAnswerToResponses::item_json(ResponseStatus status) const {
  bool ended = status != ResponseStatus::kInProgress;
  std::string parts = ended ? "[" + part_json(text_) + "]" : "[]";
  JsonWriter json;
  json.begin_object().field("id", item_id_);
  if (block_.kind == BlockKind::kToolCall) {
    json.field("type", "function_call").field("status", status_name(status));
    json.field("arguments", text_).field("call_id", block_.id).field("name", block_.name);
  } else if (block_.kind == BlockKind::kReasoning) {
    json.field("type", "reasoning").raw_field("summary", parts);
    if (gives_signatures_ && !signature_.empty()) json.field("encrypted_content", signature_);
  } else {
    json.field("type", "message").field("status", status_name(status)).field("role", "assistant");
    json.raw_field("content", parts);
  }
  json.end_object();
  return json.take();
}

void ChatAnswerToResponses::begin(const BlockStart& start) {
  block_ = start;
  item_id_ = std::string(id_prefix(start.kind)) + context_.request_id + "_" + std::to_string(items_);
  text_.clear();
  signature_.clear();
  send("response.output_item.added", [&](JsonWriter& json) {
    json.field("output_index", items_).raw_field("item", item_json(ResponseStatus::kInProgress));
  });
  if (start.kind == BlockKind::kToolCall) return;
  bool reasoning = start.kind == BlockKind::kReasoning;
  send_item_event(reasoning ? "response.reasoning_summary_part.added" : "response.content_part.added",
                  [&](JsonWriter& json) {
                    write_part_index(block_.kind, json);
                    json.raw_field("part", part_json(""));
                  });
}

void ChatAnswerToResponses::extend(std::string_view text) {
  text_ += text;
  send_item_event(names_of(block_.kind).delta, [&](JsonWriter& json) {
    write_part_index(block_.kind, json);
    json.field("delta", text);
    if (block_.kind == BlockKind::kText) json.key("logprobs").begin_array().end_array();
  });
}

void ChatAnswerToResponses::end_part() {
  Names names = names_of(block_.kind);
  send_item_event(names.done, [&](JsonWriter& json) {
    write_part_index(block_.kind, json);
    json.field(names.member, text_);
    if (block_.kind == BlockKind::kText) json.key("logprobs").begin_array().end_array();
  });
  if (block_.kind == BlockKind::kToolCall) return;
  bool reasoning = block_.kind == BlockKind::kReasoning;
  send_item_event(reasoning ? "response.reasoning_summary_part.done" : "response.content_part.done",
                  [&](JsonWriter& json) {
                    write_part_index(block_.kind, json);
                    json.raw_field("part", part_json(text_));
                  });
}

void ChatAnswerToResponses::end() {
  end_part();
  // An item that a limit cut off is incomplete; the reason is known by now, because it ends the last block.
  bool cut = final_status() == ResponseStatus::kCutByLimit;
  std::string item = item_json(cut ? ResponseStatus::kCutByLimit : ResponseStatus::kCompleted);
  send("response.output_item.done",
       [&](JsonWriter& json) { json.field("output_index", items_).raw_field("item", item); });
  output_.append(output_.empty() ? "" : ",").append(item);
  ++items_;
}

ResponseStatus ChatAnswerToResponses::final_status() const {
  const std::string& reason = answer_.finish_reason();
  if (reason == "length" || reason == "model_length") return ResponseStatus::kCutByLimit;
  return reason == "content_filter" ? ResponseStatus::kFiltered : ResponseStatus::kCompleted;
}

Result<std::string> ChatAnswerToResponses::whole(std::string_view body) {
  RETURN_IF_ERROR(answer_.read_whole(body));
  std::string output = "[" + output_ + "]";
  return response_json(context_, {.status = final_status(), .output = output, .tokens = answer_.tokens()});
}

Result<void> ChatAnswerToResponses::event(const http::SseEvent& event, std::string& out) {
  if (event.silent) {
    out += event.raw;
    return {};
  }
  out_ = &out;
  start_response();
  RETURN_IF_ERROR(answer_.read_chunk(event.data));
  if (output_.size() + text_.size() <= kOutputBytesMax) return {};
  return Failure(
      Error{.code = ErrorCode::kUpstream,
            .message = "the upstream's answer is larger than " + std::to_string(kOutputBytesMax) + " bytes"});
}

void ChatAnswerToResponses::finish(std::string& out) {
  out_ = &out;
  start_response();
  answer_.close();
  std::string output = "[" + output_ + "]";
  ResponseStatus status = final_status();
  std::string response =
      response_json(context_, {.status = status, .output = output, .tokens = answer_.tokens()});
  send(status == ResponseStatus::kCompleted ? "response.completed" : "response.incomplete",
       [&](JsonWriter& json) { json.raw_field("response", response); });
}

std::string ChatAnswerToResponses::error_event(const Error& error) {
  std::string out;
  out_ = &out;
  start_response();
  std::string output = "[" + output_ + "]";
  std::string response =
      response_json(context_, {.status = ResponseStatus::kFailed, .output = output, .error = &error});
  std::string shaped = http::openai_error_json(error);
  auto told = JsonFields::of_valid(shaped);
  send("error", [&](JsonWriter& json) {
    json.optional_field("code", error.reason)
        .field("message", error.message)
        .optional_field("param", error.field);
    // OpenAI's SDKs raise what stands in `error`.
    json.raw_field("error", told ? told->raw("error") : "{}");
  });
  send("response.failed", [&](JsonWriter& json) { json.raw_field("response", response); });
  return out;
}

}  // namespace penstock::providers
