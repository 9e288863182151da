#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "gateway/price_table.h"
#include "storage/database/database.h"

// Every state that the prices had: the tables price_versions and price_imports.
namespace penstock::gateway {

// One state that the prices had.
struct PriceVersion {
  int64_t number = 0;
  Timestamp at;
  std::string actor;   // a principal's id, or "configuration"
  std::string source;  // where it came from: "prices.yaml", "import of model_prices.json"
  int64_t models = 0;
};

struct PriceImport {
  int64_t number = 0;  // 0: there was none
  std::string prices;  // as encode_prices() wrote it
};

// Each works inside one transaction.

Result<PriceImport> read_last_import(database::Connection& connection);
Result<int64_t> read_last_import_number(database::Connection& connection);
Result<int64_t> add_import(database::Connection& connection, Timestamp at, std::string_view actor,
                           std::string_view source, std::string_view prices);

// The last version if it holds just these prices, else a new one.
Result<PriceVersion> version_of(database::Connection& connection, const PriceTable::Models& models,
                                Timestamp at, std::string_view actor, std::string_view source);
// Newest first.
Result<std::vector<PriceVersion>> read_versions(database::Connection& connection, int64_t limit);
// Its prices, as encode_prices() wrote them; nothing if there is no such version.
Result<std::optional<std::string>> read_version_prices(database::Connection& connection, int64_t number);

}  // namespace penstock::gateway
