// LiteLLM's price map: one object per model, costs in USD for one token. Read: BerriAI/litellm
// model_prices_and_context_window.json and litellm_core_utils/llm_cost_calc/utils.py (which field is what,
// and that a tier holds for the whole request).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/json_fields.h"
#include "core/text.h"
#include "gateway/price_text.h"

namespace penstock::gateway {
namespace {

// USD for a token to nano-USD for a million tokens.
constexpr int kTokenShift = 15;

struct CostField {
  std::string_view name;
  int64_t TokenRates::* rate;
};
constexpr std::array<CostField, 9> kCostFields = {{
    {"input_cost_per_token", &TokenRates::input},
    {"output_cost_per_token", &TokenRates::output},
    {"cache_read_input_token_cost", &TokenRates::cached_input},
    {"cache_creation_input_token_cost", &TokenRates::cache_write},
    {"cache_creation_input_token_cost_above_1hr", &TokenRates::cache_write_1h},
    {"output_cost_per_reasoning_token", &TokenRates::reasoning},
    {"input_cost_per_audio_token", &TokenRates::audio},
    {"output_cost_per_audio_token", &TokenRates::audio},
    {"input_cost_per_image_token", &TokenRates::image},
}};

// A field's name without its tier: "input_cost_per_token_above_200k_tokens" is input_cost_per_token above
// 200,000 tokens. `above` is 0 where there is no tier.
struct TieredName {
  std::string_view base;
  int64_t above = 0;
};

TieredName without_tier(std::string_view name) {
  constexpr std::string_view kMark = "_above_";
  constexpr std::string_view kEnd = "k_tokens";
  constexpr int64_t kTierMax = 1'000'000;  // thousands
  size_t at = name.rfind(kMark);
  if (at == std::string_view::npos || !name.ends_with(kEnd)) return {name};
  size_t from = at + kMark.size();
  auto thousands = parse_int(name.substr(from, name.size() - kEnd.size() - from));
  if (!thousands || *thousands <= 0 || *thousands > kTierMax) return {name};
  return {name.substr(0, at), *thousands * 1000};
}

bool is_cost(std::string_view name) { return name.find("cost") != std::string_view::npos; }
bool is_number(std::string_view raw) {
  return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
}
bool is_zero(std::string_view raw) { return raw.find_first_not_of("0.eE+-") == std::string_view::npos; }

// The map's numbers are what Python prints of a computed double, such as 1.5000020000000002e-05. A double
// holds 15 decimal digits; the rest is noise.
std::string without_noise(std::string_view raw) {
  constexpr size_t kDigits = 15;
  auto digits = std::ranges::count_if(raw, [](char c) { return c >= '0' && c <= '9'; });
  auto number = parse_number(raw);
  if (static_cast<size_t>(digits) <= kDigits || !number) return std::string(raw);
  return fmt::format("{:.{}g}", *number, kDigits);
}

// One model of the map.
struct Reading {
  std::map<int64_t, GivenRates> tiers;  // by threshold; 0: without
  std::vector<std::string> refused;
  bool unreadable = false;  // a price per token
};

void keep(GivenRates& rates, int64_t TokenRates::* kind, int64_t rate) {
  std::optional<int64_t>& kept = rates.of(kind);
  kept = std::max(kept.value_or(0), rate);  // audio has two fields and one rate: the dearer
}

Reading read_model(const JsonFields& fields) {
  Reading reading;
  for (const JsonFields::Member& member : fields.members()) {
    if (!is_cost(member.name) || member.raw == "null") continue;
    TieredName name = without_tier(member.name);
    auto known = std::ranges::find(kCostFields, name.base, &CostField::name);
    if (known == kCostFields.end()) {
      bool costs_nothing = is_number(member.raw) && is_zero(member.raw);
      if (!costs_nothing)
        reading.refused.push_back(member.name + ": not a price per token of ordinary requests");
      continue;
    }
    auto rate = parse_scaled_decimal(without_noise(member.raw), kTokenShift);
    if (rate) {
      keep(reading.tiers[name.above], known->rate, *rate);
    } else {
      reading.refused.push_back(member.name + ": " + rate.error().message);
      reading.unreadable = true;
    }
  }
  return reading;
}

// Why a model cannot be priced by what was read; empty: it can.
std::string_view unpriceable(Reading& reading) {
  GivenRates& base = reading.tiers[0];
  auto input = base.of(&TokenRates::input);
  auto output = base.of(&TokenRates::output);
  if (reading.unreadable) return "left out: one of its prices cannot be read";
  if (!input) return "left out: its input is not priced per token";
  // What costs nothing per token but something else, or whose output is paid in another way, would be free.
  bool free = *input == 0 && output.value_or(0) == 0;
  if ((free || !output) && !reading.refused.empty()) return "left out: it is not priced per token";
  return {};
}

ModelPrice price_of(const Reading& reading) {
  const GivenRates& base = reading.tiers.at(0);
  ModelPrice price{.rates = base.complete(), .tiers = {}};
  GivenRates below = base;
  for (const auto& [above, given] : reading.tiers) {
    if (above == 0) continue;
    below = given.over(below);
    price.tiers.push_back({above, below.complete()});
  }
  return price;
}

}  // namespace

Result<PriceDocument> read_litellm_prices(std::string_view text, std::string_view name) {
  constexpr std::string_view kSample = "sample_spec";  // describes the fields
  ASSIGN_OR_RETURN(JsonFields models, JsonFields::parse(text, name));
  PriceDocument document;
  for (const JsonFields::Member& member : models.members()) {
    if (member.name == kSample) continue;
    if (!member.raw.starts_with('{')) {
      return Failure(Error::invalid(
          member.name, std::string(name) + ": '" + member.name + "' is not an object: this is no price map"));
    }
    ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(member.raw));
    Reading reading = read_model(fields);
    std::string_view problem = unpriceable(reading);
    if (problem.empty()) document.models[member.name] = price_of(reading);
    for (const std::string& refused : reading.refused)
      document.refused.push_back(member.name + ": " + refused);
    if (!problem.empty()) document.refused.push_back(member.name + ": " + std::string(problem));
  }
  return document;
}

}  // namespace penstock::gateway
