#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "gateway/price_config.h"
#include "gateway/price_table.h"
#include "storage/database/database.h"

namespace penstock::gateway {

// One state that the prices had.
struct PriceVersion {
  int64_t number = 0;
  Timestamp at;
  std::string actor;   // a principal's id, or "configuration"
  std::string source;  // where it came from: "prices.yaml", "import of model_prices.json"
  int64_t models = 0;
};

// What differs between two versions of one model's price; a null side has no price for it.
struct PriceChange {
  std::string model;
  std::optional<ModelPrice> before;
  std::optional<ModelPrice> after;
};

// The prices in force, and every state they had. Three layers, each overriding the one before, model by
// model: the last import, `prices.file`, `prices.models`. A change of what results makes a version in the
// database. Thread-safe; all that takes a database is blocking.
class PriceBook {
 public:
  // `database` and `clock` outlive it.
  PriceBook(database::Database& database, const Clock& clock);

  // Takes over the configuration, reads its file and the last import. At start and at every reload; an error
  // leaves all as it was.
  Result<void> configure(PriceConfig config);
  // Looks whether `prices.file` or the last import (another gateway's) has changed. Every few seconds.
  Result<void> refresh();
  // Replaces the imported layer. `document`: the text of a price file, ours or LiteLLM's.
  struct Import {
    PriceVersion version;
    int64_t models = 0;
    std::vector<std::string> refused;  // "gpt-x: 'input_cost_per_image': not a price per token"
  };
  Result<Import> import(std::string_view document, std::string_view source, std::string_view actor);

  std::shared_ptr<const PriceTable> current() const { return current_.load(std::memory_order_acquire); }

  // Newest first.
  Result<std::vector<PriceVersion>> versions(int64_t limit) const;
  // kNotFound for a number that there is not.
  Result<PriceTable::Models> models_of(int64_t number) const;
  Result<std::vector<PriceChange>> diff(int64_t from, int64_t to) const;

 private:
  struct Layers;
  Result<void> publish(std::string_view actor, std::string_view source);

  database::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;  // of configuration, refreshes and imports
  std::unique_ptr<Layers> layers_;
  std::atomic<std::shared_ptr<const PriceTable>> current_;
};

// What differs between two tables.
std::vector<PriceChange> changes_between(const PriceTable::Models& before, const PriceTable::Models& after);

}  // namespace penstock::gateway
