#include "gateway/price_text.h"

#include <algorithm>

#include "core/json_fields.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "gateway/price_config.h"

namespace penstock::gateway {
namespace {

constexpr int64_t kFormatVersion = 1;
constexpr int64_t kRateMax = 1'000'000'000'000'000;
constexpr size_t kDocumentBytesMax = 16 << 20;

void write_rates(JsonWriter& json, const TokenRates& rates) {
  for (const RateKind& kind : kRateKinds) {
    if (rates.*kind.rate != 0) json.field(kind.name, rates.*kind.rate);
  }
}

Result<TokenRates> read_rates(const JsonFields& fields) {
  TokenRates rates;
  for (const RateKind& kind : kRateKinds) {
    ASSIGN_OR_RETURN(auto rate, fields.integer(kind.name));
    rates.*kind.rate = rate.value_or(0);
  }
  return rates;
}

Result<ModelPrice> read_price(std::string_view raw) {
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(raw));
  ModelPrice price;
  ASSIGN_OR_RETURN(price.rates, read_rates(fields));
  if (!fields.has("tiers")) return price;
  ASSIGN_OR_RETURN(auto tiers, json_elements(fields.raw("tiers")));
  for (std::string_view tier : tiers) {
    ASSIGN_OR_RETURN(JsonFields tier_fields, JsonFields::of_valid(tier));
    ASSIGN_OR_RETURN(auto above, tier_fields.integer("input_tokens_above"));
    ASSIGN_OR_RETURN(TokenRates rates, read_rates(tier_fields));
    price.tiers.push_back({above.value_or(0), rates});
  }
  return price;
}

Error not_a_price(std::string_view text) {
  return Error::invalid("",
                        "'" + std::string(text) +
                            "' is no price: it must be a number from 0 to a million dollars for a million "
                            "tokens, with at most nine decimals");
}

}  // namespace

std::optional<int64_t>& GivenRates::of(int64_t TokenRates::* kind) {
  auto found = std::ranges::find(kRateKinds, kind, &RateKind::rate);
  return rates[static_cast<size_t>(found - kRateKinds.begin())];
}

bool GivenRates::empty() const {
  return std::ranges::none_of(rates, [](const auto& rate) { return rate.has_value(); });
}

GivenRates GivenRates::over(const GivenRates& base) const {
  GivenRates both = base;
  for (size_t i = 0; i < rates.size(); ++i) {
    if (rates[i]) both.rates[i] = rates[i];
  }
  return both;
}

TokenRates GivenRates::complete() const {
  GivenRates given = *this;
  TokenRates out;
  out.input = given.of(&TokenRates::input).value_or(0);
  out.output = given.of(&TokenRates::output).value_or(0);
  out.cached_input = given.of(&TokenRates::cached_input).value_or(out.input);
  out.cache_write = given.of(&TokenRates::cache_write).value_or(out.input);
  out.cache_write_1h = given.of(&TokenRates::cache_write_1h).value_or(out.cache_write);
  out.reasoning = given.of(&TokenRates::reasoning).value_or(out.output);
  out.audio = given.of(&TokenRates::audio).value_or(std::max(out.input, out.output));
  out.image = given.of(&TokenRates::image).value_or(out.input);
  return out;
}

// Digits and a power of ten, as JSON and YAML write numbers: no floating point comes near a price.
Result<int64_t> parse_scaled_decimal(std::string_view text, int shift) {
  constexpr int kExponentMax = 60;
  size_t e = text.find_first_of("eE");
  std::string_view number = text.substr(0, e);
  int64_t exponent = shift;
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    bool negative = power.starts_with('-');
    if (negative || power.starts_with('+')) power.remove_prefix(1);
    auto digits = parse_int(power);
    if (!digits || *digits > kExponentMax) return Failure(not_a_price(text));
    exponent += negative ? -*digits : *digits;
  }
  if (number.starts_with('+')) number.remove_prefix(1);
  __int128 value = 0;
  bool any = false;
  bool fraction = false;
  for (char c : number) {
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9' || value > static_cast<__int128>(kRateMax) * 10'000'000) {
      return Failure(not_a_price(text));
    }
    value = value * 10 + (c - '0');
    exponent -= fraction ? 1 : 0;
    any = true;
  }
  for (; exponent > 0 && value != 0 && value <= kRateMax; --exponent) value *= 10;
  for (; exponent < 0 && value % 10 == 0 && value != 0; ++exponent) value /= 10;
  if (!any || value > kRateMax || (exponent != 0 && value != 0)) return Failure(not_a_price(text));
  return static_cast<int64_t>(value);
}

std::string encode_prices(const PriceTable::Models& models) {
  JsonWriter json;
  json.begin_object().field("v", kFormatVersion).key("models").begin_object();
  for (const auto& [name, price] : models) {
    json.key(name).begin_object();
    write_rates(json, price.rates);
    if (!price.tiers.empty()) {
      json.key("tiers").begin_array();
      for (const PriceTier& tier : price.tiers) {
        json.begin_object().field("input_tokens_above", tier.input_tokens_above);
        write_rates(json, tier.rates);
        json.end_object();
      }
      json.end_array();
    }
    json.end_object();
  }
  return json.end_object().end_object().take();
}

Result<PriceTable::Models> decode_prices(std::string_view json) {
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::parse(json, "price table"));
  ASSIGN_OR_RETURN(auto version, fields.integer("v"));
  if (version.value_or(0) > kFormatVersion) {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = "price table of version " + std::to_string(*version) +
                                    "; this program reads up to version " + std::to_string(kFormatVersion)});
  }
  PriceTable::Models models;
  ASSIGN_OR_RETURN(auto members, fields.object("models"));
  if (!members) return models;
  for (const JsonFields::Member& member : members->members()) {
    ASSIGN_OR_RETURN(models[member.name], read_price(member.raw));
  }
  return models;
}

Result<PriceDocument> read_price_document(std::string_view text, std::string_view name) {
  if (trim(text).starts_with('{')) {
    ASSIGN_OR_RETURN(JsonFields fields, JsonFields::parse(text, name));
    if (!fields.has("models")) return read_litellm_prices(text, name);
  }
  ConfigSchema schema = ConfigSchema::object(
      {{"version", ConfigSchema::string("Of this format").one_of({"1"})}, {"models", price_models_schema()}});
  auto no_environment = [](const std::string&) { return std::optional<std::string>(); };
  ASSIGN_OR_RETURN(ConfigNode root,
                   load_config(text, name, schema, no_environment, {.bytes_max = kDocumentBytesMax}));
  PriceDocument document;
  if (const ConfigNode* models = root.find("models")) {
    ASSIGN_OR_RETURN(document.models, read_price_models(*models));
  }
  return document;
}

}  // namespace penstock::gateway
