#include "providers/chat_answer_to_messages.h"

#include <utility>

#include "providers/finish_reasons.h"
#include "providers/usage_json.h"

namespace penstock::providers {
namespace {

// A block as it begins in a stream, or with its text in a whole answer. Text needs `citations` as a list:
// null breaks some clients, absence others.
std::string block_json(const BlockStart& start, std::string_view text, std::string_view signature) {
  JsonWriter json;
  json.begin_object();
  switch (start.kind) {
    case BlockKind::kReasoning:
      json.field("type", "thinking").field("thinking", text).field("signature", signature);
      break;
    case BlockKind::kToolCall:
      json.field("type", "tool_use").field("id", start.id).field("name", start.name);
      json.raw_field("input", text.empty() ? "{}" : text);
      json.key("caller").begin_object().field("type", "direct").end_object();
      break;
    case BlockKind::kText:
    case BlockKind::kRefusal:
      json.field("type", "text").field("text", text).key("citations").begin_array().end_array();
      break;
  }
  json.end_object();
  return json.take();
}

struct Delta {
  std::string_view type;
  std::string_view member;
};

Delta delta_of(BlockKind kind) {
  if (kind == BlockKind::kReasoning) return {"thinking_delta", "thinking"};
  if (kind == BlockKind::kToolCall) return {"input_json_delta", "partial_json"};
  return {"text_delta", "text"};
}

}  // namespace

void ChatAnswerToMessages::write_head(JsonWriter& json) const {
  json.begin_object().field("id", "msg_" + context_.request_id).field("type", "message");
  json.field("role", "assistant").field("model", context_.model);
}

void ChatAnswerToMessages::write_stop(JsonWriter& json) const {
  bool matched = !answer_.stop_sequence().empty() && answer_.finish_reason() == "stop";
  std::string_view reason = to_stop_reason(answer_.finish_reason());
  if (reason == "end_turn" && answer_.called_tools())
    reason = "tool_use";  // some servers say stop all the same
  if (matched) reason = "stop_sequence";
  if (answer_.refused()) reason = "refusal";
  json.field("stop_reason", reason);
  json.optional_field("stop_sequence",
                      matched ? std::string_view(answer_.stop_sequence()) : std::string_view{});
  json.null_field("stop_details").null_field("container");
}

Result<std::string> ChatAnswerToMessages::whole(std::string_view body) {
  RETURN_IF_ERROR(answer_.read_whole(body));
  JsonWriter json;
  write_head(json);
  json.raw_field("content", "[" + content_ + "]");
  write_stop(json);
  json.key("usage");
  write_anthropic_usage(answer_.tokens(), json);
  json.end_object();
  return json.take();
}

Result<void> ChatAnswerToMessages::event(const http::SseEvent& event, std::string& out) {
  if (event.silent) {
    out += event.raw;
    return {};
  }
  out_ = &out;
  start_message();
  return answer_.read_chunk(event.data);
}

void ChatAnswerToMessages::start_message() {
  if (std::exchange(started_, true)) return;
  JsonWriter json;
  json.begin_object().field("type", "message_start").key("message");
  write_head(json);
  json.key("content").begin_array().end_array().null_field("stop_reason").null_field("stop_sequence");
  json.null_field("stop_details").null_field("container").key("usage");
  write_anthropic_usage(std::nullopt, json);
  json.end_object().end_object();
  send("message_start", json.text());
}

void ChatAnswerToMessages::send_block_event(std::string_view name, std::string_view member,
                                            std::string_view raw) {
  JsonWriter json;
  json.begin_object().field("type", name).field("index", blocks_);
  if (!member.empty()) json.raw_field(member, raw);
  json.end_object();
  send(name, json.text());
}

void ChatAnswerToMessages::begin(const BlockStart& start) {
  kind_ = start.kind;
  if (out_ != nullptr)
    return send_block_event("content_block_start", "content_block", block_json(start, "", ""));
  block_ = start;
  text_.clear();
  signature_.clear();
}

void ChatAnswerToMessages::extend(std::string_view text) {
  if (out_ == nullptr) {
    text_ += text;
    return;
  }
  Delta delta = delta_of(kind_);
  JsonWriter json;
  json.begin_object().field("type", delta.type).field(delta.member, text).end_object();
  send_block_event("content_block_delta", "delta", json.text());
}

void ChatAnswerToMessages::sign(std::string_view signature) {
  if (out_ == nullptr) {
    signature_ = signature;
    return;
  }
  JsonWriter json;
  json.begin_object().field("type", "signature_delta").field("signature", signature).end_object();
  send_block_event("content_block_delta", "delta", json.text());
}

void ChatAnswerToMessages::end() {
  if (out_ != nullptr) {
    send_block_event("content_block_stop", "", "");
    ++blocks_;
    return;
  }
  // A call that was cut off by a limit has no valid input; its text is kept for whoever looks for it.
  if (kind_ == BlockKind::kToolCall && !text_.empty() && !JsonFields::parse(text_, "arguments")) {
    JsonWriter kept;
    kept.begin_object().field("_unparsed", text_).end_object();
    text_ = kept.take();
  }
  content_.append(content_.empty() ? "" : ",").append(block_json(block_, text_, signature_));
}

void ChatAnswerToMessages::finish(std::string& out) {
  out_ = &out;
  start_message();
  answer_.close();
  JsonWriter json;
  json.begin_object().field("type", "message_delta").key("delta").begin_object();
  write_stop(json);
  json.end_object().key("usage");
  write_anthropic_usage(answer_.tokens(), json);
  json.end_object();
  send("message_delta", json.text());
  send("message_stop", R"({"type":"message_stop"})");
}

}  // namespace penstock::providers
