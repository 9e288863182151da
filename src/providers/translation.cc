#include "providers/translation.h"

#include <algorithm>
#include <utility>

#include "providers/chat_answer_to_messages.h"
#include "providers/chat_answer_to_responses.h"
#include "providers/chat_to_messages.h"
#include "providers/messages_answer_to_chat.h"
#include "providers/messages_to_chat.h"
#include "providers/native_request.h"
#include "providers/responses_to_chat.h"

namespace penstock::providers {
namespace {

Error not_translated(Operation operation) {
  return Error{.code = ErrorCode::kNotImplemented,
               .message = std::string(operation_name(operation)) + " is not available over this upstream",
               .reason = "operation_not_supported"};
}

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

// A second step from the result of the first.
template <class Step>
Result<TranslatedRequest> then(Result<TranslatedRequest> first, Step&& step) {
  if (!first) return first;
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(first->body));
  ASSIGN_OR_RETURN(TranslatedRequest second, step(std::as_const(first->body), fields));
  if (second.body.empty()) second.body = std::move(first->body);
  for (const std::string& field : second.dropped) first->drop(field);
  second.dropped = std::move(first->dropped);
  return second;
}

// The operation as a chat completion request for `type`.
Result<TranslatedRequest> as_chat(const ProviderType& type, Operation operation, const JsonFields& fields,
                                  std::string_view model) {
  Result<TranslatedRequest> chat = operation == Operation::kMessages ? messages_to_chat(fields, model, type)
                                                                     : responses_to_chat(fields, model, type);
  return then(std::move(chat),
              [&](std::string_view body, const JsonFields& chat_fields) -> Result<TranslatedRequest> {
                return adapt_request(type, Operation::kChat, body, chat_fields, model);
              });
}

Result<TranslatedRequest> translate(const ProviderType& type, Operation operation, const JsonFields& fields,
                                    std::string_view model, const ProviderOptions& options) {
  if (type.protocol == Protocol::kOpenAi) return as_chat(type, operation, fields, model);
  if (operation == Operation::kChat) return chat_to_messages(fields, model, options);
  return then(responses_to_chat(fields, model, type), [&](std::string_view /*body*/, const JsonFields& chat) {
    return chat_to_messages(chat, model, options);
  });
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

void TranslatedRequest::drop(std::string_view field) {
  bool fits = !field.empty() && field.size() <= kDroppedBytesMax && dropped.size() < kDroppedMax;
  if (!fits || !std::ranges::all_of(field, is_plain)) return;
  if (std::ranges::find(dropped, field) == dropped.end()) dropped.emplace_back(field);
}

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
  if (is_native(operation, type.protocol))
    return adapt_request(type, operation, body, fields, upstream_model);
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
