#include "providers/openai_answer.h"

#include "core/json_scanner.h"
#include "core/json_writer.h"
#include "providers/error_text.h"
#include "providers/openai_usage.h"

namespace penstock::providers {
namespace {

Error broken(std::string message) {
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message)};
}

bool is_error(std::string_view raw) { return !raw.empty() && raw != "null"; }

// The part of a choice that is the answer: `message` (chat) or `text` (completions).
std::string_view answer_of(const JsonFields& choice) {
  std::string_view message = choice.raw("message");
  return message.empty() ? choice.raw("text") : message;
}

Result<void> read_choices(std::string_view raw, AnswerFacts& facts) {
  ASSIGN_OR_RETURN(auto choices, json_elements(raw));
  std::string joined;
  for (std::string_view element : choices) {
    if (!element.starts_with('{'))
      return Failure(broken("the upstream's answer has a choice that is no object"));
    ASSIGN_OR_RETURN(JsonFields choice, JsonFields::of_valid(element));
    if (joined.empty() && facts.finish_reason.empty()) {
      auto reason = choice.string("finish_reason");
      if (reason && *reason) facts.finish_reason = **reason;
    }
    joined.append(joined.empty() ? "" : ",").append(answer_of(choice));
  }
  facts.output = choices.size() == 1 ? joined : "[" + joined + "]";
  return {};
}

}  // namespace

Result<AnswerFacts> read_openai_answer(std::string_view body) {
  auto fields = JsonFields::parse(body, "the upstream's answer");
  if (!fields) return Failure(broken(fields.error().message));
  if (std::string_view error = fields->raw("error"); is_error(error)) {
    return Failure(broken("the upstream answered 200 with an error: " + read_error_member(error).message));
  }
  AnswerFacts facts;
  facts.tokens = read_openai_usage(*fields);
  if (std::string_view choices = fields->raw("choices"); choices.starts_with('[')) {
    RETURN_IF_ERROR(read_choices(choices, facts));
  }
  return facts;
}

Result<OpenAiObserver::Seen> OpenAiObserver::observe(std::string_view data) {
  Seen seen;
  if (data == "[DONE]") {
    seen.done = true;
    return seen;
  }
  auto fields = JsonFields::parse(data, "an event of the upstream's stream");
  if (!fields) return Failure(broken(fields.error().message));
  if (std::string_view error = fields->raw("error"); is_error(error)) {
    ErrorText text = read_error_member(error);
    seen.error = text.message.empty() ? std::string(error) : text.message;
    seen.cause = cause_of(text);
    return seen;
  }
  if (fields->raw("object") == R"("error")") {  // vLLM before 0.10
    ErrorText text = read_error_text(data);
    seen.error = text.message.empty() ? "the upstream broke off its answer" : text.message;
    seen.cause = cause_of(text);
    return seen;
  }
  if (auto tokens = read_openai_usage(*fields)) tokens_ = tokens;
  std::string_view raw = fields->raw("choices");
  if (!raw.starts_with('[')) return seen;
  ASSIGN_OR_RETURN(auto choices, json_elements(raw));
  seen.usage_only = choices.empty() && fields->raw("usage").starts_with('{');
  for (std::string_view choice : choices) {
    ASSIGN_OR_RETURN(bool content, observe_choice(choice));
    seen.content = seen.content || content;
  }
  if (seen.content) ++content_events_;
  return seen;
}

Result<bool> OpenAiObserver::observe_choice(std::string_view raw) {
  if (!raw.starts_with('{')) return Failure(broken("a stream event has a choice that is no object"));
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(raw));
  auto index = fields.integer("index");
  Choice& choice = choices_[index && *index ? **index : 0];
  bool content = false;
  if (fields.has("text")) {
    choice.is_text = true;
    content = append(choice.content, fields, "text");
  }
  auto delta = fields.object("delta");
  if (delta && *delta) content = observe_delta(**delta, choice) || content;
  auto reason = fields.string("finish_reason");
  if (reason && *reason) {
    choice.finished = true;
    if (finish_reason_.empty()) finish_reason_ = **reason;
  }
  return content;
}

bool OpenAiObserver::observe_delta(const JsonFields& delta, Choice& choice) {
  bool content = false;
  if (delta.raw("content").starts_with('[')) {
    content = observe_parts(delta.raw("content"), choice);
  } else {
    content = append(choice.content, delta, "content");
  }
  content = append(choice.refusal, delta, "refusal") || content;
  std::string_view reasoning =
      delta.raw("reasoning_content").starts_with('"') ? "reasoning_content" : "reasoning";
  content = append(choice.reasoning, delta, reasoning) || content;
  if (std::string_view calls = delta.raw("tool_calls"); calls.starts_with('[')) {
    content = observe_tool_calls(calls, choice) || content;
  }
  return content;
}

// Mistral's reasoning models send a list of parts: {"type":"text","text":...} and
// {"type":"thinking","thinking":[{"type":"text","text":...}]}.
bool OpenAiObserver::observe_parts(std::string_view raw, Choice& choice) {
  bool content = false;
  auto parts = json_elements(raw);
  if (!parts) return false;
  for (std::string_view element : *parts) {
    auto part = element.starts_with('{') ? JsonFields::of_valid(element) : Failure(Error{});
    if (!part) continue;
    content = append(choice.content, *part, "text") || content;
    auto thoughts = part->raw("thinking").starts_with('[') ? json_elements(part->raw("thinking"))
                                                           : Result<std::vector<std::string_view>>{};
    if (!thoughts) continue;
    for (std::string_view thought : *thoughts) {
      auto text = thought.starts_with('{') ? JsonFields::of_valid(thought) : Failure(Error{});
      if (text) content = append(choice.reasoning, *text, "text") || content;
    }
  }
  return content;
}

bool OpenAiObserver::observe_tool_calls(std::string_view raw, Choice& choice) {
  auto calls = json_elements(raw);
  if (!calls) return false;
  for (std::string_view element : *calls) {
    if (!element.starts_with('{')) continue;
    auto fields = JsonFields::of_valid(element);
    if (!fields) continue;
    auto index = fields->integer("index");
    ToolCall& call = choice.tool_calls[index && *index ? **index : 0];
    append(call.id, *fields, "id");
    auto function = fields->object("function");
    if (!function || !*function) continue;
    append(call.name, **function, "name");
    append(call.arguments, **function, "arguments");
  }
  return !calls->empty();
}

bool OpenAiObserver::append(std::string& to, const JsonFields& fields, std::string_view key) {
  std::string_view raw = fields.raw(key);
  if (raw.size() <= 2 || raw.front() != '"') return false;
  size_t before = to.size();
  append_json_unescaped(to, raw.substr(1, raw.size() - 2));
  size_t added = to.size() - before;
  if (output_bytes_ + added > output_bytes_max_) {
    to.resize(before);
    truncated_ = true;
  } else {
    output_bytes_ += added;
  }
  return true;
}

bool OpenAiObserver::finished() const {
  if (choices_.empty()) return false;
  for (const auto& [index, choice] : choices_) {
    if (!choice.finished) return false;
  }
  return true;
}

std::string OpenAiObserver::output() const {
  JsonWriter json;
  if (choices_.size() != 1) json.begin_array();
  for (const auto& [index, choice] : choices_) {
    if (choice.is_text) {
      json.value(choice.content);
      continue;
    }
    json.begin_object().field("role", "assistant");
    if (choice.content.empty() && !choice.tool_calls.empty()) {
      json.null_field("content");
    } else {
      json.field("content", choice.content);
    }
    if (!choice.reasoning.empty()) json.field("reasoning_content", choice.reasoning);
    if (!choice.refusal.empty()) json.field("refusal", choice.refusal);
    if (!choice.tool_calls.empty()) {
      json.key("tool_calls").begin_array();
      for (const auto& [at, call] : choice.tool_calls) {
        json.begin_object().field("id", call.id).field("type", "function").key("function").begin_object();
        json.field("name", call.name).field("arguments", call.arguments).end_object().end_object();
      }
      json.end_array();
    }
    json.end_object();
  }
  if (choices_.size() != 1) json.end_array();
  return json.take();
}

}  // namespace penstock::providers
