#include "gateway/price_config.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.h"
#include "gateway/price_text.h"

namespace penstock::gateway {
namespace {

struct RateField {
  std::string_view key;
  int64_t TokenRates::* rate;
  std::string_view description;
};
constexpr std::array<RateField, 8> kRateFields = {{
    {"input_usd_per_mtok", &TokenRates::input, "For a million input tokens"},
    {"output_usd_per_mtok", &TokenRates::output, "For a million output tokens"},
    {"cached_input_usd_per_mtok", &TokenRates::cached_input, "Input read from a cache; default as input"},
    {"cache_write_usd_per_mtok", &TokenRates::cache_write,
     "Input written to a cache for minutes; default as input"},
    {"cache_write_1h_usd_per_mtok", &TokenRates::cache_write_1h,
     "Input written to a cache for an hour; default as cache_write"},
    {"reasoning_usd_per_mtok", &TokenRates::reasoning, "Reasoning tokens; default as output"},
    {"audio_usd_per_mtok", &TokenRates::audio, "Audio tokens; default as the dearer of input and output"},
    {"image_usd_per_mtok", &TokenRates::image, "Tokens of images in the input; default as input"},
}};

// USD for a million tokens to nano-USD for them.
constexpr int kDollarShift = 9;

enum class Presence : uint8_t { kRequired, kOptional };

ConfigSchema::Fields rate_fields(Presence input_and_output) {
  ConfigSchema::Fields fields;
  for (const RateField& field : kRateFields) {
    ConfigSchema dollars = ConfigSchema::number(std::string(field.description)).between(0, 1'000'000);
    bool basic = field.rate == &TokenRates::input || field.rate == &TokenRates::output;
    dollars.is_required = basic && input_and_output == Presence::kRequired;
    fields.emplace_back(field.key, std::move(dollars));
  }
  return fields;
}

Result<GivenRates> read_rates(const ConfigNode& node) {
  GivenRates given;
  for (const RateField& field : kRateFields) {
    const ConfigNode* value = node.find(field.key);
    if (value == nullptr) continue;
    auto nano_usd = parse_scaled_decimal(value->scalar(), kDollarShift);
    if (!nano_usd) return Failure(value->error(nano_usd.error().message));
    given.of(field.rate) = *nano_usd;
  }
  return given;
}

Result<ModelPrice> read_price(const ConfigNode& node) {
  ASSIGN_OR_RETURN(GivenRates base, read_rates(node));
  ModelPrice price{.rates = base.complete(), .tiers = {}};
  const ConfigNode* tiers = node.find("tiers");
  if (tiers == nullptr) return price;
  for (const ConfigNode& tier : tiers->items()) {
    ASSIGN_OR_RETURN(GivenRates given, read_rates(tier));
    price.tiers.push_back({tier.integer_at("input_tokens_above", 0), given.over(base).complete()});
  }
  std::ranges::sort(price.tiers, {}, &PriceTier::input_tokens_above);
  return price;
}

}  // namespace

ConfigSchema price_models_schema() {
  ConfigSchema::Fields tier = rate_fields(Presence::kOptional);
  tier.emplace_back("input_tokens_above",
                    ConfigSchema::integer("Holds for the whole of a request whose input is longer")
                        .between(1, INT64_MAX)
                        .required());
  ConfigSchema::Fields model = rate_fields(Presence::kRequired);
  model.emplace_back("tiers",
                     ConfigSchema::list(ConfigSchema::object(std::move(tier)),
                                        "Prices for long inputs; what is absent is as without the tier"));
  return ConfigSchema::map(
      ConfigSchema::object(std::move(model)),
      "By the upstream's model name, which may end in *; provider/model for one provider");
}

Result<PriceTable::Models> read_price_models(const ConfigNode& models) {
  PriceTable::Models out;
  for (const auto& [name, node] : models.members()) {
    ASSIGN_OR_RETURN(out[name], read_price(node));
  }
  return out;
}

ConfigSchema::Fields price_config_fields() {
  return {
      {"prices",
       ConfigSchema::object(
           {{"file", ConfigSchema::string("A file of prices, ours or LiteLLM's "
                                          "model_prices_and_context_window.json; watched for changes")},
            {"models", price_models_schema()},
            {"unknown_model",
             ConfigSchema::string("A call of a model without a price is refused (deny), priced as the "
                                  "dearest known model (ceiling), or recorded without a cost (record, the "
                                  "default; refused all the same where a budget applies)")
                 .one_of({"deny", "ceiling", "record"})}},
           "What tokens cost, in USD for a million")}};
}

Result<PriceConfig> read_price_config(const ConfigNode& root) {
  PriceConfig config;
  const ConfigNode* prices = root.find("prices");
  if (prices == nullptr) return config;
  config.file = prices->string_at("file");
  if (const ConfigNode* models = prices->find("models")) {
    ASSIGN_OR_RETURN(config.models, read_price_models(*models));
  }
  std::string unknown = prices->string_at("unknown_model", "record");
  config.unknown = unknown == "deny"      ? UnknownModel::kDeny
                   : unknown == "ceiling" ? UnknownModel::kCeiling
                                          : UnknownModel::kRecord;
  return config;
}

}  // namespace penstock::gateway
