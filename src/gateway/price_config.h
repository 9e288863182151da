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

// The map of prices by model, there and in price files.
ConfigSchema price_models_schema();
Result<PriceTable::Models> read_price_models(const ConfigNode& models);

}  // namespace penstock::gateway
