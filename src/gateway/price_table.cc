#include "gateway/price_table.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace penstock::gateway {
namespace {

constexpr __int128 kMillion = 1'000'000;

Money rounded(__int128 nano_usd_times_million) {
  __int128 nano_usd = (nano_usd_times_million + kMillion / 2) / kMillion;
  return {static_cast<int64_t>(std::min<__int128>(nano_usd, std::numeric_limits<int64_t>::max()))};
}

const TokenRates& rates_for(int64_t input_tokens, const ModelPrice& price) {
  const TokenRates* rates = &price.rates;
  for (const PriceTier& tier : price.tiers) {
    if (input_tokens > tier.input_tokens_above) rates = &tier.rates;
  }
  return *rates;
}

constexpr int64_t TokenRates::* kKinds[] = {
    &TokenRates::input,  &TokenRates::cached_input, &TokenRates::cache_write, &TokenRates::cache_write_1h,
    &TokenRates::output, &TokenRates::reasoning,    &TokenRates::audio,       &TokenRates::image};

void raise_to(TokenRates& ceiling, const TokenRates& rates) {
  for (int64_t TokenRates::* kind : kKinds) ceiling.*kind = std::max(ceiling.*kind, rates.*kind);
}

}  // namespace

Money cost_of(const TokenCounts& tokens, const ModelPrice& price) {
  int64_t input =
      tokens.input + tokens.cached_input + tokens.cache_write + tokens.cache_write_1h + tokens.image;
  const TokenRates& rates = rates_for(input, price);
  auto part = [](int64_t count, int64_t rate) { return static_cast<__int128>(count) * rate; };
  return rounded(part(tokens.input, rates.input) + part(tokens.cached_input, rates.cached_input) +
                 part(tokens.cache_write, rates.cache_write) +
                 part(tokens.cache_write_1h, rates.cache_write_1h) + part(tokens.output, rates.output) +
                 part(tokens.reasoning, rates.reasoning) + part(tokens.audio, rates.audio) +
                 part(tokens.image, rates.image));
}

Money cost_ceiling(int64_t input_tokens, int64_t output_tokens_max, const ModelPrice& price) {
  __int128 most = 0;
  auto consider = [&](const TokenRates& rates) {
    int64_t input =
        std::max({rates.input, rates.cached_input, rates.cache_write, rates.cache_write_1h, rates.image});
    int64_t output = std::max(rates.output, rates.reasoning);
    most = std::max(most, static_cast<__int128>(input_tokens) * input +
                              static_cast<__int128>(output_tokens_max) * output);
  };
  consider(price.rates);
  for (const PriceTier& tier : price.tiers) {
    if (input_tokens > tier.input_tokens_above) consider(tier.rates);
  }
  return rounded(most);
}

PriceTable::PriceTable(Models models, UnknownModel unknown, std::string version)
    : models_(std::move(models)), unknown_(unknown), version_(std::move(version)) {
  for (const auto& [name, price] : models_) {
    raise_to(ceiling_.rates, price.rates);
    for (const PriceTier& tier : price.tiers) raise_to(ceiling_.rates, tier.rates);
    if (name.ends_with('*'))
      prefixes_.emplace_back(std::string_view(name).substr(0, name.size() - 1), &price);
  }
  std::ranges::sort(prefixes_, std::greater(), [](const auto& entry) { return entry.first.size(); });
}

const ModelPrice* PriceTable::find(const PricedModel& model) const {
  thread_local std::string name;  // its memory is kept: this runs for every request
  const std::string_view owners[] = {model.provider, model.type, {}};
  auto spell = [&](std::string_view owner) {
    name.assign(owner);
    if (!owner.empty()) name += '/';
    name += model.model;
  };
  for (std::string_view owner : owners) {
    spell(owner);
    if (auto found = models_.find(name); found != models_.end()) return &found->second;
  }
  for (const auto& [prefix, price] : prefixes_) {
    for (std::string_view owner : owners) {
      spell(owner);
      if (name.starts_with(prefix)) return price;
    }
  }
  return nullptr;
}

Result<Pricing> PriceTable::pricing(const PricedModel& model) const {
  static const ModelPrice kFreePrice{};
  if (const ModelPrice* listed = find(model)) return Pricing{listed, PriceBasis::kListed};
  if (model.is_engine) return Pricing{&kFreePrice, PriceBasis::kFree};
  bool has_ceiling = unknown_ == UnknownModel::kCeiling && !models_.empty();
  if (has_ceiling) return Pricing{&ceiling_, PriceBasis::kCeiling};
  if (unknown_ == UnknownModel::kRecord) return Pricing{nullptr, PriceBasis::kUnpriced};
  return Failure(Error{.code = ErrorCode::kPermissionDenied,
                       .message = "the model '" + std::string(model.model) + "' of '" +
                                  std::string(model.provider) +
                                  "' has no price; add it under prices.models, or set prices.unknown_model",
                       .reason = "model_not_priced"});
}

}  // namespace penstock::gateway
