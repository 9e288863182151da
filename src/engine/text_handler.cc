#include "engine/text_handler.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/answer_stream.h"
#include "engine/engine_service.h"
#include "engine/generation_request.h"
#include "engine/generation_stream.h"
#include "engine/openai_parse.h"

namespace penstock::engine {
namespace {

constexpr size_t kPromptsInFlightMax = 32;  // of one request, so that a large one leaves room in the queue

AnswerFinish finish_of(const GenerationEvent& event) {
  if (event.finish == FinishReason::kNone) return AnswerFinish::kNone;
  return event.finish == FinishReason::kLength ? AnswerFinish::kLength : AnswerFinish::kStop;
}

// A prompt and how it is shown.
struct TextPrompt {
  std::vector<Token> tokens;
  std::string text;  // for echo
};

struct PreparedText {
  TextRequest request;
  std::vector<TextPrompt> prompts;
};

Result<TextPrompt> prepare_prompt(const Model& model, Prompt prompt) {
  TextPrompt out;
  if (auto* tokens = std::get_if<std::vector<Token>>(&prompt)) {
    out.tokens = std::move(*tokens);
    for (Token token : out.tokens) out.text += model.piece(token);
    return out;
  }
  out.text = std::move(std::get<std::string>(prompt));
  ASSIGN_OR_RETURN(out.tokens, model.tokenize(out.text, Framing::kAdded, SpecialTokens::kParsed));
  return out;
}

Result<PreparedText> prepare(const EngineService& service, std::string_view body) {
  PreparedText prepared;
  ASSIGN_OR_RETURN(prepared.request, parse_text_request(body));
  RETURN_IF_ERROR(service.check_name(prepared.request.options.model));
  if (!service.scheduler) {
    return Failure(
        Error::invalid("model", "This model makes embeddings and cannot generate; use /v1/embeddings."));
  }
  for (Prompt& prompt : prepared.request.prompts) {
    ASSIGN_OR_RETURN(TextPrompt made, prepare_prompt(*service.model, std::move(prompt)));
    prepared.prompts.push_back(std::move(made));
  }
  return prepared;
}

// Generates for all prompts, a few at a time, and numbers their choices through.
class TextRun {
 public:
  TextRun(const PreparedText& prepared, const Scheduler& scheduler, GenerationStream& generation)
      : prepared_(prepared),
        scheduler_(scheduler),
        generation_(generation),
        tokens_(prepared.prompts.size() * best_of()),
        open_choices_(prepared.prompts.size(), best_of()),
        prompt_logprobs_(prepared.prompts.size()) {
    for (const TextPrompt& prompt : prepared.prompts) usage_.prompt_tokens += std::ssize(prompt.tokens);
  }

  int32_t best_of() const { return prepared_.request.best_of; }
  bool done() const { return ended_ == prepared_.prompts.size(); }
  Usage usage() const { return usage_; }

  Result<void> submit_more() {
    for (; submitted_ < prepared_.prompts.size() && submitted_ - ended_ < kPromptsInFlightMax; ++submitted_) {
      const CompletionOptions& options = prepared_.request.options;
      GenerationRequest request =
          generation_request(options, prepared_.prompts[submitted_].tokens, scheduler_);
      request.choices = best_of();
      request.prompt_logprobs = prepared_.request.echo && options.top_logprobs;
      if (best_of() > options.choices && !request.top_logprobs) request.top_logprobs = 0;
      RETURN_IF_ERROR(generation_.submit(std::move(request), static_cast<int32_t>(submitted_) * best_of()));
    }
    return {};
  }

  // Counts, and puts the prompt before its first text if it is to be echoed.
  TextAnswer read(GenerationEvent event) {
    usage_.completion_tokens += event.tokens - std::exchange(tokens_[event.choice].count, event.tokens);
    TextAnswer piece{
        .text = std::move(event.text), .logprobs = std::move(event.logprobs), .finish = finish_of(event)};
    const size_t prompt = event.choice / best_of();
    // They come with the first event of a prompt's first choice, which is the first event of all its choices.
    if (!event.prompt_logprobs.empty()) prompt_logprobs_[prompt] = std::move(event.prompt_logprobs);
    if (prepared_.request.echo && !std::exchange(tokens_[event.choice].echoed, true)) {
      piece.text.insert(0, prepared_.prompts[prompt].text);
      piece.logprobs.insert(piece.logprobs.begin(), prompt_logprobs_[prompt].begin(),
                            prompt_logprobs_[prompt].end());
    }
    if (piece.finish != AnswerFinish::kNone && --open_choices_[prompt] == 0) ++ended_;
    return piece;
  }

 private:
  struct Progress {
    int32_t count = 0;
    bool echoed = false;
  };

  const PreparedText& prepared_;
  const Scheduler& scheduler_;
  GenerationStream& generation_;
  std::vector<Progress> tokens_;
  std::vector<int32_t> open_choices_;
  std::vector<std::vector<TokenLogprob>> prompt_logprobs_;
  size_t submitted_ = 0;
  size_t ended_ = 0;
  Usage usage_;
};

double mean_logprob(const TextAnswer& answer) {
  double sum = 0;
  for (const TokenLogprob& logprob : answer.logprobs) sum += logprob.chosen.logprob;
  return answer.logprobs.empty() ? 0 : sum / static_cast<double>(answer.logprobs.size());
}

// Of each prompt's best_of answers, the n whose tokens were likeliest, in order of generation where equal.
std::vector<TextAnswer> keep_best(std::vector<TextAnswer> answers, int32_t best_of, int32_t choices) {
  if (best_of == choices) return answers;
  std::vector<TextAnswer> kept;
  for (size_t begin = 0; begin < answers.size(); begin += best_of) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = begin; i < begin + best_of; ++i) order.emplace_back(-mean_logprob(answers[i]), i);
    std::ranges::sort(order);
    for (int32_t i = 0; i < choices; ++i) kept.push_back(std::move(answers[order[i].second]));
  }
  return kept;
}

Task<Result<std::string>> whole_answer(TextRun& run, GenerationStream& generation,
                                       const AnswerRenderer& renderer, const PreparedText& prepared) {
  std::vector<TextAnswer> answers(prepared.prompts.size() * run.best_of());
  while (!run.done()) {
    CO_RETURN_IF_ERROR(run.submit_more());
    ASSIGN_OR_CO_RETURN(auto events, co_await generation.next(kPingAfterMs));
    for (GenerationEvent& event : events) {
      TextAnswer& answer = answers[event.choice];
      TextAnswer piece = run.read(std::move(event));
      answer.text += piece.text;
      std::move(piece.logprobs.begin(), piece.logprobs.end(), std::back_inserter(answer.logprobs));
      answer.finish = piece.finish;
    }
  }
  answers = keep_best(std::move(answers), run.best_of(), prepared.request.options.choices);
  co_return renderer.text(answers, run.usage());
}

Task<Result<void>> streamed_answer(TextRun& run, GenerationStream& generation, const AnswerRenderer& renderer,
                                   bool with_usage, size_t choices, AnswerStream& stream) {
  const UsageField usage = with_usage ? UsageField::kNull : UsageField::kAbsent;
  std::vector<int64_t> sent(choices);
  while (!run.done()) {
    CO_RETURN_IF_ERROR(run.submit_more());
    ASSIGN_OR_CO_RETURN(auto events, co_await generation.next(kPingAfterMs));
    if (events.empty()) stream.ping();
    for (GenerationEvent& event : events) {
      const int32_t choice = event.choice;
      const TextAnswer piece = run.read(std::move(event));
      stream.add(renderer.text_chunk(choice, piece, sent[choice], usage));
      sent[choice] += character_count(piece.text);
    }
    CO_RETURN_IF_ERROR(co_await stream.flush());
  }
  if (with_usage) stream.add(renderer.text_usage_chunk(run.usage()));
  co_return co_await stream.finish();
}

}  // namespace

Task<> text_completions(EngineService& service, Request& request, ResponseStream& out) {
  AnswerStream stream(out);
  Result<PreparedText> prepared = prepare(service, request.body);
  if (!prepared) co_return co_await stream.fail(std::move(prepared).error());
  GenerationStream generation(*service.scheduler, request.arrived_us, out.disconnected());
  TextRun run(*prepared, *service.scheduler, generation);
  const CompletionOptions& options = prepared->request.options;
  const AnswerRenderer renderer(*service.model, service.answer_head("cmpl-"),
                                options.top_logprobs.has_value());
  if (options.stream) {
    const size_t choices = prepared->prompts.size() * run.best_of();
    Result<void> sent =
        co_await streamed_answer(run, generation, renderer, options.stream_usage, choices, stream);
    if (!sent) co_await stream.fail(std::move(sent).error());
    co_return;
  }
  Result<std::string> answer = co_await whole_answer(run, generation, renderer, *prepared);
  if (!answer) co_return co_await stream.fail(std::move(answer).error());
  Response response = Response::json(200, std::move(*answer));
  co_await out.send(std::move(response));
}

}  // namespace penstock::engine
