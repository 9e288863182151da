#include "providers/anthropic_answer.h"

#include "core/json_writer.h"
#include "providers/error_text.h"

namespace penstock::providers {
namespace {

Failure broken(std::string message) {
  return Failure(Error{.code = ErrorCode::kUpstream, .message = std::move(message)});
}

std::string type_of(const JsonFields& fields) {
  auto type = fields.string("type");
  return type ? type->value_or("") : std::string();
}

// The member that a delta of each kind adds to.
std::string_view delta_member(std::string_view type) {
  if (type == "text_delta") return "text";
  if (type == "thinking_delta") return "thinking";
  if (type == "input_json_delta") return "partial_json";
  return {};
}

// A tool's input as JSON; what was cut off stays text.
std::string input_json(const std::string& text) {
  if (text.empty()) return "{}";
  return JsonFields::parse(text, "input") ? text : json_quoted(text);
}

}  // namespace

Result<AnswerFacts> read_anthropic_answer(std::string_view body) {
  auto fields = JsonFields::parse(body, "the upstream's answer");
  if (!fields) return broken(fields.error().message);
  if (type_of(*fields) == "error" || fields->raw("error").starts_with('{')) {
    return broken("the upstream answered 200 with an error: " +
                  read_error_member(fields->raw("error")).message);
  }
  AnswerFacts facts;
  AnthropicUsage usage;
  usage.read(fields->raw("usage"));
  facts.tokens = usage.tokens();
  auto reason = fields->string("stop_reason");
  if (reason && *reason) facts.finish_reason = **reason;
  if (std::string_view content = fields->raw("content"); content.starts_with('[')) {
    JsonWriter json;
    json.begin_object().field("role", "assistant").raw_field("content", content).end_object();
    facts.output = json.take();
  }
  return facts;
}

Result<AnswerObserver::Seen> AnthropicObserver::observe(const http::SseEvent& event) {
  Seen seen;
  auto fields = JsonFields::parse(event.data, "an event of the upstream's stream");
  if (!fields) return broken(fields.error().message);
  std::string type = type_of(*fields);
  if (type == "error") {
    ErrorText text = read_error_member(fields->raw("error"));
    seen.error = text.message.empty() ? "the upstream broke off its answer" : text.message;
    seen.cause = cause_of(text);
  } else if (type == "message_start") {
    auto message = fields->object("message");
    if (!message || !*message) return broken("the upstream's message_start has no message");
    take_usage((*message)->raw("usage"));
  } else if (type == "content_block_start") {
    ASSIGN_OR_RETURN(seen.content, begin_block(*fields));
  } else if (type == "content_block_delta") {
    ASSIGN_OR_RETURN(seen.content, extend_block(*fields));
  } else if (type == "message_delta") {
    take_usage(fields->raw("usage"));
    auto delta = fields->object("delta");
    auto reason = delta && *delta ? (*delta)->string("stop_reason") : Result<std::optional<std::string>>{};
    if (reason && *reason) stop_reason_ = **reason;
  } else if (type == "message_stop") {
    seen.done = true;
  }
  if (seen.content) ++content_events_;
  return seen;
}

void AnthropicObserver::take_usage(std::string_view raw) {
  usage_.read(raw);
  tokens_ = usage_.tokens();
}

Result<bool> AnthropicObserver::begin_block(const JsonFields& event) {
  auto index = event.integer("index");
  auto start = event.object("content_block");
  if (!index || !*index || !start || !*start)
    return broken("the upstream began a block without saying which");
  Block& block = blocks_[**index];
  block.type = type_of(**start);
  std::string_view raw = event.raw("content_block");
  if (output_bytes_ + raw.size() > output_bytes_max_) {
    truncated_ = true;
  } else {
    output_bytes_ += raw.size();
    block.start = raw;
  }
  if (block.type == "text") return append(block.text, **start, "text");
  if (block.type == "thinking") return append(block.text, **start, "thinking");
  return true;
}

Result<bool> AnthropicObserver::extend_block(const JsonFields& event) {
  auto index = event.integer("index");
  auto delta = event.object("delta");
  if (!index || !*index || !delta || !*delta)
    return broken("the upstream sent a delta without saying of what");
  auto found = blocks_.find(**index);
  if (found == blocks_.end()) return broken("the upstream sent a delta of a block that has not begun");
  std::string type = type_of(**delta);
  if (type == "signature_delta") {
    found->second.signature.clear();
    append(found->second.signature, **delta, "signature");
    return false;
  }
  std::string_view member = delta_member(type);
  return !member.empty() && append(found->second.text, **delta, member);
}

bool AnthropicObserver::append(std::string& to, const JsonFields& fields, std::string_view key) {
  auto text = fields.string(key);
  if (!text || !*text || (*text)->empty()) return false;
  if (output_bytes_ + (*text)->size() > output_bytes_max_) {
    truncated_ = true;
  } else {
    output_bytes_ += (*text)->size();
    to += **text;
  }
  return true;
}

std::string AnthropicObserver::output() const {
  JsonWriter json;
  json.begin_object().field("role", "assistant").key("content").begin_array();
  for (const auto& [index, block] : blocks_) {
    auto start = block.start.empty() ? Failure(Error{}) : JsonFields::of_valid(block.start);
    if (!start) continue;
    json.begin_object();
    for (const JsonFields::Member& member : start->members()) {
      bool grown = member.name == "text" || member.name == "thinking" || member.name == "signature" ||
                   (member.name == "input" && !block.text.empty());
      if (!grown) json.raw_field(member.name, member.raw);
    }
    if (block.type == "text") json.field("text", block.text);
    if (block.type == "thinking") json.field("thinking", block.text).field("signature", block.signature);
    if (block.type.ends_with("tool_use") && !block.text.empty())
      json.raw_field("input", input_json(block.text));
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace penstock::providers
