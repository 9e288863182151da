#pragma once

#include <cstdint>
#include <string>

#include "core/config.h"
#include "core/result.h"

namespace penstock::gateway {

// What a gateway does about budgets while their store does not answer. What is spent meanwhile stands in the
// journal and is counted when the store is back.
enum class StoreLoss : uint8_t {
  kShare,  // spends its part of what was left: remaining / replicas, as last seen
  kDeny,   // spends what it has leased already, then refuses
  kAllow,  // lets everything pass
};

// What penstock.yaml says about shared state.
struct StateConfig {
  std::string database_url;          // of PostgreSQL, a secret; empty: SQLite in the data directory
  int64_t database_connections = 5;  // of PostgreSQL: one for writes, the others for reads
  int64_t database_statement_timeout_ms = 30'000;
  StoreLoss on_store_loss = StoreLoss::kShare;
};

// The section `state`.
ConfigSchema::Fields state_config_fields();

Result<StateConfig> read_state_config(const ConfigNode& root);

}  // namespace penstock::gateway
