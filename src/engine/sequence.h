#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"
#include "engine/sampler.h"
#include "engine/text_assembler.h"

namespace penstock::engine {

class Lane;
class Model;

// One request in the scheduler: what its choices have in common.
struct Group {
  uint64_t id = 0;
  GenerationRequest request;
  EventSink sink;
  int64_t arrived_us = 0;    // monotonic
  int64_t scheduled_us = 0;  // first time any choice got a slot; 0: not yet
  int32_t open_choices = 0;
  bool queued = true;      // counted in the scheduler's queue
  bool abandoned = false;  // failed, cancelled, or nobody listens
};

// One choice of a request: its tokens, where they are computed and what has been said of them. Engine thread.
class Sequence {
 public:
  static Result<std::unique_ptr<Sequence>> create(const Model& model, std::shared_ptr<Group> group,
                                                  int32_t choice, Random& random);

  Group& group() const { return *group_; }
  int32_t choice() const { return choice_; }

  // Prompt and text; all but the last must be computed before the next token can be chosen.
  const std::vector<Token>& tokens() const { return tokens_; }
  int32_t generated() const { return static_cast<int32_t>(tokens_.size() - group_->request.prompt.size()); }
  int32_t still_wanted() const { return group_->request.tokens_max - generated(); }

  // Where it runs; no lane: it waits.
  Lane* lane = nullptr;
  int32_t slot = -1;
  int32_t window_min = 0;  // set when it outgrew a lane
  int64_t admission = 0;   // ascending; preemption takes the newest
  int64_t last_token_us = 0;
  bool over = false;

  // Takes the logits after the last token, chooses the next one and tells what became certain by it. When the
  // event has a finish reason or failure, the sequence is over.
  GenerationEvent advance(std::span<const float> logits);
  // For a prompt whose tokens' logprobs are wanted: the logits after the token at `index`.
  void note_prompt_logits(size_t index, std::span<const float> logits);
  bool wants_prompt_logits(size_t index) const;

 private:
  struct Unsent {
    size_t end;  // bytes of text up to and including this token
    TokenLogprob logprob;
  };

  Sequence(const Model& model, std::shared_ptr<Group> group, int32_t choice, Sampler sampler);
  void take_certain_logprobs(GenerationEvent& event, size_t bytes);
  GenerationEvent finish(GenerationEvent event, FinishReason reason);

  const Model& model_;
  std::shared_ptr<Group> group_;
  int32_t choice_;
  std::vector<Token> tokens_;
  Sampler sampler_;
  TextAssembler text_;
  int32_t drawn_ = 0;  // tokens chosen, the one that ended the text included
  std::deque<Unsent> unsent_;
  std::vector<TokenLogprob> prompt_logprobs_;
};

}  // namespace penstock::engine
