#include "providers/translation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/json_writer.h"
#include "providers/chat_answer_to_messages.h"
#include "providers/chat_answer_to_responses.h"
#include "providers/chat_to_messages.h"
#include "providers/messages_answer_to_chat.h"
#include "providers/messages_to_chat.h"
#include "providers/responses_to_chat.h"

namespace penstock::providers {
namespace {

Error not_translated(Operation operation) {
  return Error{.code = ErrorCode::kNotImplemented,
               .message = std::string(operation_name(operation)) + " is not available over this upstream",
               .reason = "operation_not_supported"};
}

// {"include_usage":true} added to what the client gave, so that a stream tells its tokens.
std::string with_usage(const JsonFields& fields) {
  std::string_view given = fields.raw("stream_options");
  if (!given.starts_with('{')) return R"({"include_usage":true})";
  auto options = JsonFields::of_valid(given);
  if (!options) return R"({"include_usage":true})";
  return json_with(given, *options, "include_usage", "true");
}

// The native body, member by member: the changed ones, and those that the type refuses left out.
class Adaptation {
 public:
  Adaptation(const ProviderType& type, Operation operation, const JsonFields& fields, std::string_view model)
      : type_(type), operation_(operation), fields_(fields), model_(model) {}

  // Is the client's request right as it is?
  bool is_identity() const {
    auto asked = fields_.string("model");
    if (!asked || *asked != model_ || needs_usage()) return false;
    return std::ranges::all_of(fields_.members(), [&](const JsonFields::Member& member) {
      return name_there(member.name) == member.name;
    });
  }

  // Bytes that need no change stay as they are, white space and repeated members included.
  TranslatedRequest write(std::string_view body) const {
    TranslatedRequest request;
    std::string& out = request.body;
    out.reserve(body.size() + model_.size() + kAddedBytes);
    size_t done = body.find('{') + 1;
    out.append(body.substr(0, done));
    bool first = true;
    for (const JsonFields::Member& member : fields_.members()) {
      size_t value = static_cast<size_t>(member.raw.data() - body.data());
      std::string_view before = body.substr(done, value - done);  // the comma, the name, the colon
      done = value + member.raw.size();
      std::string_view name = name_there(member.name);
      if (name.empty()) {
        if (member.name != "stream_options" && !member.raw.starts_with("null"))
          request.dropped.push_back(member.name);
        continue;
      }
      if (first) before.remove_prefix(before.find('"'));
      first = false;
      if (name != member.name) {
        out.append(before.substr(0, before.find('"'))).append(json_quoted(name)).append(":");
      } else {
        out.append(before);
      }
      append_value(out, member);
    }
    if (!fields_.has("model")) {  // where the contract has one of its own choice
      out.append(first ? "" : ",").append(R"("model":)").append(json_quoted(model_));
      first = false;
    }
    if (needs_usage() && !fields_.has("stream_options")) {
      out.append(first ? "" : ",").append(R"("stream_options":)").append(with_usage(fields_));
    }
    out.append(body.substr(done));
    return request;
  }

 private:
  static constexpr size_t kAddedBytes = 64;  // about what is put in

  void append_value(std::string& out, const JsonFields::Member& member) const {
    if (member.name == "model") {
      append_json_string(out, model_);
    } else if (member.name == "stream_options" && needs_usage()) {
      out.append(with_usage(fields_));
    } else {
      out.append(member.raw);
    }
  }

  bool needs_usage() const {
    if (!type_.takes_stream_options || !is_openai_text() || fields_.raw("stream") != "true") return false;
    auto options = fields_.object("stream_options");
    return !options || !*options || (*options)->raw("include_usage") != "true";
  }

  bool is_openai_text() const {
    return operation_ == Operation::kChat || operation_ == Operation::kCompletions;
  }

  // What the type calls a field; empty: it refuses it, or has it already under its own name.
  std::string_view name_there(std::string_view name) const {
    if (!is_openai_text()) return name;
    if (name == "stream_options" && !type_.takes_stream_options) return {};
    if (std::ranges::find(type_.refused_fields, name) != type_.refused_fields.end()) return {};
    for (const Rename& rename : type_.renamed_fields) {
      if (name == rename.from) return fields_.has(rename.to) ? std::string_view{} : rename.to;
    }
    bool by_model = type_.reasoning_effort == ReasoningEffort::kReasoningModels;
    if (by_model && name == "max_tokens" && operation_ == Operation::kChat &&
        is_openai_reasoning_model(model_)) {
      return fields_.has("max_completion_tokens") ? std::string_view{} : "max_completion_tokens";
    }
    return name;
  }

  const ProviderType& type_;
  Operation operation_;
  const JsonFields& fields_;
  std::string_view model_;
};

// One translation after the other: the first one's events are the second one's.
class ComposedTranslation final : public AnswerTranslation {
 public:
  ComposedTranslation(std::unique_ptr<AnswerTranslation> first, std::unique_ptr<AnswerTranslation> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Result<std::string> whole(std::string_view body) override {
    ASSIGN_OR_RETURN(std::string between, first_->whole(body));
    return second_->whole(between);
  }

  Result<void> event(const http::SseEvent& event, std::string& out) override {
    std::string between;
    RETURN_IF_ERROR(first_->event(event, between));
    return pass_on(between, out);
  }

  void finish(std::string& out) override {
    std::string between;
    first_->finish(between);
    (void)pass_on(between, out);  // what the first one wrote itself is right
    second_->finish(out);
  }

  std::string error_event(const Error& error) override { return second_->error_event(error); }

 private:
  Result<void> pass_on(std::string_view between, std::string& out) {
    Result<void> outcome;
    RETURN_IF_ERROR(parser_.feed(between, [&](const http::SseEvent& event) {
      if (outcome) outcome = second_->event(event, out);
    }));
    return outcome;
  }

  std::unique_ptr<AnswerTranslation> first_;
  std::unique_ptr<AnswerTranslation> second_;
  http::SseParser parser_{http::SseSilence::kReport};
};

// Puts what one step dropped before what the next one did.
void prepend(std::vector<std::string> before, std::vector<std::string>& dropped) {
  before.insert(before.end(), std::make_move_iterator(dropped.begin()),
                std::make_move_iterator(dropped.end()));
  dropped = std::move(before);
}

// A second step from the result of the first.
template <class Step>
Result<TranslatedRequest> then(Result<TranslatedRequest> first, Step&& step) {
  if (!first) return first;
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(first->body));
  ASSIGN_OR_RETURN(TranslatedRequest second, step(std::as_const(first->body), fields));
  if (second.body.empty()) second.body = std::move(first->body);
  prepend(std::move(first->dropped), second.dropped);
  return second;
}

TranslatedRequest adapt(const ProviderType& type, Operation operation, std::string_view body,
                        const JsonFields& fields, std::string_view model) {
  Adaptation adaptation(type, operation, fields, model);
  return adaptation.is_identity() ? TranslatedRequest{} : adaptation.write(body);
}

// The operation as a chat completion request for `type`.
Result<TranslatedRequest> as_chat(const ProviderType& type, Operation operation, const JsonFields& fields,
                                  std::string_view model) {
  Result<TranslatedRequest> chat = operation == Operation::kMessages ? messages_to_chat(fields, model, type)
                                                                     : responses_to_chat(fields, model);
  return then(std::move(chat),
              [&](std::string_view body, const JsonFields& chat_fields) -> Result<TranslatedRequest> {
                return adapt(type, Operation::kChat, body, chat_fields, model);
              });
}

Result<TranslatedRequest> translate(const ProviderType& type, Operation operation, const JsonFields& fields,
                                    std::string_view model, const ProviderOptions& options) {
  if (type.protocol == Protocol::kOpenAi) return as_chat(type, operation, fields, model);
  if (operation == Operation::kChat) return chat_to_messages(fields, model, options);
  return then(responses_to_chat(fields, model), [&](std::string_view /*body*/, const JsonFields& chat) {
    return chat_to_messages(chat, model, options);
  });
}

}  // namespace

Result<TranslatedRequest> translate_request(Operation operation, Protocol upstream, std::string_view /*body*/,
                                            const JsonFields& fields, std::string_view upstream_model,
                                            const ProviderOptions& options) {
  if (is_native(operation, upstream) || !is_supported(operation, upstream))
    return Failure(not_translated(operation));
  const ProviderType* plain =
      find_provider_type(upstream == Protocol::kOpenAi ? "openai_compatible" : "anthropic");
  return translate(*plain, operation, fields, upstream_model, options);
}

Result<TranslatedRequest> prepare_request(const ProviderType& type, Operation operation,
                                          std::string_view body, const JsonFields& fields,
                                          std::string_view upstream_model, const ProviderOptions& options) {
  if (!is_supported(operation, type.protocol)) return Failure(not_translated(operation));
  if (is_native(operation, type.protocol)) return adapt(type, operation, body, fields, upstream_model);
  return translate(type, operation, fields, upstream_model, options);
}

std::unique_ptr<AnswerTranslation> make_answer_translation(Operation operation, Protocol upstream,
                                                           const TranslationContext& context) {
  if (is_native(operation, upstream)) return nullptr;
  switch (operation) {
    case Operation::kChat:
      return std::make_unique<MessagesAnswerToChat>(context);
    case Operation::kMessages:
      return std::make_unique<ChatAnswerToMessages>(context);
    case Operation::kResponses: {
      auto responses = std::make_unique<ChatAnswerToResponses>(context);
      if (upstream == Protocol::kOpenAi) return responses;
      TranslationContext between = context;
      between.usage_asked = true;
      return std::make_unique<ComposedTranslation>(std::make_unique<MessagesAnswerToChat>(between),
                                                   std::move(responses));
    }
    default:
      return nullptr;
  }
}

}  // namespace penstock::providers
