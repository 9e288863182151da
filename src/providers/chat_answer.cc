#include "providers/chat_answer.h"

#include "providers/error_text.h"
#include "providers/json_walk.h"
#include "providers/openai_usage.h"

namespace penstock::providers {
namespace {

Failure broken(std::string message) {
  return Failure(Error{.code = ErrorCode::kUpstream, .message = std::move(message)});
}

// An error of ours for a foreign text: the upstream's fault, not the client's.
Failure broken(const Error& error) {
  return broken("the upstream's answer is not what it should be: " + error.message);
}

}  // namespace

Result<void> ChatAnswer::read_whole(std::string_view body) {
  auto fields = JsonFields::parse(body, "the upstream's answer");
  if (!fields) return broken(fields.error().message);
  tokens_ = read_openai_usage(*fields);
  bool seen = false;
  Result<void> read = for_each_object(fields->raw("choices"), "choices",
                                      [&](const JsonFields& choice, const std::string&) -> Result<void> {
                                        if (seen) return {};
                                        seen = true;
                                        return read_choice(choice, "message");
                                      });
  if (!read) return broken(read.error());
  if (!seen) return broken("the upstream's answer has no choice");
  close();
  return {};
}

Result<void> ChatAnswer::read_chunk(std::string_view data) {
  if (data == "[DONE]") return {};
  auto fields = JsonFields::parse(data, "an event of the upstream's stream");
  if (!fields) return broken(fields.error().message);
  if (auto error = given(*fields, "error"); !error.empty()) return broken(read_error_member(error).message);
  if (auto tokens = read_openai_usage(*fields)) tokens_ = tokens;
  std::string_view choices = given(*fields, "choices");
  if (choices.empty()) return {};
  Result<void> read =
      for_each_object(choices, "choices", [&](const JsonFields& choice, const std::string&) -> Result<void> {
        auto index = choice.integer("index");
        if (index && index->value_or(0) != 0) return {};
        return read_choice(choice, "delta");
      });
  if (!read) return broken(read.error());
  return {};
}

Result<void> ChatAnswer::read_choice(const JsonFields& choice, std::string_view message_member) {
  ASSIGN_OR_RETURN(auto message, choice.object(message_member));
  if (message) RETURN_IF_ERROR(read_message(*message));
  std::string reason = text_or_empty(choice, "finish_reason");
  if (reason.empty()) return {};
  finish_reason_ = std::move(reason);
  stop_sequence_ = text_or_empty(choice, "stop_reason");
  close();
  return {};
}

Result<void> ChatAnswer::read_message(const JsonFields& message) {
  RETURN_IF_ERROR(read_reasoning(message));
  read_content(message.raw("content"));
  if (std::string refusal = text_or_empty(message, "refusal"); !refusal.empty()) {
    refused_ = true;
    add(BlockKind::kRefusal, refusal);
  }
  std::string_view calls = given(message, "tool_calls");
  if (calls.empty()) return {};
  return for_each_object(calls, "tool_calls",
                         [this](const JsonFields& call, const std::string&) { return read_tool_call(call); });
}

// Signed thoughts of another gateway come one by one in a whole answer, and behind their text in a stream.
Result<void> ChatAnswer::read_reasoning(const JsonFields& message) {
  auto thoughts = given(message, "thinking_blocks");
  if (!thoughts.starts_with('[')) {
    std::string text = text_or_empty(message, "reasoning_content");
    add(BlockKind::kReasoning, text.empty() ? text_or_empty(message, "reasoning") : text);
    return {};
  }
  return for_each_object(thoughts, "thinking_blocks",
                         [&](const JsonFields& thought, const std::string&) -> Result<void> {
                           if (open_ != BlockKind::kReasoning)
                             add(BlockKind::kReasoning, text_or_empty(thought, "thinking"));
                           std::string signature = text_or_empty(thought, "signature");
                           if (open_ == BlockKind::kReasoning && !signature.empty()) sink_.sign(signature);
                           close();
                           return {};
                         });
}

// Text, or Mistral's list of parts.
void ChatAnswer::read_content(std::string_view raw) {
  if (raw.starts_with('"')) {
    if (auto text = json_unquote(raw)) add(BlockKind::kText, *text);
    return;
  }
  if (!raw.starts_with('[')) return;
  (void)for_each_object(raw, "content", [this](const JsonFields& part, const std::string&) -> Result<void> {
    if (part.raw("thinking").starts_with('[')) {
      return for_each_object(part.raw("thinking"), "thinking",
                             [this](const JsonFields& thought, const std::string&) -> Result<void> {
                               add(BlockKind::kReasoning, text_or_empty(thought, "text"));
                               return {};
                             });
    }
    add(BlockKind::kText, text_or_empty(part, "text"));
    return {};
  });
}

Result<void> ChatAnswer::read_tool_call(const JsonFields& call) {
  auto function = call.object("function");
  if (!function || !*function) return broken("the upstream called a tool that is no function");
  std::string name = text_or_empty(**function, "name");
  std::string id = text_or_empty(call, "id");
  auto told = call.integer("index");
  // Without an index, an id or a name begins the next call.
  int64_t index = told && *told ? **told : tool_index_ + ((id.empty() && name.empty()) ? 0 : 1);
  if (index > tool_index_) RETURN_IF_ERROR(begin_tool_call(call, index, name));
  std::string arguments = text_or_empty(**function, "arguments");
  if (arguments.empty()) return {};
  if (index != tool_index_ || open_ != BlockKind::kToolCall) {
    return broken("the upstream went back to a tool call that had ended");
  }
  sink_.extend(arguments);
  return {};
}

Result<void> ChatAnswer::begin_tool_call(const JsonFields& call, int64_t index, std::string_view name) {
  if (name.empty()) return broken("the upstream began a tool call without the function's name");
  close();
  std::string id = text_or_empty(call, "id");
  if (id.empty()) id = fallback_id_ + "_" + std::to_string(tool_calls_);
  ++tool_calls_;
  tool_index_ = index;
  open_ = BlockKind::kToolCall;
  sink_.begin({.kind = BlockKind::kToolCall, .id = std::move(id), .name = std::string(name)});
  return {};
}

void ChatAnswer::add(BlockKind kind, std::string_view text) {
  if (text.empty()) return;
  if (open_ != kind) {
    close();
    open_ = kind;
    sink_.begin({.kind = kind});
  }
  sink_.extend(text);
}

void ChatAnswer::close() {
  if (!open_) return;
  open_.reset();
  sink_.end();
}

}  // namespace penstock::providers
