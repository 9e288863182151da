#include "gateway/price_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "gateway/price_config.h"

namespace penstock::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ScaledDecimal, IsReadExactly) {
  EXPECT_EQ(parse_scaled_decimal("0.15", 9), 150'000'000);
  EXPECT_EQ(parse_scaled_decimal("1.5e-07", 15), 150'000'000);
  EXPECT_EQ(parse_scaled_decimal("7.5E-8", 15), 75'000'000);
  EXPECT_EQ(parse_scaled_decimal("0", 9), 0);
  EXPECT_EQ(parse_scaled_decimal("0.0e-30", 9), 0);
  EXPECT_EQ(parse_scaled_decimal("+2", 9), 2'000'000'000);
  EXPECT_EQ(parse_scaled_decimal("1000000", 9), 1'000'000'000'000'000);
  EXPECT_EQ(parse_scaled_decimal("0.000000001", 9), 1);
  EXPECT_EQ(parse_scaled_decimal("0.1000000000000000000", 9), 100'000'000);
}

TEST(ScaledDecimal, RefusesWhatIsNoPrice) {
  for (std::string_view text : {"", ".", "-1", "1,5", "0.0000000001", "1000001", "1e400", "1e", "1.5.2",
                                "nan", "0x10", "1e-20", "99999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(parse_scaled_decimal(text, 9)) << text;
  }
}

TEST(PriceTableText, ReadsBackAsItWasWritten) {
  SeededRandom random(9);
  for (int round = 0; round < 200; ++round) {
    PriceTable::Models models;
    for (uint64_t i = 0; i < random.next_u64() % 20; ++i) {
      ModelPrice price;
      for (const RateKind& kind : kRateKinds) {
        price.rates.*kind.rate = static_cast<int64_t>(random.next_u64() % 3 * (random.next_u64() >> 30));
      }
      if (random.next_u64() % 3 == 0) price.tiers.push_back({200'000, price.rates});
      models["model \"" + std::to_string(i) + "\""] = price;
    }
    EXPECT_EQ(*decode_prices(encode_prices(models)), models);
  }
}

TEST(PriceTableText, IsReadInItsFirstVersion) {
  auto models = decode_prices(
      R"({"v":1,"models":{"gpt-x":{"input":150000000,"output":600000000,
          "tiers":[{"input_tokens_above":200000,"input":300000000,"output":900000000}]}}})");
  ASSERT_TRUE(models);
  EXPECT_EQ(models->at("gpt-x").rates.output, 600'000'000);
  EXPECT_EQ(models->at("gpt-x").tiers.at(0).rates.input, 300'000'000);
  EXPECT_EQ(decode_prices(R"({"v":2,"models":{}})").error().code, ErrorCode::kNotImplemented);
  EXPECT_FALSE(decode_prices("[]"));
}

TEST(PriceDocument, OursGivesWhatFollowsFromTheRest) {
  auto document = read_price_document(R"(
models:
  claude-x:
    input_usd_per_mtok: 3
    output_usd_per_mtok: 15
    cached_input_usd_per_mtok: 0.3
    cache_write_usd_per_mtok: 3.75
    tiers:
      - { input_tokens_above: 200000, input_usd_per_mtok: 6, output_usd_per_mtok: 22.5 }
)",
                                      "prices.yaml");
  ASSERT_TRUE(document) << document.error().message;
  const ModelPrice& price = document->models.at("claude-x");
  EXPECT_EQ(price.rates, (TokenRates{.input = 3'000'000'000,
                                     .cached_input = 300'000'000,
                                     .cache_write = 3'750'000'000,
                                     .cache_write_1h = 3'750'000'000,
                                     .output = 15'000'000'000,
                                     .reasoning = 15'000'000'000,
                                     .audio = 15'000'000'000,
                                     .image = 3'000'000'000}));
  ASSERT_EQ(price.tiers.size(), 1U);
  EXPECT_EQ(price.tiers[0].rates.input, 6'000'000'000);
  EXPECT_EQ(price.tiers[0].rates.reasoning, 22'500'000'000);
  EXPECT_EQ(price.tiers[0].rates.cached_input, 300'000'000);
}

TEST(PriceDocument, ErrorsNameFileLineAndField) {
  auto unknown = read_price_document("models:\n  m: { input: 3 }\n", "prices.yaml");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("prices.yaml:2"));
  auto fine = read_price_document(
      "models:\n  m: { input_usd_per_mtok: 0.1234567891, output_usd_per_mtok: 1 }\n", "prices.yaml");
  ASSERT_FALSE(fine);
  EXPECT_THAT(fine.error().message, HasSubstr("nine decimals"));
}

TEST(LitellmPrices, TakesPricesPerTokenWithTheirTiers) {
  auto document = read_price_document(R"({
    "sample_spec": {"input_cost_per_token": 0.0, "mode": "one of: chat, embedding"},
    "gemini/gemini-x": {
      "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
      "cache_read_input_token_cost": 3.125e-07, "output_cost_per_reasoning_token": 1.1e-05,
      "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
      "max_tokens": 65535, "mode": "chat", "litellm_provider": "gemini"},
    "claude-x": {
      "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
      "cache_creation_input_token_cost": 3.75e-06, "cache_read_input_token_cost": 3e-07,
      "cache_creation_input_token_cost_above_1hr": 6e-06,
      "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06}})",
                                      "model_prices.json");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_TRUE(document->refused.empty());
  const ModelPrice& gemini = document->models.at("gemini/gemini-x");
  EXPECT_EQ(gemini.rates.cached_input, 312'500'000);
  EXPECT_EQ(gemini.rates.reasoning, 11'000'000'000);
  ASSERT_EQ(gemini.tiers.size(), 1U);
  EXPECT_EQ(gemini.tiers[0].input_tokens_above, 200'000);
  EXPECT_EQ(gemini.tiers[0].rates.output, 15'000'000'000);
  EXPECT_EQ(gemini.tiers[0].rates.reasoning, 11'000'000'000);
  const ModelPrice& claude = document->models.at("claude-x");
  EXPECT_EQ(claude.rates.cache_write_1h, 6'000'000'000);
  EXPECT_EQ(claude.tiers.at(0).rates.cache_write, 7'500'000'000);
  EXPECT_EQ(claude.tiers.at(0).rates.cache_write_1h, 6'000'000'000);
}

TEST(LitellmPrices, RefusesByNameWhatIsNotPerToken) {
  auto document = read_litellm_prices(R"({
    "whisper": {"input_cost_per_second": 0.0001, "output_cost_per_second": 0.0},
    "rerank": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "input_cost_per_query": 0.002},
    "ollama/llama": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    "gpt-x": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
              "input_cost_per_token_batches": 5e-07,
              "search_context_cost_per_query": {"search_context_size_low": 0.03}},
    "fine": {"input_cost_per_token": 1.00000000001e-06, "output_cost_per_token": 2e-06}})",
                                      "p.json");
  ASSERT_TRUE(document);
  EXPECT_TRUE(document->models.contains("gpt-x"));
  EXPECT_TRUE(document->models.contains("ollama/llama"));
  EXPECT_FALSE(document->models.contains("whisper"));
  EXPECT_FALSE(document->models.contains("rerank"));
  EXPECT_THAT(
      document->refused,
      ElementsAre(HasSubstr("whisper: input_cost_per_second"), HasSubstr("whisper: left out: its input"),
                  HasSubstr("rerank: input_cost_per_query"),
                  HasSubstr("rerank: left out: it is not priced per token"),
                  HasSubstr("gpt-x: input_cost_per_token_batches"),
                  HasSubstr("gpt-x: search_context_cost_per_query"),
                  HasSubstr("fine: input_cost_per_token: "), HasSubstr("fine: left out: one of its prices")));
  EXPECT_FALSE(document->models.contains("fine"));
}

TEST(LitellmPrices, TheNoiseOfADoubleIsNoPartOfAPrice) {
  auto document = read_litellm_prices(
      R"({"m": {"input_cost_per_token": 1.5000020000000002e-05,
                "output_cost_per_token": 7.500003000000001e-05}})",
      "p.json");
  EXPECT_EQ(document->models.at("m").rates.input, 15'000'020'000);
  EXPECT_EQ(document->models.at("m").rates.output, 75'000'030'000);
}

TEST(LitellmPrices, OtherDocumentsAreNoPriceMap) {
  EXPECT_FALSE(read_price_document(R"({"gpt-x": 3})", "p.json"));
  EXPECT_FALSE(read_price_document("{", "p.json"));
}

TEST(PriceConfig, ReadsTheSection) {
  auto root =
      load_config(R"(
prices:
  file: prices.yaml
  unknown_model: ceiling
  models:
    gpt-x: { input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.6 }
)",
                  "penstock.yaml", ConfigSchema::object(price_config_fields()), process_environment());
  ASSERT_TRUE(root) << root.error().message;
  auto config = read_price_config(*root);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->file, "prices.yaml");
  EXPECT_EQ(config->unknown, UnknownModel::kCeiling);
  EXPECT_EQ(config->models.at("gpt-x").rates.cached_input, 150'000'000);
}

}  // namespace
}  // namespace penstock::gateway
