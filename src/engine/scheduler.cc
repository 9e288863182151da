#include "engine/scheduler.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/log.h"
#include "engine/model.h"

namespace penstock::engine {
namespace {

// How much text a sequence is expected to get when its lane is chosen; it moves to a wider one if it gets
// more.
constexpr int32_t kExpectedTextTokens = 256;
constexpr int32_t kChoicesMax = 128;  // OpenAI's limit of n
constexpr int64_t kRetryAfterMinMs = 1'000;
constexpr int64_t kRetryAfterMaxMs = 60'000;

int32_t size_of(const auto& container) { return static_cast<int32_t>(container.size()); }

int32_t remaining(const Sequence& sequence) {
  return size_of(sequence.tokens()) - sequence.lane->length(sequence.slot);
}

Error stopping_error() { return Error::unavailable("the engine is stopping"); }

}  // namespace

// What one sequence gets computed in a step.
struct Scheduler::Item {
  Sequence* sequence;
  int32_t count;
  int32_t first_row = -1;  // of consecutive rows, one per token
};

Scheduler::Scheduler(const Model& model, SchedulerOptions options, EngineMetrics& metrics, Clock& clock,
                     Random& random)
    : model_(model), options_(std::move(options)), metrics_(metrics), clock_(clock), random_(random) {}

Scheduler::~Scheduler() { stop(); }

Result<std::unique_ptr<Scheduler>> Scheduler::create(const Model& model, SchedulerOptions options,
                                                     EngineMetrics& metrics, Clock& clock, Random& random) {
  std::unique_ptr<Scheduler> scheduler(new Scheduler(model, std::move(options), metrics, clock, random));
  RETURN_IF_ERROR(scheduler->open_lanes());
  scheduler->thread_ = std::thread([raw = scheduler.get()] { raw->run(); });
  return scheduler;
}

Result<void> Scheduler::open_lanes() {
  if (options_.lanes.empty()) return Failure(Error::invalid("lanes", "a scheduler needs a lane"));
  for (const LaneOptions& lane : options_.lanes) {
    ASSIGN_OR_RETURN(auto opened, Lane::create(model_, lane));
    lanes_.push_back(std::move(opened));
  }
  // Not the lane's window, which is rounded up and may be more than the model was trained for.
  window_tokens_ = options_.lanes.back().window_tokens;
  return {};
}

Result<uint64_t> Scheduler::submit(GenerationRequest request, int64_t arrived_us, EventSink sink) {
  RETURN_IF_ERROR(check(request));
  auto group = std::make_shared<Group>();
  group->id = next_id_++;
  group->request = std::move(request);
  group->sink = std::move(sink);
  group->arrived_us = arrived_us;
  group->open_choices = group->request.choices;
  Sequences choices;
  for (int32_t choice = 0; choice < group->request.choices; ++choice) {
    ASSIGN_OR_RETURN(auto sequence, Sequence::create(model_, group, choice, random_));
    choices.push_back(std::move(sequence));
  }
  std::lock_guard lock(mutex_);
  if (stopping_) return Failure(stopping_error());
  if (queued_ >= options_.queue_max) {
    return Failure(Error{.code = ErrorCode::kRateLimited,
                         .message = fmt::format("the engine's queue is full ({} requests); try again later",
                                                options_.queue_max),
                         .reason = "queue_full",
                         .retry_after_ms = retry_after_ms()});
  }
  ++queued_;
  inbox_.push_back(std::move(choices));
  changed_.notify_one();
  return group->id;
}

Result<void> Scheduler::check(GenerationRequest& request) const {
  if (request.prompt.empty()) return Failure(Error::invalid("prompt", "the prompt has no tokens"));
  const int32_t room = window_tokens_ - size_of(request.prompt);
  if (room < std::min(request.tokens_max, 1)) {
    Error error = Error::invalid(
        "prompt", fmt::format("This model's maximum context length is {} tokens, and the prompt has {}.",
                              window_tokens_, request.prompt.size()));
    error.reason = "context_length_exceeded";
    return Failure(std::move(error));
  }
  for (Token token : request.prompt) {
    if (token < 0 || token >= model_.vocabulary_size()) {
      return Failure(
          Error::invalid("prompt", fmt::format("token {} is not in the model's vocabulary", token)));
    }
  }
  for (LogitBias bias : request.sampling.logit_bias) {
    if (bias.token < 0 || bias.token >= model_.vocabulary_size()) {
      return Failure(
          Error::invalid("logit_bias", fmt::format("token {} is not in the model's vocabulary", bias.token)));
    }
  }
  if (request.choices < 1 || request.choices > kChoicesMax) {
    return Failure(Error::invalid("n", fmt::format("must be from 1 to {}", kChoicesMax)));
  }
  request.tokens_max = std::clamp(request.tokens_max, 0, room);
  return {};
}

int64_t Scheduler::retry_after_ms() const {
  return std::clamp(queued_ * end_interval_us_ / 1000, kRetryAfterMinMs, kRetryAfterMaxMs);
}

void Scheduler::cancel(uint64_t id) {
  std::lock_guard lock(mutex_);
  cancellations_.push_back(id);
  changed_.notify_one();
}

void Scheduler::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Scheduler::run() {
  pthread_setname_np(pthread_self(), "engine");
  while (take_inbox()) {
    try {
      turn();
    } catch (const std::exception& thrown) {
      log_error("the engine dropped its requests", {{"reason", thrown.what()}});
      fail_where(nullptr, Error::internal("the engine failed; its log says why"));
      sweep();
    }
  }
  fail_where(nullptr, stopping_error());
  sweep();
}

// Waits while there is nothing to do. False: stop.
bool Scheduler::take_inbox() {
  std::vector<Sequences> arrived;
  std::vector<uint64_t> cancelled;
  bool stop = false;
  {
    std::unique_lock lock(mutex_);
    const bool idle = waiting_.empty() && running_.empty();
    changed_.wait(lock, [&] { return !idle || stopping_ || !inbox_.empty() || !cancellations_.empty(); });
    arrived = std::exchange(inbox_, {});
    cancelled = std::exchange(cancellations_, {});
    stop = stopping_;
  }
  for (Sequences& choices : arrived) {
    waiting_.push_back(std::move(choices.front()));
    std::move(choices.begin() + 1, choices.end(), std::back_inserter(forks_));
  }
  auto drop = [&](auto& sequences) {
    for (auto& sequence : sequences) {
      Group& group = sequence->group();
      if (std::ranges::find(cancelled, group.id) == cancelled.end() || group.abandoned) continue;
      group.abandoned = true;
      metrics_.ended(Ending::kAbort);
    }
  };
  if (!cancelled.empty()) {
    drop(waiting_);
    drop(running_);
    drop(forks_);
    sweep();
  }
  return !stop;
}

void Scheduler::turn() {
  admit();
  int32_t prefill_budget = options_.prefill_tokens_per_step;
  // Lanes take turns in being first at the budget.
  ++turns_;
  for (size_t i = 0; i < lanes_.size(); ++i) step(*lanes_[(turns_ + i) % lanes_.size()], prefill_budget);
  sweep();
  publish();
}

void Scheduler::admit() {
  std::vector<const Lane*> blocked;
  for (auto& sequence : waiting_) {
    if (blocked.size() == lanes_.size()) break;
    Lane* lane = lane_for(*sequence, blocked);
    if (lane == nullptr) continue;
    Group& group = sequence->group();
    leave_queue(group);
    if (group.scheduled_us == 0) {
      group.scheduled_us = clock_.monotonic_us();
      metrics_.queue_time.observe(static_cast<double>(group.scheduled_us - group.arrived_us) * 1e-6);
    }
    place(*sequence, *lane, *lane->take_slot());
    running_.push_back(std::move(sequence));
  }
  std::erase(waiting_, nullptr);
}

// The narrowest lane that is wide enough and free; those that are not are then blocked for whoever comes
// later.
Lane* Scheduler::lane_for(const Sequence& sequence, std::vector<const Lane*>& blocked) const {
  const int32_t present = size_of(sequence.tokens());
  const int32_t expected = present + std::min(sequence.still_wanted(), kExpectedTextTokens);
  const int32_t wanted = std::min(std::max(expected, sequence.window_min), window_tokens_);
  for (const auto& lane : lanes_) {
    if (lane->options().window_tokens < wanted) continue;
    if (std::ranges::find(blocked, lane.get()) != blocked.end()) continue;
    if (lane->slots_free() > 0 && lane->cells_free() - uncomputed(*lane) > present) return lane.get();
    blocked.push_back(lane.get());
  }
  return nullptr;
}

// Tokens of the lane's sequences that have no cell yet.
int32_t Scheduler::uncomputed(const Lane& lane) const {
  int32_t count = 0;
  for (const auto& sequence : running_) {
    if (sequence && sequence->lane == &lane) count += remaining(*sequence);
  }
  return count;
}

void Scheduler::step(Lane& lane, int32_t& prefill_budget) {
  std::vector<Item> items = plan(lane, prefill_budget);
  if (items.empty()) return;
  Result<void> filled = fill_step(lane, items);
  const StepOutcome outcome = lane.run();
  if (!filled) return fail_where(&lane, filled.error());
  switch (outcome) {
    case StepOutcome::kDone:
      return use_results(lane, items);
    case StepOutcome::kFull:
      // Not expected, since cells are counted; a sequence that does not even fit alone would come back for
      // ever.
      if (items.size() == 1)
        return fail(items[0].sequence->group(), Error::internal("the model's memory is full"));
      return evict(*newest(lane));
    case StepOutcome::kFailed:
      return fail_where(&lane, Error::internal("the model could not be computed; the engine's log says why"));
  }
}

std::vector<Scheduler::Item> Scheduler::plan(Lane& lane, int32_t& prefill_budget) {
  std::vector<Item> items;
  int32_t tokens_left = lane.options().step_tokens_max;
  int32_t outputs_left = lane.options().step_outputs_max;
  int32_t cells_left = lane.cells_free();
  auto take = [&](Sequence& sequence, int32_t count, int32_t outputs) {
    items.push_back({&sequence, count});
    tokens_left -= count;
    outputs_left -= outputs;
    cells_left -= count;
  };
  for (size_t i = 0; i < running_.size(); ++i) {
    Sequence& sequence = *running_[i];
    if (sequence.lane != &lane || sequence.over || remaining(sequence) != 1) continue;
    if (lane.room(sequence.slot) < 1 || cells_left < 1) {
      if (!make_room(lane, sequence)) continue;
      cells_left = lane.cells_free() - (lane.options().step_tokens_max - tokens_left);
    }
    take(sequence, 1, 1);
  }
  for (const auto& sequence : running_) {
    if (sequence->lane != &lane || sequence->over || remaining(*sequence) == 1) continue;
    int32_t count = std::min({remaining(*sequence), prefill_budget, tokens_left, lane.room(sequence->slot)});
    const bool logprobs = sequence->wants_prompt_logits(lane.length(sequence->slot));
    if (logprobs) count = std::min(count, outputs_left);
    if (count < 1 || outputs_left < 1) break;
    if (cells_left < count) {
      if (items.empty()) make_room(lane, *sequence);  // only prompts fill the lane: the newest gives way
      break;
    }
    take(*sequence, count, logprobs ? count : 1);
    prefill_budget -= count;
  }
  return items;
}

// Makes it possible to compute one more token of `sequence`. False: it left the lane itself.
bool Scheduler::make_room(Lane& lane, Sequence& sequence) {
  if (lane.room(sequence.slot) < 1) {
    sequence.window_min = lane.options().window_tokens + 1;
    evict(sequence);
    return false;
  }
  Sequence& last = *newest(lane);
  ++metrics_.preemptions;
  evict(last);
  return &last != &sequence;
}

Result<void> Scheduler::fill_step(Lane& lane, std::vector<Item>& items) {
  std::ranges::sort(items, {}, [](const Item& item) { return item.sequence->slot; });
  for (Item& item : items) {
    const Sequence& sequence = *item.sequence;
    const int32_t begin = lane.length(sequence.slot);
    for (int32_t i = 0; i < item.count; ++i) {
      const size_t index = begin + i;
      const bool last = index + 1 == sequence.tokens().size();
      const bool wanted = last || sequence.wants_prompt_logits(index);
      ASSIGN_OR_RETURN(int32_t row, lane.add(sequence.slot, sequence.tokens()[index],
                                             wanted ? Lane::Output::kLogits : Lane::Output::kNone));
      if (i == 0) item.first_row = row;
    }
  }
  return {};
}

void Scheduler::use_results(Lane& lane, const std::vector<Item>& items) {
  for (const Item& item : items) {
    Sequence& sequence = *item.sequence;
    const auto length = static_cast<size_t>(lane.length(sequence.slot));
    const size_t begin = length - item.count;
    if (sequence.generated() == 0) metrics_.prompt_tokens += item.count;
    for (size_t index = begin; index < length; ++index) {
      if (!sequence.wants_prompt_logits(index)) continue;
      sequence.note_prompt_logits(index, lane.logits(item.first_row + static_cast<int32_t>(index - begin)));
    }
    if (length < sequence.tokens().size()) continue;
    const std::span<const float> logits = lane.logits(item.first_row + item.count - 1);
    if (logits.empty()) {
      fail(sequence.group(), Error::internal("the model gave no result"));
      continue;
    }
    const bool prompt_ends = sequence.generated() == 0 && sequence.choice() == 0;
    advance(sequence, logits);
    if (prompt_ends) fork_choices(lane, sequence, logits);
  }
}

// The other choices of a request begin where its prompt ends. Those for which there is no slot compute it
// themselves.
void Scheduler::fork_choices(Lane& lane, Sequence& first, std::span<const float> logits) {
  for (auto& fork : forks_) {
    if (&fork->group() != &first.group()) continue;
    Sequence& sequence = *fork;
    std::optional<int32_t> slot = lane.take_slot();
    if (!slot) {
      waiting_.push_front(std::move(fork));
      continue;
    }
    place(sequence, lane, *slot);
    running_.push_back(std::move(fork));
    if (lane.fork(first.slot, *slot)) {
      advance(sequence, logits);
    } else {
      evict(sequence);
    }
  }
  std::erase(forks_, nullptr);
}

void Scheduler::advance(Sequence& sequence, std::span<const float> logits) {
  Group& group = sequence.group();
  if (group.abandoned) return;
  GenerationEvent event = sequence.advance(logits);
  if (event.failure) return fail(group, *event.failure);
  const int64_t now = clock_.monotonic_us();
  if (event.tokens > 0) {
    ++metrics_.generation_tokens;
    const int64_t since = event.tokens == 1 ? group.arrived_us : sequence.last_token_us;
    Histogram& latency = event.tokens == 1 ? metrics_.time_to_first_token : metrics_.inter_token_latency;
    latency.observe(static_cast<double>(now - since) * 1e-6);
  }
  sequence.last_token_us = now;
  const FinishReason reason = event.finish;
  const bool news = reason != FinishReason::kNone || !event.text.empty() || !event.logprobs.empty() ||
                    !event.prompt_logprobs.empty();
  if (news && !group.sink(std::move(event))) {
    group.abandoned = true;
    metrics_.ended(Ending::kAbort);
    return;
  }
  if (reason != FinishReason::kNone) end_choice(sequence, reason);
}

void Scheduler::end_choice(Sequence& sequence, FinishReason reason) {
  Group& group = sequence.group();
  sequence.over = true;
  if (--group.open_choices > 0) return;
  const int64_t now = clock_.monotonic_us();
  metrics_.ended(reason == FinishReason::kStop ? Ending::kStop : Ending::kLength);
  metrics_.request_latency.observe(static_cast<double>(now - group.arrived_us) * 1e-6);
  if (last_end_us_ != 0) end_interval_us_ = (end_interval_us_ * 7 + (now - last_end_us_)) / 8;
  last_end_us_ = now;
}

void Scheduler::place(Sequence& sequence, Lane& lane, int32_t slot) {
  sequence.lane = &lane;
  sequence.slot = slot;
}

// Back to the front of the queue, to be computed again later. The place in running_ goes with the next sweep.
void Scheduler::evict(Sequence& sequence) {
  auto place = std::ranges::find_if(running_, [&](const auto& other) { return other.get() == &sequence; });
  sequence.lane->release_slot(sequence.slot);
  sequence.lane = nullptr;
  sequence.slot = -1;
  waiting_.push_front(std::move(*place));
  running_.erase(place);
}

Sequence* Scheduler::newest(const Lane& lane) const {
  auto found = std::find_if(running_.rbegin(), running_.rend(),
                            [&](const auto& sequence) { return sequence->lane == &lane && !sequence->over; });
  return found == running_.rend() ? nullptr : found->get();
}

void Scheduler::fail(Group& group, const Error& error) {
  if (std::exchange(group.abandoned, true)) return;
  metrics_.ended(Ending::kAbort);
  GenerationEvent event;
  event.failure = error;
  group.sink(std::move(event));
}

// Every request that runs in `lane`, or every request if there is none.
void Scheduler::fail_where(const Lane* lane, const Error& error) {
  auto fail_in = [&](auto& sequences) {
    for (auto& sequence : sequences) {
      if (lane == nullptr || sequence->lane == lane) fail(sequence->group(), error);
    }
  };
  fail_in(running_);
  fail_in(waiting_);
  fail_in(forks_);
}

void Scheduler::leave_queue(Group& group) {
  if (std::exchange(group.queued, false)) --queued_;
}

// Removes what is over, and frees its slots.
void Scheduler::sweep() {
  auto gone = [this](std::unique_ptr<Sequence>& sequence) {
    if (!sequence->over && !sequence->group().abandoned) return false;
    leave_queue(sequence->group());
    if (sequence->lane != nullptr) sequence->lane->release_slot(sequence->slot);
    return true;
  };
  std::erase_if(running_, gone);
  std::erase_if(waiting_, gone);
  std::erase_if(forks_, gone);
  if (waiting_.empty()) {
    for (auto& lane : lanes_) close_gap(*lane);
  }
}

// With nobody waiting for the free slot, a later sequence moves there: see Lane::take_slot.
void Scheduler::close_gap(Lane& lane) {
  std::optional<Lane::Move> move = lane.close_gap();
  if (!move) return;
  for (auto& sequence : running_) {
    if (sequence->lane == &lane && sequence->slot == move->from) sequence->slot = move->to;
  }
}

void Scheduler::publish() {
  metrics_.running = size_of(running_);
  metrics_.waiting = size_of(waiting_) + size_of(forks_);
  int64_t used = 0;
  int64_t all = 0;
  for (const auto& lane : lanes_) {
    used += lane->cells_used();
    all += lane->options().cells;
  }
  metrics_.kv_usage = static_cast<double>(used) / static_cast<double>(all);
}

}  // namespace penstock::engine
