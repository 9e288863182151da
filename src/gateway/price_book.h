#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "gateway/price_config.h"
#include "gateway/price_store.h"
#include "gateway/price_table.h"
#include "storage/database/database.h"

namespace penstock::gateway {

// What differs between two versions of one model's price; a side without a value has no price for it.
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
  ~PriceBook();

  // Takes over the configuration, reads its file and the last import. At start and at every reload; an error
  // leaves all as it was.
  Result<void> configure(PriceConfig config);
  // Looks whether `prices.file` or the last import (another gateway's) has changed. Every few seconds. A file
  // that cannot be read is told once; the prices stay.
  Result<void> refresh();

  struct Import {
    PriceVersion version;
    int64_t models = 0;
    std::vector<std::string> refused;  // what was left out and why (read_price_document)
  };
  // Replaces the imported layer by a document, ours or LiteLLM's. kInvalidArgument: it is none, or holds no
  // price. `also` is done in the same transaction, as its last step (an audit record).
  using Also = std::function<Result<void>(database::Connection&, const PriceVersion&)>;
  Result<Import> import(std::string_view document, std::string_view source, std::string_view actor,
                        const Also& also = {});

  std::shared_ptr<const PriceTable> current() const { return current_.load(std::memory_order_acquire); }

  // Newest first.
  Result<std::vector<PriceVersion>> versions(int64_t limit) const;
  // kNotFound for a number that there is not.
  Result<PriceTable::Models> models_of(int64_t number) const;
  Result<std::vector<PriceChange>> diff(int64_t from, int64_t to) const;

 private:
  struct Layers;
  Result<PriceVersion> publish(Layers layers, std::string_view actor, std::string_view source,
                               std::string_view new_import = {}, const Also& also = {});

  database::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;  // of the layers, and of changes
  std::unique_ptr<Layers> layers_;
  std::atomic<std::shared_ptr<const PriceTable>> current_;
};

// What differs between two tables, by model.
std::vector<PriceChange> changes_between(const PriceTable::Models& before, const PriceTable::Models& after);

}  // namespace penstock::gateway
