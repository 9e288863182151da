#pragma once

#include <filesystem>
#include <optional>

#include "core/config.h"
#include "core/result.h"
#include "gateway/price_table.h"

namespace penstock::gateway {

// What penstock.yaml says about prices.
struct PriceConfig {
  std::filesystem::path file;  // YAML or JSON, ours or LiteLLM's; empty: none
  PriceTable::Models models;   // written down in penstock.yaml itself
  UnknownModel unknown = UnknownModel::kRecord;
};

// The section `prices`.
ConfigSchema::Fields price_config_fields();

// Reads it from a loaded configuration; errors name file, line and the fix. The file is not read.
Result<PriceConfig> read_price_config(const ConfigNode& root);

// A price of so many USD for a million tokens ("0.15", "1.5e-1") in nano-USD, exactly. kInvalidArgument
// unless it is a number of 0 to a million with at most nine decimals.
Result<int64_t> parse_usd_per_million(std::string_view text);

}  // namespace penstock::gateway
