#include "engine/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/lane_plan.h"
#include "engine/test_model.h"

namespace penstock::engine {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPrompt =
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";

LaneOptions shared_lane(int32_t slots, int32_t window, int32_t cells = 0) {
  return {.memory = LaneMemory::kShared,
          .slots = slots,
          .window_tokens = window,
          .cells = cells,
          .step_tokens_max = 256,
          .step_outputs_max = slots + kPromptOutputsMax};
}

LaneOptions split_lane(int32_t slots, int32_t window) {
  LaneOptions lane = shared_lane(slots, window);
  lane.memory = LaneMemory::kSplit;
  return lane;
}

struct Engine {
  explicit Engine(SchedulerOptions options)
      : scheduler(
            Scheduler::create(chat_model(), std::move(options), metrics, system_clock(), system_random())
                .value()) {}

  uint64_t start(GenerationRequest request, Collector& collector) {
    auto id = scheduler->submit(std::move(request), system_clock().monotonic_us(), collector.sink());
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(0);
  }

  EngineMetrics metrics;
  std::unique_ptr<Scheduler> scheduler;
};

GenerationRequest greedy(std::string_view prompt, int32_t tokens_max) {
  GenerationRequest request;
  request.prompt = tokens_of(prompt);
  request.sampling.temperature = 0;
  request.tokens_max = tokens_max;
  return request;
}

std::string answer(Engine& engine, GenerationRequest request) {
  Collector collector;
  const int choices = request.choices;
  engine.start(std::move(request), collector);
  return text_of(collector.wait(choices));
}

TEST(Scheduler, GeneratesTextUntilTheModelEndsIt) {
  Engine engine({.lanes = {shared_lane(2, 512)}});
  Collector collector;
  engine.start(greedy(kPrompt, 64), collector);
  auto events = collector.wait();
  EXPECT_THAT(text_of(events), HasSubstr("Paris"));
  EXPECT_EQ(events.back().finish, FinishReason::kStop);
  EXPECT_EQ(engine.metrics.generation_tokens.load(), static_cast<uint64_t>(events.back().tokens));
}

TEST(Scheduler, StopsAtTheTokenLimitAndCountsTokens) {
  Engine engine({.lanes = {shared_lane(2, 512)}});
  Collector collector;
  engine.start(greedy(kPrompt, 3), collector);
  auto events = collector.wait();
  EXPECT_EQ(events.back().finish, FinishReason::kLength);
  EXPECT_EQ(events.back().tokens, 3);
}

TEST(Scheduler, GivesEachSequenceTheTextItWouldGetAlone) {
  const std::vector<std::string> prompts = {"The sea is", "Once upon a time", "In 1969, the",
                                            "Water boils at", "def add(a, b):"};
  for (LaneOptions lane : {shared_lane(5, 512), split_lane(5, 512)}) {
    Engine engine({.lanes = {lane}});
    std::vector<std::string> alone;
    for (const auto& prompt : prompts) alone.push_back(answer(engine, greedy(prompt, 12)));
    std::vector<Collector> collectors(prompts.size());
    for (size_t i = 0; i < prompts.size(); ++i) engine.start(greedy(prompts[i], 12), collectors[i]);
    for (size_t i = 0; i < prompts.size(); ++i) EXPECT_EQ(text_of(collectors[i].wait()), alone[i]);
  }
}

TEST(Scheduler, ComputesAPromptOnceForAllChoices) {
  for (LaneOptions lane : {shared_lane(4, 512), split_lane(4, 512)}) {
    Engine engine({.lanes = {lane}});
    GenerationRequest request = greedy(kPrompt, 8);
    request.choices = 3;
    const size_t prompt_tokens = request.prompt.size();
    Collector collector;
    engine.start(std::move(request), collector);
    auto events = collector.wait(3);
    EXPECT_EQ(engine.metrics.prompt_tokens.load(), prompt_tokens);
    EXPECT_EQ(text_of(events, 0), text_of(events, 1));  // greedy
    EXPECT_EQ(text_of(events, 0), text_of(events, 2));
  }
}

TEST(Scheduler, GeneratesMoreChoicesThanItHasSlots) {
  Engine engine({.lanes = {split_lane(2, 512)}});
  GenerationRequest request = greedy(kPrompt, 6);
  request.choices = 5;
  Collector collector;
  engine.start(std::move(request), collector);
  auto events = collector.wait(5);
  for (int choice = 1; choice < 5; ++choice) EXPECT_EQ(text_of(events, choice), text_of(events, 0));
}

TEST(Scheduler, RepeatsASeededTextAndVariesItsChoices) {
  Engine engine({.lanes = {shared_lane(4, 512)}});
  GenerationRequest request = greedy("Once upon a time", 16);
  request.sampling.temperature = 1;
  request.sampling.seed = 7;
  request.choices = 2;
  std::vector<std::string> texts;
  for (int round = 0; round < 2; ++round) {
    Collector collector;
    engine.start(request, collector);
    auto events = collector.wait(2);
    texts.push_back(text_of(events, 0));
    texts.push_back(text_of(events, 1));
  }
  EXPECT_EQ(texts[0], texts[2]);
  EXPECT_EQ(texts[1], texts[3]);
  EXPECT_NE(texts[0], texts[1]);
}

TEST(Scheduler, FreesTheSlotOfACancelledRequest) {
  Engine engine({.lanes = {shared_lane(1, 2048)}});
  GenerationRequest endless = greedy("Once upon a time", 1500);
  endless.ignore_end = true;
  Collector first;
  const uint64_t id = engine.start(std::move(endless), first);
  first.wait_for_events(2);
  Collector second;
  engine.start(greedy(kPrompt, 4), second);
  engine.scheduler->cancel(id);
  EXPECT_EQ(second.wait().back().finish, FinishReason::kLength);
}

TEST(Scheduler, EndsARequestWhoseSinkRefuses) {
  Engine engine({.lanes = {shared_lane(1, 2048)}});
  GenerationRequest endless = greedy("Once upon a time", 1500);
  endless.ignore_end = true;
  Collector first;
  first.listen_for(2);
  engine.start(std::move(endless), first);
  EXPECT_FALSE(answer(engine, greedy(kPrompt, 4)).empty());
  EXPECT_EQ(first.size(), 2U);
}

TEST(Scheduler, RefusesMoreThanItsQueueHolds) {
  std::vector<Collector> collectors(4);  // outlive the engine, which may still hand an event over
  Engine engine({.lanes = {shared_lane(1, 2048)}, .queue_max = 2});
  GenerationRequest endless = greedy("Once upon a time", 1500);
  endless.ignore_end = true;
  std::vector<uint64_t> ids = {engine.start(endless, collectors[0])};
  collectors[0].wait_for_events(1);
  ids.push_back(engine.start(endless, collectors[1]));
  ids.push_back(engine.start(endless, collectors[2]));
  auto refused = engine.scheduler->submit(endless, 0, collectors[3].sink());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
  EXPECT_GE(refused.error().retry_after_ms.value_or(0), 1'000);
  for (uint64_t id : ids) engine.scheduler->cancel(id);
}

TEST(Scheduler, RefusesAPromptThatLeavesNoRoom) {
  Engine engine({.lanes = {shared_lane(1, 512)}});
  GenerationRequest request = greedy("", 4);
  request.prompt.assign(512, 100);
  auto refused = engine.scheduler->submit(request, 0, [](GenerationEvent) { return true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "context_length_exceeded");
  request.prompt = {999'999};
  EXPECT_EQ(engine.scheduler->submit(request, 0, [](GenerationEvent) { return true; }).error().field,
            "prompt");
  request.prompt.clear();
  EXPECT_EQ(engine.scheduler->submit(request, 0, [](GenerationEvent) { return true; }).error().field,
            "prompt");
}

TEST(Scheduler, MovesASequenceThatOutgrowsItsLaneWithoutChangingItsText) {
  GenerationRequest request = greedy("Once upon a time", 320);
  request.ignore_end = true;
  Engine wide({.lanes = {shared_lane(1, 1024)}});
  const std::string expected = answer(wide, request);
  Engine engine({.lanes = {split_lane(2, 256), shared_lane(1, 1024)}});
  EXPECT_EQ(answer(engine, request), expected);
}

TEST(Scheduler, PreemptsTheNewestWhenCellsRunOutAndFinishesAll) {
  // Each of the three would need 300 of 512 cells.
  Engine engine({.lanes = {shared_lane(3, 512, 512)}});
  std::vector<Collector> collectors(3);
  for (Collector& collector : collectors) {
    GenerationRequest request = greedy("Once upon a time", 296);
    request.ignore_end = true;
    engine.start(std::move(request), collector);
  }
  std::vector<std::string> texts;
  for (Collector& collector : collectors) {
    auto events = collector.wait();
    EXPECT_EQ(events.back().finish, FinishReason::kLength);
    EXPECT_EQ(events.back().tokens, 296);
    texts.push_back(text_of(events));
  }
  EXPECT_GT(engine.metrics.preemptions.load(), 0U);
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(Scheduler, KeepsARunningTextGoingWhileALongPromptIsComputed) {
  Engine engine({.lanes = {shared_lane(2, 2048)}, .prefill_tokens_per_step = 32});
  GenerationRequest endless = greedy("Once upon a time", 1500);
  endless.ignore_end = true;
  Collector running;
  const uint64_t id = engine.start(std::move(endless), running);
  running.wait_for_events(1);
  const size_t before = running.size();
  GenerationRequest late = greedy("", 1);
  late.prompt.assign(512, 100);
  Collector collector;
  engine.start(std::move(late), collector);
  collector.wait();
  // 512 tokens in pieces of 32 are 16 steps, each with a token of the running text.
  EXPECT_GE(running.size() - before, 14U);
  engine.scheduler->cancel(id);
}

TEST(Scheduler, GivesLogprobsOfTextAndPrompt) {
  Engine engine({.lanes = {shared_lane(1, 512)}});
  GenerationRequest request = greedy(kPrompt, 4);
  request.top_logprobs = 2;
  request.prompt_logprobs = true;
  const std::vector<Token> prompt = request.prompt;
  Collector collector;
  engine.start(std::move(request), collector);
  auto events = collector.wait();
  ASSERT_EQ(events[0].prompt_logprobs.size(), prompt.size());
  EXPECT_FALSE(events[0].prompt_logprobs[0].known);
  for (size_t i = 1; i < prompt.size(); ++i) {
    EXPECT_EQ(events[0].prompt_logprobs[i].chosen.token, prompt[i]);
    EXPECT_LE(events[0].prompt_logprobs[i].chosen.logprob, 0);
  }
  size_t count = 0;
  for (const auto& event : events) {
    for (const TokenLogprob& logprob : event.logprobs) {
      ASSERT_EQ(logprob.top.size(), 2U);
      EXPECT_EQ(logprob.top[0].token, logprob.chosen.token);  // greedy
      EXPECT_GE(logprob.top[0].logprob, logprob.top[1].logprob);
      ++count;
    }
  }
  EXPECT_EQ(count, 4U);
}

TEST(Scheduler, EndsAtAStopStringAndKeepsItOutOfTheText) {
  Engine engine({.lanes = {shared_lane(1, 512)}});
  GenerationRequest request = greedy(kPrompt, 64);
  request.stops = {"Paris"};
  Collector collector;
  engine.start(std::move(request), collector);
  auto events = collector.wait();
  EXPECT_EQ(events.back().finish, FinishReason::kStop);
  EXPECT_EQ(text_of(events), "The capital of France is ");
}

TEST(Scheduler, FailsOpenRequestsWhenItStops) {
  Engine engine({.lanes = {shared_lane(1, 2048)}});
  GenerationRequest endless = greedy("Once upon a time", 1500);
  endless.ignore_end = true;
  Collector collector;
  engine.start(endless, collector);
  collector.wait_for_events(1);
  engine.scheduler->stop();
  auto events = collector.wait();
  ASSERT_TRUE(events.back().failure);
  EXPECT_EQ(events.back().failure->code, ErrorCode::kUnavailable);
  EXPECT_EQ(engine.scheduler->submit(endless, 0, collector.sink()).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace penstock::engine
