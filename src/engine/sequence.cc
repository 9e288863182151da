#include "engine/sequence.h"

#include <algorithm>
#include <utility>

#include "engine/model.h"

namespace penstock::engine {

Sequence::Sequence(const Model& model, std::shared_ptr<Group> group, int32_t choice, Sampler sampler)
    : model_(model),
      group_(std::move(group)),
      choice_(choice),
      tokens_(group_->request.prompt),
      sampler_(std::move(sampler)),
      text_(group_->request.stops) {}

Result<std::unique_ptr<Sequence>> Sequence::create(const Model& model, std::shared_ptr<Group> group,
                                                   int32_t choice, Random& random) {
  ASSIGN_OR_RETURN(Sampler sampler, Sampler::create(model, group->request, choice, random));
  return std::unique_ptr<Sequence>(new Sequence(model, std::move(group), choice, std::move(sampler)));
}

bool Sequence::wants_prompt_logits(size_t index) const {
  const GenerationRequest& request = group_->request;
  // Those after the last token choose the first of the text. A preempted sequence has noted them before.
  return choice_ == 0 && request.prompt_logprobs && request.top_logprobs &&
         index + 1 < request.prompt.size() && prompt_logprobs_.size() <= index + 1;
}

void Sequence::note_prompt_logits(size_t index, std::span<const float> logits) {
  if (prompt_logprobs_.empty()) {
    prompt_logprobs_.push_back({.chosen = {tokens_[0], 0}, .top = {}, .known = false});
  }
  prompt_logprobs_.push_back(logprob_of(logits, tokens_[index + 1], *group_->request.top_logprobs));
}

GenerationEvent Sequence::advance(std::span<const float> logits) {
  const GenerationRequest& request = group_->request;
  GenerationEvent event{.choice = choice_};
  event.prompt_logprobs = std::exchange(prompt_logprobs_, {});
  if (request.tokens_max == 0) return finish(std::move(event), FinishReason::kLength);
  Result<Token> token = sampler_.next(logits);
  if (!token) {
    event.failure = std::move(token).error();
    return event;
  }
  ++drawn_;
  event.tokens = drawn_;
  if (model_.ends_text(*token) && !request.ignore_end) return finish(std::move(event), FinishReason::kStop);
  tokens_.push_back(*token);
  const bool shown = !model_.is_control(*token) ||
                     std::ranges::find(request.shown_specials, *token) != request.shown_specials.end();
  event.text = text_.add(shown ? model_.piece(*token) : std::string_view());
  if (request.top_logprobs) {
    unsent_.push_back({text_.bytes_in(), logprob_of(logits, *token, *request.top_logprobs)});
  }
  if (text_.stopped()) return finish(std::move(event), FinishReason::kStop);
  if (still_wanted() <= 0) return finish(std::move(event), FinishReason::kLength);
  take_certain_logprobs(event, text_.bytes_out());
  return event;
}

GenerationEvent Sequence::finish(GenerationEvent event, FinishReason reason) {
  event.text += text_.finish();
  take_certain_logprobs(event, text_.stopped() ? text_.bytes_out() : text_.bytes_in());
  event.finish = reason;
  return event;
}

void Sequence::take_certain_logprobs(GenerationEvent& event, size_t bytes) {
  for (; !unsent_.empty() && unsent_.front().end <= bytes; unsent_.pop_front()) {
    event.logprobs.push_back(std::move(unsent_.front().logprob));
  }
}

}  // namespace penstock::engine
