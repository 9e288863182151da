#include "engine/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "engine/test_model.h"

namespace penstock::engine {
namespace {

// Logits of which only the named tokens are likely.
std::vector<float> logits_of(std::initializer_list<std::pair<Token, float>> likely) {
  std::vector<float> logits(chat_model().vocabulary_size(), -100);
  for (auto [token, logit] : likely) logits[token] = logit;
  return logits;
}

Sampler sampler_of(const SamplingOptions& options, std::vector<Token> prompt = {1}, int32_t choice = 0) {
  GenerationRequest request;
  request.prompt = std::move(prompt);
  request.sampling = options;
  SeededRandom random(1);
  return Sampler::create(chat_model(), request, choice, random).value();
}

std::map<Token, int> drawn(Sampler& sampler, const std::vector<float>& logits, int count) {
  std::map<Token, int> counts;
  for (int i = 0; i < count; ++i) ++counts[sampler.next(logits).value()];
  return counts;
}

TEST(Sampler, TakesTheLikeliestTokenAtTemperatureZero) {
  Sampler sampler = sampler_of({.temperature = 0});
  EXPECT_EQ(sampler.next(logits_of({{10, 1}, {20, 3}, {30, 2}})).value(), 20);
}

TEST(Sampler, DrawsInProportionToTheSoftmax) {
  Sampler sampler = sampler_of({.temperature = 1, .seed = 5});
  auto counts = drawn(sampler, logits_of({{10, std::log(3.0F)}, {20, 0}}), 1'000);
  EXPECT_NEAR(counts[10] / 1'000.0, 0.75, 0.05);
  EXPECT_EQ(counts[10] + counts[20], 1'000);
}

TEST(Sampler, RepeatsItsDrawsForTheSameSeedOnly) {
  const auto logits = logits_of({{10, 1}, {20, 1}, {30, 1}, {40, 1}});
  auto draw = [&](uint64_t seed, int32_t choice) {
    Sampler sampler = sampler_of({.temperature = 1, .seed = seed}, {1}, choice);
    std::vector<Token> tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(sampler.next(logits).value());
    return tokens;
  };
  EXPECT_EQ(draw(1, 0), draw(1, 0));
  EXPECT_NE(draw(1, 0), draw(2, 0));
  EXPECT_NE(draw(1, 0), draw(1, 1));
}

TEST(Sampler, KeepsTheFewestTokensThatHoldTopP) {
  const auto logits = logits_of({{10, std::log(6.0F)}, {20, std::log(3.0F)}, {30, 0}});
  Sampler narrow = sampler_of({.temperature = 1, .top_p = 0.5, .seed = 1});
  EXPECT_EQ(drawn(narrow, logits, 200).size(), 1U);
  Sampler wider = sampler_of({.temperature = 1, .top_p = 0.7, .seed = 1});
  EXPECT_EQ(drawn(wider, logits, 200).size(), 2U);
  Sampler zero = sampler_of({.temperature = 1, .top_p = 0, .seed = 1});
  EXPECT_EQ(drawn(zero, logits, 50).begin()->first, 10);
}

TEST(Sampler, KeepsTopKAndWhatMinPLeaves) {
  const auto logits = logits_of({{10, std::log(6.0F)}, {20, std::log(3.0F)}, {30, 0}});
  Sampler top_k = sampler_of({.temperature = 1, .top_k = 2, .seed = 1});
  EXPECT_EQ(drawn(top_k, logits, 200).count(30), 0U);
  Sampler min_p = sampler_of({.temperature = 1, .min_p = 0.4, .seed = 1});
  EXPECT_EQ(drawn(min_p, logits, 200).count(30), 0U);
}

TEST(Sampler, PenalisesWhatWasGenerated) {
  const auto logits = logits_of({{10, 3}, {20, 2}});
  Sampler presence = sampler_of({.temperature = 0, .presence_penalty = 1.5});
  EXPECT_EQ(presence.next(logits).value(), 10);
  EXPECT_EQ(presence.next(logits).value(), 20);
  Sampler frequency = sampler_of({.temperature = 0, .frequency_penalty = 0.6});
  EXPECT_EQ(frequency.next(logits).value(), 10);
  EXPECT_EQ(frequency.next(logits).value(), 10);
  EXPECT_EQ(frequency.next(logits).value(), 20);
}

TEST(Sampler, AppliesTheRepetitionPenaltyToThePromptToo) {
  Sampler sampler = sampler_of({.temperature = 0, .repetition_penalty = 2}, {10});
  EXPECT_EQ(sampler.next(logits_of({{10, 3}, {20, 2}})).value(), 20);
}

TEST(Sampler, BansAndPrefersTokensByBias) {
  const auto logits = logits_of({{10, 3}, {20, 2}});
  Sampler banned = sampler_of({.temperature = 0, .logit_bias = {{10, -100}}});
  EXPECT_EQ(banned.next(logits).value(), 20);
  Sampler preferred = sampler_of({.temperature = 0, .logit_bias = {{30, 100}}});
  EXPECT_EQ(preferred.next(logits_of({{10, 3}, {30, -20}})).value(), 30);
}

TEST(Sampler, FollowsTheGrammarWhateverTheModelPrefers) {
  const Token yes = tokens_of("yes")[0];
  const Token no = tokens_of("no")[0];
  for (float temperature : {0.0F, 1.0F}) {
    GenerationRequest request;
    request.prompt = {1};
    request.sampling.temperature = temperature;
    request.sampling.seed = 3;
    request.constraint.grammar = R"(root ::= "yes" | "no")";
    SeededRandom random(1);
    Sampler sampler = Sampler::create(chat_model(), request, 0, random).value();
    EXPECT_EQ(sampler.next(logits_of({{10, 9}, {yes, 1}, {no, -99}})).value(), yes);
  }
}

TEST(Sampler, RefusesAGrammarThatDoesNotParse) {
  GenerationRequest request;
  request.prompt = {1};
  request.constraint.grammar = "root ::= (";
  SeededRandom random(1);
  EXPECT_EQ(Sampler::create(chat_model(), request, 0, random).error().code, ErrorCode::kInvalidArgument);
}

TEST(LogprobOf, IsTheLogarithmOfTheSoftmax) {
  const auto logits = logits_of({{10, std::log(3.0F)}, {20, 0}});
  const TokenLogprob logprob = logprob_of(logits, 20, 2);
  EXPECT_NEAR(logprob.chosen.logprob, std::log(0.25), 1e-4);
  ASSERT_EQ(logprob.top.size(), 2U);
  EXPECT_EQ(logprob.top[0].token, 10);
  EXPECT_NEAR(logprob.top[0].logprob, std::log(0.75), 1e-4);
}

}  // namespace
}  // namespace penstock::engine
