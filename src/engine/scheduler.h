#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "engine/generation.h"
#include "engine/lane.h"
#include "engine/metrics.h"
#include "engine/sequence.h"

namespace penstock::engine {

class Model;

struct SchedulerOptions {
  std::vector<LaneOptions> lanes;         // by ascending window, see plan_lanes()
  int32_t queue_max = 256;                // requests that wait; one more is refused
  int32_t prefill_tokens_per_step = 128;  // of prompts, so that running texts never wait for a long one
};

// Generates many texts at once: continuous batching. One thread of its own holds every libllama context.
//
// Each turn computes one step per lane: the next token of every running sequence, and pieces of new prompts
// up to a budget. Sequences wait in order of arrival; each runs in the narrowest lane that it is expected to
// fit, and moves to a wider one when it outgrows that. When a shared lane's cells run out, the newest
// sequence goes back to the front of the queue and is computed again later (preemption).
class Scheduler {
 public:
  // `model`, `metrics`, `clock` and `random` (thread-safe) must outlive the scheduler.
  static Result<std::unique_ptr<Scheduler>> create(const Model& model, SchedulerOptions options,
                                                   EngineMetrics& metrics, Clock& clock, Random& random);
  ~Scheduler();  // stop()
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Takes a request whose events go to `sink`, and returns its id. Any thread. kInvalidArgument for what can
  // never run
  // (`reason` context_length_exceeded when the prompt leaves no room for a token), kRateLimited with
  // retry_after_ms when the queue is full, kUnavailable after stop(). `arrived_us` is the clock's monotonic
  // time of its arrival.
  Result<uint64_t> submit(GenerationRequest request, int64_t arrived_us, EventSink sink);

  // Its sequences leave at once and its sink is destroyed without another event. Unknown ids are ignored. Any
  // thread.
  void cancel(uint64_t id);

  // Prompt and text together have at most so many tokens.
  int32_t window_tokens() const { return window_tokens_; }

  // Ends the thread; open requests fail with kUnavailable.
  void stop();

 private:
  struct Item;
  using Sequences = std::vector<std::unique_ptr<Sequence>>;

  Scheduler(const Model& model, SchedulerOptions options, EngineMetrics& metrics, Clock& clock,
            Random& random);
  Result<void> open_lanes();
  Result<void> check(GenerationRequest& request) const;
  int64_t retry_after_ms() const;

  // One turn of the thread, in this order.
  void run();
  bool take_inbox();
  void turn();
  void admit();
  void step(Lane& lane, int32_t& prefill_budget);
  void sweep();
  void publish();

  Lane* lane_for(const Sequence& sequence, std::vector<const Lane*>& blocked) const;
  int32_t uncomputed(const Lane& lane) const;
  std::vector<Item> plan(Lane& lane, int32_t& prefill_budget);
  bool make_room(Lane& lane, Sequence& sequence);
  Result<void> fill_step(Lane& lane, std::vector<Item>& items);
  void use_results(Lane& lane, const std::vector<Item>& items);
  void fork_choices(Lane& lane, Sequence& first, std::span<const float> logits);
  void advance(Sequence& sequence, std::span<const float> logits);
  void end_choice(Sequence& sequence, FinishReason reason);
  void place(Sequence& sequence, Lane& lane, int32_t slot);
  void evict(Sequence& sequence);
  Sequence* newest(const Lane& lane) const;
  void fail(Group& group, const Error& error);
  void fail_where(const Lane* lane, const Error& error);
  void leave_queue(Group& group);
  void close_gap(Lane& lane);

  const Model& model_;
  SchedulerOptions options_;
  EngineMetrics& metrics_;
  Clock& clock_;
  Random& random_;
  int32_t window_tokens_ = 0;

  // Engine thread only.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::deque<std::unique_ptr<Sequence>> waiting_;
  Sequences running_;  // by admission
  Sequences forks_;    // choices that wait for their request's prompt
  int64_t turns_ = 0;
  int64_t last_end_us_ = 0;

  std::mutex mutex_;  // guards these four
  std::condition_variable changed_;
  std::vector<Sequences> inbox_;
  std::vector<uint64_t> cancellations_;
  bool stopping_ = false;

  std::atomic<uint64_t> next_id_ = 1;
  std::atomic<int32_t> queued_ = 0;                   // requests that never had a slot
  std::atomic<int64_t> end_interval_us_ = 1'000'000;  // between two requests that end, smoothed
  std::thread thread_;
};

}  // namespace penstock::engine
