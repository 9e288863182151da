#include "engine/chat_handler.h"

#include <memory>
#include <utility>
#include <vector>

#include "engine/answer_stream.h"
#include "engine/engine_service.h"
#include "engine/generation_request.h"
#include "engine/generation_stream.h"
#include "engine/openai_parse.h"
#include "http/error_shape.h"

namespace penstock::engine {
namespace {

// A request as the scheduler takes it, and how its answers are read.
struct PreparedChat {
  CompletionOptions options;
  ChatPrompt prompt;
  GenerationRequest generation;
};

// One choice while it is generated.
struct Choice {
  std::unique_ptr<ChatOutputParser> parser;
  bool told = false;  // its first chunk was sent
  bool has_calls = false;
  int32_t tokens = 0;
  AnswerFinish finish = AnswerFinish::kNone;
};

Result<PreparedChat> prepare(const EngineService& service, std::string_view body) {
  ASSIGN_OR_RETURN(ChatRequest request, parse_chat_request(body));
  RETURN_IF_ERROR(service.check_name(request.options.model));
  if (!service.chat_template) {
    return Failure(
        Error::invalid("model", "This model makes embeddings and cannot chat; use /v1/embeddings."));
  }
  PreparedChat chat;
  ASSIGN_OR_RETURN(chat.prompt, service.chat_template->render(request));
  chat.options = std::move(request.options);
  ASSIGN_OR_RETURN(auto tokens,
                   service.model->tokenize(chat.prompt.text, Framing::kAdded, SpecialTokens::kParsed));
  chat.generation = generation_request(chat.options, std::move(tokens), *service.scheduler);
  chat.generation.constraint = chat.prompt.constraint;
  chat.generation.stops.insert(chat.generation.stops.end(), chat.prompt.stops.begin(),
                               chat.prompt.stops.end());
  for (const std::string& mark : chat.prompt.shown_marks) {
    ASSIGN_OR_RETURN(auto parts, service.model->tokenize(mark, Framing::kNone, SpecialTokens::kParsed));
    if (parts.size() == 1) chat.generation.shown_specials.push_back(parts[0]);
  }
  return chat;
}

// Brings the scheduler's names for what is wrong to those of this endpoint.
Error renamed(Error error) {
  if (error.field == "prompt") error.field = "messages";
  if (error.field == "grammar") error.field = "response_format";
  return error;
}

// Reads the events of all choices.
class ChatReader {
 public:
  static Result<ChatReader> create(const PreparedChat& chat, Random& random) {
    ChatReader reader;
    for (int32_t i = 0; i < chat.options.choices; ++i) {
      ASSIGN_OR_RETURN(auto parser, make_output_parser(chat.prompt, random));
      reader.choices_.push_back({.parser = std::move(parser)});
    }
    reader.open_ = chat.options.choices;
    reader.usage_.prompt_tokens = static_cast<int64_t>(chat.generation.prompt.size());
    return reader;
  }

  // What an event adds to its choice's message: at its end, all that was left.
  Result<std::vector<ChatDelta>> read(const GenerationEvent& event) {
    Choice& choice = choices_[event.choice];
    usage_.completion_tokens += event.tokens - std::exchange(choice.tokens, event.tokens);
    ASSIGN_OR_RETURN(auto deltas, choice.parser->add(event.text));
    if (event.finish != FinishReason::kNone) {
      ASSIGN_OR_RETURN(auto rest, choice.parser->finish());
      std::move(rest.begin(), rest.end(), std::back_inserter(deltas));
      --open_;
    }
    for (const ChatDelta& delta : deltas) choice.has_calls |= delta.call_index >= 0;
    if (event.finish == FinishReason::kLength) choice.finish = AnswerFinish::kLength;
    if (event.finish == FinishReason::kStop) {
      choice.finish = choice.has_calls ? AnswerFinish::kToolCalls : AnswerFinish::kStop;
    }
    return deltas;
  }

  Choice& choice(int32_t index) { return choices_[index]; }
  bool done() const { return open_ == 0; }
  Usage usage() const { return usage_; }

 private:
  std::vector<Choice> choices_;
  int32_t open_ = 0;
  Usage usage_;
};

void add_delta(ChatAnswer& answer, ChatDelta delta) {
  answer.content += delta.content;
  answer.reasoning += delta.reasoning;
  if (delta.call_index < 0) return;
  if (static_cast<size_t>(delta.call_index) >= answer.calls.size()) answer.calls.resize(delta.call_index + 1);
  ToolCall& call = answer.calls[delta.call_index];
  if (!delta.call.id.empty()) call.id = std::move(delta.call.id);
  if (!delta.call.name.empty()) call.name = std::move(delta.call.name);
  call.arguments += delta.call.arguments;
}

Task<Result<std::string>> whole_answer(GenerationStream& generation, ChatReader& reader,
                                       const AnswerRenderer& renderer, int32_t choices) {
  std::vector<ChatAnswer> answers(choices);
  while (!reader.done()) {
    ASSIGN_OR_CO_RETURN(auto events, co_await generation.next(kPingAfterMs));
    for (GenerationEvent& event : events) {
      ChatAnswer& answer = answers[event.choice];
      ASSIGN_OR_CO_RETURN(auto deltas, reader.read(event));
      for (ChatDelta& delta : deltas) add_delta(answer, std::move(delta));
      std::move(event.logprobs.begin(), event.logprobs.end(), std::back_inserter(answer.logprobs));
      answer.finish = reader.choice(event.choice).finish;
    }
  }
  co_return renderer.chat(answers, reader.usage());
}

// The chunks of one event. Its logprobs go with the first of them, or with the choice's end.
Result<void> add_chunks(GenerationEvent& event, ChatReader& reader, const AnswerRenderer& renderer,
                        UsageField usage, AnswerStream& stream) {
  ASSIGN_OR_RETURN(auto deltas, reader.read(event));
  Choice& choice = reader.choice(event.choice);
  if (!std::exchange(choice.told, true)) {
    stream.add(renderer.chat_chunk({.choice = event.choice, .first = true}, usage));
  }
  if (deltas.empty() && !event.logprobs.empty() && event.finish == FinishReason::kNone) deltas.emplace_back();
  for (ChatDelta& delta : deltas) {
    ChatChunk chunk{.choice = event.choice, .delta = std::move(delta)};
    chunk.logprobs = std::exchange(event.logprobs, {});
    stream.add(renderer.chat_chunk(chunk, usage));
  }
  if (choice.finish != AnswerFinish::kNone) {
    ChatChunk last{.choice = event.choice, .logprobs = std::move(event.logprobs), .finish = choice.finish};
    stream.add(renderer.chat_chunk(last, usage));
  }
  return {};
}

Task<Result<void>> streamed_answer(GenerationStream& generation, ChatReader& reader,
                                   const AnswerRenderer& renderer, bool with_usage, AnswerStream& stream) {
  const UsageField usage = with_usage ? UsageField::kNull : UsageField::kAbsent;
  while (!reader.done()) {
    ASSIGN_OR_CO_RETURN(auto events, co_await generation.next(kPingAfterMs));
    if (events.empty()) stream.ping();
    for (GenerationEvent& event : events) {
      CO_RETURN_IF_ERROR(add_chunks(event, reader, renderer, usage, stream));
    }
    CO_RETURN_IF_ERROR(co_await stream.flush());
  }
  if (with_usage) stream.add(renderer.chat_usage_chunk(reader.usage()));
  co_return co_await stream.finish();
}

}  // namespace

Task<> chat_completions(EngineService& service, Request& request, ResponseStream& out) {
  AnswerStream stream(out);
  Result<PreparedChat> chat = prepare(service, request.body);
  if (!chat) co_return co_await stream.fail(renamed(std::move(chat).error()));
  Result<ChatReader> reader = ChatReader::create(*chat, service.random);
  if (!reader) co_return co_await stream.fail(std::move(reader).error());
  GenerationStream generation(*service.scheduler, request.arrived_us, out.disconnected());
  Result<void> started = generation.submit(std::move(chat->generation));
  if (!started) co_return co_await stream.fail(renamed(std::move(started).error()));

  const CompletionOptions& options = chat->options;
  const AnswerRenderer renderer(*service.model, service.answer_head("chatcmpl-"),
                                options.top_logprobs.has_value());
  if (options.stream) {
    Result<void> sent = co_await streamed_answer(generation, *reader, renderer, options.stream_usage, stream);
    if (!sent) co_await stream.fail(std::move(sent).error());
    co_return;
  }
  Result<std::string> answer = co_await whole_answer(generation, *reader, renderer, options.choices);
  if (!answer) co_return co_await stream.fail(std::move(answer).error());
  Response response = Response::json(200, std::move(*answer));
  co_await out.send(std::move(response));
}

}  // namespace penstock::engine
