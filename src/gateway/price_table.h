#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/units.h"

namespace penstock::gateway {

// What a million tokens of each kind cost, in nano-USD.
struct TokenRates {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t cache_write = 0;
  int64_t cache_write_1h = 0;
  int64_t output = 0;
  int64_t reasoning = 0;
  int64_t audio = 0;
  int64_t image = 0;
  bool operator==(const TokenRates&) const = default;
};

// Other rates for the whole of a request whose input (all kinds of it) is longer.
struct PriceTier {
  int64_t input_tokens_above = 0;
  TokenRates rates;
  bool operator==(const PriceTier&) const = default;
};

// The price of one model.
struct ModelPrice {
  TokenRates rates;
  std::vector<PriceTier> tiers;  // by rising threshold
  bool operator==(const ModelPrice&) const = default;
};

// What `tokens` cost: the exact sum of all kinds at their rates, rounded once, half up, to a nano-USD.
// Amounts beyond int64 become its maximum.
Money cost_of(const TokenCounts& tokens, const ModelPrice& price);

// The most that a request may cost: its input read as the dearest kind of input, its output as the dearest
// kind of output, at the dearest tier it may reach. Audio is not foreseen.
Money cost_ceiling(int64_t input_tokens, int64_t output_tokens_max, const ModelPrice& price);

// What happens to a call of a model without a price. It never costs $0.
enum class UnknownModel : uint8_t {
  kDeny,     // refused
  kCeiling,  // priced as the dearest model of the table, kind by kind
  kRecord,   // answered and recorded without a cost; refused all the same where a budget applies
};

// Which model of which place is priced.
struct PricedModel {
  std::string_view provider;  // its name in the configuration
  std::string_view type;      // its provider type: "openai", "anthropic"
  std::string_view model;     // the upstream's name of the model
  bool is_engine = false;     // ours: costs nothing unless the table says otherwise
};

// How a price came to be. kFree: one of our engines. kUnpriced: there is none, `price` is null.
enum class PriceBasis : uint8_t { kListed, kCeiling, kFree, kUnpriced };

struct Pricing {
  const ModelPrice* price = nullptr;  // lives as long as the table
  PriceBasis basis = PriceBasis::kUnpriced;
};

// The prices in force at one moment. Immutable, so any thread may read it; a request keeps the table that it
// began with, so that a change counts for new requests only.
class PriceTable {
 public:
  using Models = std::map<std::string, ModelPrice, std::less<>>;

  PriceTable() = default;
  PriceTable(Models models, UnknownModel unknown, std::string version);
  PriceTable(const PriceTable&) = delete;
  PriceTable& operator=(const PriceTable&) = delete;

  // Looks for "provider/model", "type/model" and "model", in this order, then for the longest name that ends
  // in '*' and fits one of them. kPermissionDenied (reason "model_not_priced") as `unknown` says.
  Result<Pricing> pricing(const PricedModel& model) const;

  // Stands in records; empty: no version has been made of it.
  const std::string& version() const { return version_; }
  const Models& models() const { return models_; }
  UnknownModel unknown_model() const { return unknown_; }
  bool empty() const { return models_.empty(); }

 private:
  const ModelPrice* find(const PricedModel& model) const;

  Models models_;
  UnknownModel unknown_ = UnknownModel::kRecord;
  std::string version_;
  ModelPrice ceiling_;
  std::vector<std::pair<std::string_view, const ModelPrice*>> prefixes_;  // "gpt-" of "gpt-*", longest first
};

}  // namespace penstock::gateway
