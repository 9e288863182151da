#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/digest.h"
#include "core/http_client.h"
#include "core/result.h"
#include "core/units.h"
#include "gateway/key_ring.h"
#include "gateway/route_config.h"
#include "providers/provider_type.h"

namespace penstock::gateway {

// An optional question that a provider is asked now and then; while it does not answer 2xx, its targets come
// last.
struct HealthCheck {
  std::string path;  // below base_url; empty: it is not asked
  int64_t interval_ms = 10'000;
};

// A place that answers, as the operator named it under `providers`.
struct ProviderConfig {
  std::string name;
  const providers::ProviderType* type = nullptr;
  Endpoint endpoint;              // its prefix holds the "/v1" of base_url
  std::vector<ProviderKey> keys;  // may be empty
  providers::ProviderOptions options;
  HealthCheck health;
};

struct GatewayConfig {
  std::map<std::string, ProviderConfig, std::less<>> providers;
  std::vector<RouteConfig> routes;
  bool record_bodies = true;
  int64_t body_bytes_max = 64 << 10;   // of each recorded input and output
  int64_t cache_bytes_max = 64 << 20;  // for cached answers; takes effect at the next start
  int64_t drain_ms = 5'000;  // how long an answer is read on for its usage after the client has gone
};

// The gateway's part of penstock.yaml: providers, models, records, drain_ms.
ConfigSchema::Fields config_fields();

// Reads it from a loaded configuration; errors name file, line and the fix.
Result<GatewayConfig> read_config(const ConfigNode& root);

}  // namespace penstock::gateway
