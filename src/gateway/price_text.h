#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "gateway/price_table.h"

namespace penstock::gateway {

// The kinds of rates by the names they have in files.
struct RateKind {
  std::string_view name;
  int64_t TokenRates::* rate;
};
inline constexpr std::array<RateKind, 8> kRateKinds = {{
    {"input", &TokenRates::input},
    {"cached_input", &TokenRates::cached_input},
    {"cache_write", &TokenRates::cache_write},
    {"cache_write_1h", &TokenRates::cache_write_1h},
    {"output", &TokenRates::output},
    {"reasoning", &TokenRates::reasoning},
    {"audio", &TokenRates::audio},
    {"image", &TokenRates::image},
}};

// Rates of which some are given, in the order of kRateKinds.
struct GivenRates {
  std::array<std::optional<int64_t>, kRateKinds.size()> rates{};

  std::optional<int64_t>& of(int64_t TokenRates::* kind);
  bool empty() const;
  // These, and for what they leave open those of `base`.
  GivenRates over(const GivenRates& base) const;
  // What is not given follows: cached_input, cache_write and image from input, cache_write_1h from
  // cache_write, reasoning from output, audio from the dearer of input and output.
  TokenRates complete() const;
};

// A decimal number ("0.15", "1.5e-07") times 10^`shift`, exactly. kInvalidArgument unless that is a whole
// number of 0 to 10^15: a million dollars for a million tokens.
Result<int64_t> parse_scaled_decimal(std::string_view text, int shift);

// A price table as it stands in the database (docs/formats/price_table.md).
std::string encode_prices(const PriceTable::Models& models);
Result<PriceTable::Models> decode_prices(std::string_view json);

// A document of prices.
struct PriceDocument {
  PriceTable::Models models;
  std::vector<std::string> refused;  // what was left out and why: "gpt-x: input_cost_per_image: ..."
};
// Ours (YAML or JSON: `models` as in penstock.yaml) or LiteLLM's, told apart by their content. `name` is the
// document's, for errors.
Result<PriceDocument> read_price_document(std::string_view text, std::string_view name);

// LiteLLM's model_prices_and_context_window.json. Prices per token of ordinary requests are taken, with their
// tiers for long inputs; costs of another kind (per image, second or query, for batches or faster service)
// are refused by name, and a model that has only those is left out.
Result<PriceDocument> read_litellm_prices(std::string_view text, std::string_view name);

}  // namespace penstock::gateway
