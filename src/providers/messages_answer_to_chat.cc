#include "providers/messages_answer_to_chat.h"

#include "core/text.h"
#include "providers/chat_to_messages.h"
#include "providers/error_text.h"
#include "providers/finish_reasons.h"
#include "providers/json_walk.h"
#include "providers/usage_json.h"

namespace penstock::providers {
namespace {

Failure broken(std::string message) {
  return Failure(Error{.code = ErrorCode::kUpstream, .message = std::move(message)});
}

// Joins the values of JSON strings into one, still escaped.
void append_raw_text(std::string& to, std::string_view raw) {
  if (raw.size() >= 2 && raw.starts_with('"')) to += raw.substr(1, raw.size() - 2);
}

std::string quoted_raw(std::string_view escaped) { return "\"" + std::string(escaped) + "\""; }

// What the blocks of a whole message come to; texts are escaped, lists without their brackets.
struct Gathered {
  std::string text;
  std::string reasoning;
  std::string thinking_blocks;
  std::string tool_calls;
  bool has_text = false;
  bool answered_by_tool = false;

  void add_tool(const JsonFields& block) {
    std::string_view input = given(block, "input");
    if (input.empty()) input = "{}";
    if (text_or_empty(block, "name") == kJsonTool) {
      has_text = answered_by_tool = true;
      append_raw_text(text, json_quoted(input));
      return;
    }
    JsonWriter call;
    call.begin_object()
        .raw_field("id", block.has("id") ? block.raw("id") : R"("")")
        .field("type", "function");
    call.key("function").begin_object().raw_field("name", block.has("name") ? block.raw("name") : R"("")");
    call.field("arguments", input).end_object().end_object();
    tool_calls.append(tool_calls.empty() ? "" : ",").append(call.text());
  }

  void add(const JsonFields& block, std::string_view raw) {
    std::string type = text_or_empty(block, "type");
    if (type == "text") {
      has_text = true;
      append_raw_text(text, block.raw("text"));
    } else if (type == "tool_use") {
      add_tool(block);
    } else if (type == "thinking" || type == "redacted_thinking") {
      append_raw_text(reasoning, block.raw("thinking"));
      thinking_blocks.append(thinking_blocks.empty() ? "" : ",").append(raw);
    }
  }
};

void write_message(const Gathered& gathered, JsonWriter& json) {
  json.begin_object().field("role", "assistant");
  json.raw_field("content", gathered.has_text ? quoted_raw(gathered.text) : "null").null_field("refusal");
  if (!gathered.reasoning.empty()) json.raw_field("reasoning_content", quoted_raw(gathered.reasoning));
  if (!gathered.thinking_blocks.empty())
    json.raw_field("thinking_blocks", "[" + gathered.thinking_blocks + "]");
  if (!gathered.tool_calls.empty()) json.raw_field("tool_calls", "[" + gathered.tool_calls + "]");
  json.end_object();
}

// A called answer tool is an answer, not a call.
std::string_view finish_of(std::string_view stop_reason, bool answered_by_tool, bool called_tools) {
  if (stop_reason == "tool_use" && answered_by_tool && !called_tools) return "stop";
  return to_finish_reason(stop_reason);
}

}  // namespace

void MessagesAnswerToChat::write_head(JsonWriter& json, std::string_view object) const {
  json.begin_object().field("id", id_.empty() ? "chatcmpl-" + context_.request_id : id_);
  json.field("object", object).field("created", context_.created_s).field("model", context_.model);
}

Result<std::string> MessagesAnswerToChat::whole(std::string_view body) {
  auto fields = JsonFields::parse(body, "the upstream's answer");
  if (!fields) return broken(fields.error().message);
  if (!fields->raw("content").starts_with('[')) return broken("the upstream's answer has no content");
  Gathered gathered;
  ASSIGN_OR_RETURN(auto blocks, json_elements(fields->raw("content")));
  for (std::string_view raw : blocks) {
    if (!raw.starts_with('{')) return broken("the upstream's answer has a block that is no object");
    ASSIGN_OR_RETURN(JsonFields block, JsonFields::of_valid(raw));
    gathered.add(block, raw);
  }
  id_ = text_or_empty(*fields, "id");
  usage_.read(fields->raw("usage"));
  std::string reason = text_or_empty(*fields, "stop_reason");
  JsonWriter json;
  write_head(json, "chat.completion");
  json.key("choices").begin_array().begin_object().field("index", 0).key("message");
  write_message(gathered, json);
  json.null_field("logprobs");
  json.field("finish_reason", finish_of(reason, gathered.answered_by_tool, !gathered.tool_calls.empty()));
  json.end_object().end_array().key("usage");
  write_openai_usage(usage_.tokens(), json);
  json.end_object();
  return json.take();
}

void MessagesAnswerToChat::chunk(std::string_view delta, std::string_view finish_reason, std::string& out) {
  JsonWriter json;
  write_head(json, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object().field("index", 0).raw_field("delta", delta);
  json.null_field("logprobs").optional_field("finish_reason", finish_reason).end_object().end_array();
  if (context_.usage_asked) json.null_field("usage");
  json.end_object();
  out += http::sse_event("", json.text());  // which knows what to do with line ends in the upstream's JSON
}

Result<void> MessagesAnswerToChat::event(const http::SseEvent& event, std::string& out) {
  if (event.silent) {
    out += event.raw;
    return {};
  }
  auto fields = JsonFields::parse(event.data, "an event of the upstream's stream");
  if (!fields) return broken(fields.error().message);
  std::string type = text_or_empty(*fields, "type");
  if (type == "content_block_delta") return extend_block(*fields, out);
  if (type == "content_block_start") return begin_block(*fields, out);
  if (type == "content_block_stop") return end_block(*fields, out);
  if (type == "error") return broken(read_error_member(fields->raw("error")).message);
  if (type == "message_start") {
    auto message = fields->object("message");
    if (!message || !*message) return broken("the upstream's message_start has no message");
    id_ = text_or_empty(**message, "id");
    usage_.read((*message)->raw("usage"));
    chunk(R"({"role":"assistant","content":"","refusal":null})", "", out);
  } else if (type == "message_delta") {
    take_stop(*fields, out);
  } else if (type == "ping") {
    out += ": ping\n\n";
  }
  return {};
}

void MessagesAnswerToChat::take_stop(const JsonFields& event, std::string& out) {
  usage_.read(event.raw("usage"));
  auto delta = event.object("delta");
  if (!delta || !*delta) return;
  std::string reason = text_or_empty(**delta, "stop_reason");
  if (!reason.empty()) chunk("{}", finish_of(reason, answered_by_tool_, tool_calls_ > 0), out);
}

Result<MessagesAnswerToChat::Block*> MessagesAnswerToChat::block_of(const JsonFields& event) {
  auto index = event.integer("index");
  auto found = index && *index ? blocks_.find(**index) : blocks_.end();
  if (found == blocks_.end()) return broken("the upstream's stream speaks of a block that has not begun");
  return &found->second;
}

Result<void> MessagesAnswerToChat::begin_block(const JsonFields& event, std::string& out) {
  auto index = event.integer("index");
  auto start = event.object("content_block");
  if (!index || !*index || !start || !*start)
    return broken("the upstream began a block without saying which");
  Block& block = blocks_[**index];
  block = Block{};
  block.type = text_or_empty(**start, "type");
  if (block.type == "redacted_thinking") {
    chunk("{\"thinking_blocks\":[" + std::string(event.raw("content_block")) + "]}", "", out);
  } else if (block.type == "text" && !text_or_empty(**start, "text").empty()) {
    chunk("{\"content\":" + std::string((*start)->raw("text")) + "}", "", out);
  } else if (block.type == "thinking") {
    block.text = text_or_empty(**start, "thinking");
    block.signature = text_or_empty(**start, "signature");
  } else if (block.type == "tool_use") {
    block.start_input = given(**start, "input");
    block.is_answer = text_or_empty(**start, "name") == kJsonTool;
    answered_by_tool_ = answered_by_tool_ || block.is_answer;
    if (block.is_answer) return {};
    block.tool = tool_calls_++;
    JsonWriter json;
    json.begin_object().key("tool_calls").begin_array().begin_object().field("index", block.tool);
    json.field("id", text_or_empty(**start, "id")).field("type", "function").key("function").begin_object();
    json.field("name", text_or_empty(**start, "name")).field("arguments", "");
    json.end_object().end_object().end_array().end_object();
    chunk(json.text(), "", out);
  }
  return {};
}

void MessagesAnswerToChat::tool_arguments(const Block& block, std::string_view raw_text, std::string& out) {
  JsonWriter json;
  json.begin_object();
  if (block.is_answer) {
    json.raw_field("content", raw_text);
  } else {
    json.key("tool_calls")
        .begin_array()
        .begin_object()
        .field("index", block.tool)
        .key("function")
        .begin_object();
    json.raw_field("arguments", raw_text).end_object().end_object().end_array();
  }
  json.end_object();
  chunk(json.text(), "", out);
}

Result<void> MessagesAnswerToChat::extend_block(const JsonFields& event, std::string& out) {
  ASSIGN_OR_RETURN(Block * block, block_of(event));
  auto delta = event.object("delta");
  if (!delta || !*delta) return broken("the upstream sent a delta that is none");
  std::string type = text_or_empty(**delta, "type");
  if (type == "text_delta") {
    if (auto text = given_string(**delta, "text"); !text.empty())
      chunk("{\"content\":" + std::string(text) + "}", "", out);
  } else if (type == "input_json_delta" && block->type == "tool_use") {
    auto piece = given_string(**delta, "partial_json");
    if (piece.size() <= 2) return {};
    block->has_input = true;
    tool_arguments(*block, piece, out);
  } else if (type == "thinking_delta") {
    block->text += text_or_empty(**delta, "thinking");
    auto text = given_string(**delta, "thinking");
    if (!text.empty()) chunk("{\"reasoning_content\":" + std::string(text) + "}", "", out);
  } else if (type == "signature_delta") {
    block->signature = text_or_empty(**delta, "signature");
  }
  return {};
}

Result<void> MessagesAnswerToChat::end_block(const JsonFields& event, std::string& out) {
  ASSIGN_OR_RETURN(Block * block, block_of(event));
  if (block->type == "thinking") {
    JsonWriter json;
    json.begin_object().key("thinking_blocks").begin_array().begin_object().field("type", "thinking");
    json.field("thinking", block->text)
        .field("signature", block->signature)
        .end_object()
        .end_array()
        .end_object();
    chunk(json.text(), "", out);
  } else if (block->type == "tool_use" && !block->has_input) {
    tool_arguments(*block, json_quoted(block->start_input.empty() ? "{}" : block->start_input), out);
  }
  return {};
}

void MessagesAnswerToChat::finish(std::string& out) {
  if (context_.usage_asked) {
    JsonWriter json;
    write_head(json, "chat.completion.chunk");
    json.key("choices").begin_array().end_array().key("usage");
    write_openai_usage(usage_.tokens(), json);
    json.end_object();
    out += http::sse_event("", json.text());
  }
  out += "data: [DONE]\n\n";
}

}  // namespace penstock::providers
