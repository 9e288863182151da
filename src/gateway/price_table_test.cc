#include "gateway/price_table.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"

namespace penstock::gateway {
namespace {

constexpr int64_t TokenCounts::* kCounts[] = {
    &TokenCounts::input,  &TokenCounts::cached_input, &TokenCounts::cache_write, &TokenCounts::cache_write_1h,
    &TokenCounts::output, &TokenCounts::reasoning,    &TokenCounts::audio,       &TokenCounts::image};

int64_t below(Random& random, int64_t bound) {
  return static_cast<int64_t>(random.next_u64() % static_cast<uint64_t>(bound));
}

ModelPrice random_price(Random& random) {
  ModelPrice price;
  for (int64_t TokenRates::* rate :
       {&TokenRates::input, &TokenRates::cached_input, &TokenRates::cache_write, &TokenRates::cache_write_1h,
        &TokenRates::output, &TokenRates::reasoning, &TokenRates::audio, &TokenRates::image}) {
    price.rates.*rate = below(random, 100'000'000'000);
  }
  return price;
}

TokenCounts random_counts(Random& random) {
  TokenCounts tokens;
  for (int64_t TokenCounts::* count : kCounts) tokens.*count = below(random, 200'000);
  return tokens;
}

TEST(CostOf, IsTheSumOfItsKindsToHalfANanoDollar) {
  SeededRandom random(5);
  for (int i = 0; i < 5'000; ++i) {
    ModelPrice price = random_price(random);
    TokenCounts tokens = random_counts(random);
    long double parts = 0;
    for (int64_t TokenCounts::* count : kCounts) {
      TokenCounts one;
      one.*count = tokens.*count;
      parts += static_cast<long double>(cost_of(one, price).nano_usd);
    }
    // Each part is rounded by half a nano-dollar at most, and so is the whole.
    EXPECT_NEAR(static_cast<double>(parts), static_cast<double>(cost_of(tokens, price).nano_usd), 4.5);
  }
}

TEST(CostOf, IsTheSumOfRequestsExactlyWherePricesPerTokenAreWhole) {
  SeededRandom random(6);
  ModelPrice price = random_price(random);
  price.rates = {.input = 150'000'000, .cached_input = 75'000'000, .output = 600'000'000};
  int64_t sum = 0;
  TokenCounts all;
  for (int i = 0; i < 1'000; ++i) {
    TokenCounts tokens{
        .input = below(random, 9'000), .cached_input = below(random, 9'000), .output = below(random, 900)};
    sum += cost_of(tokens, price).nano_usd;
    all.input += tokens.input;
    all.cached_input += tokens.cached_input;
    all.output += tokens.output;
  }
  EXPECT_EQ(cost_of(all, price).nano_usd, sum);
}

TEST(CostOf, RoundsOnceAndHalfUp) {
  ModelPrice price{.rates = {.input = 1, .output = 1}, .tiers = {}};
  EXPECT_EQ(cost_of({.input = 499'999}, price).nano_usd, 0);
  EXPECT_EQ(cost_of({.input = 500'000}, price).nano_usd, 1);
  EXPECT_EQ(cost_of({.input = 250'000, .output = 250'000}, price).nano_usd, 1);
}

TEST(CostOf, NeverFallsWhenTokensAreAdded) {
  SeededRandom random(7);
  for (int i = 0; i < 5'000; ++i) {
    ModelPrice price = random_price(random);
    TokenCounts tokens = random_counts(random);
    int64_t before = cost_of(tokens, price).nano_usd;
    tokens.*kCounts[random.next_u64() % std::size(kCounts)] += below(random, 1'000);
    EXPECT_GE(cost_of(tokens, price).nano_usd, before);
  }
}

TEST(CostOf, ReadsAWholeRequestByTheTierOfItsInput) {
  ModelPrice price{.rates = {.input = 1'250'000'000, .output = 10'000'000'000},
                   .tiers = {{200'000, {.input = 2'500'000'000, .output = 15'000'000'000}}}};
  EXPECT_EQ(cost_of({.input = 200'000, .output = 10}, price).nano_usd, 200'000 * 1250 + 10 * 10'000);
  EXPECT_EQ(cost_of({.input = 200'001, .output = 10}, price).nano_usd, 200'001 * 2500 + 10 * 15'000);
  EXPECT_EQ(cost_of({.input = 1, .cached_input = 200'000, .output = 10}, price).nano_usd, 2500 + 10 * 15'000);
}

TEST(CostOf, StopsAtTheLargestAmount) {
  ModelPrice price{.rates = {.input = 1'000'000'000'000'000}, .tiers = {}};
  EXPECT_EQ(cost_of({.input = std::numeric_limits<int64_t>::max()}, price).nano_usd,
            std::numeric_limits<int64_t>::max());
}

TEST(CostCeiling, IsNeverBelowTheCost) {
  SeededRandom random(8);
  for (int i = 0; i < 5'000; ++i) {
    ModelPrice price = random_price(random);
    price.tiers.push_back({below(random, 400'000), random_price(random).rates});
    TokenCounts tokens = random_counts(random);
    tokens.audio = 0;
    int64_t input =
        tokens.input + tokens.cached_input + tokens.cache_write + tokens.cache_write_1h + tokens.image;
    EXPECT_GE(cost_ceiling(input, tokens.output + tokens.reasoning, price), cost_of(tokens, price));
  }
}

PriceTable table(UnknownModel unknown) {
  auto priced = [](int64_t input) {
    return ModelPrice{.rates = {.input = input, .output = 2 * input}, .tiers = {}};
  };
  return PriceTable({{"gpt-x", priced(1)},
                     {"anthropic/gpt-x", priced(2)},
                     {"mine/gpt-x", priced(3)},
                     {"gpt-*", priced(4)},
                     {"gpt-x-*", priced(5)},
                     {"mine/*", priced(6)}},
                    unknown, "7");
}

TEST(PriceTable, PrefersTheProviderThenItsTypeThenTheModel) {
  PriceTable prices = table(UnknownModel::kDeny);
  auto input = [&](const PricedModel& model) { return prices.pricing(model)->price->rates.input; };
  EXPECT_EQ(input({.provider = "mine", .type = "anthropic", .model = "gpt-x"}), 3);
  EXPECT_EQ(input({.provider = "other", .type = "anthropic", .model = "gpt-x"}), 2);
  EXPECT_EQ(input({.provider = "other", .type = "openai", .model = "gpt-x"}), 1);
  EXPECT_EQ(input({.provider = "other", .type = "openai", .model = "gpt-x-mini"}), 5);
  EXPECT_EQ(input({.provider = "other", .type = "openai", .model = "gpt-y"}), 4);
  EXPECT_EQ(input({.provider = "mine", .type = "openai", .model = "llama"}), 6);
}

TEST(PriceTable, AnUnknownModelIsNeverFree) {
  PricedModel unknown{.provider = "p", .type = "openai", .model = "new-model"};
  auto denied = table(UnknownModel::kDeny).pricing(unknown);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(denied.error().reason, "model_not_priced");
  EXPECT_NE(denied.error().message.find("new-model"), std::string::npos);

  PriceTable dear = table(UnknownModel::kCeiling);
  auto ceiling = dear.pricing(unknown);
  ASSERT_TRUE(ceiling);
  EXPECT_EQ(ceiling->basis, PriceBasis::kCeiling);
  EXPECT_EQ(ceiling->price->rates.input, 6);
  EXPECT_EQ(ceiling->price->rates.output, 12);

  auto recorded = table(UnknownModel::kRecord).pricing(unknown);
  ASSERT_TRUE(recorded);
  EXPECT_EQ(recorded->basis, PriceBasis::kUnpriced);
  EXPECT_EQ(recorded->price, nullptr);

  // A ceiling of nothing would be free.
  EXPECT_FALSE(PriceTable({}, UnknownModel::kCeiling, "").pricing(unknown));
}

TEST(PriceTable, AnEngineIsFreeUnlessItIsPriced) {
  PriceTable prices = table(UnknownModel::kDeny);
  auto free =
      prices.pricing({.provider = "engine:small", .type = "penstock", .model = "small", .is_engine = true});
  ASSERT_TRUE(free);
  EXPECT_EQ(free->basis, PriceBasis::kFree);
  EXPECT_EQ(cost_of({.input = 1'000'000, .output = 1'000'000}, *free->price).nano_usd, 0);
  auto priced =
      prices.pricing({.provider = "engine:gpt-x", .type = "penstock", .model = "gpt-x", .is_engine = true});
  EXPECT_EQ(priced->basis, PriceBasis::kListed);
}

}  // namespace
}  // namespace penstock::gateway
