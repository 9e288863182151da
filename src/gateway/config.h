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

namespace penstock::gateway {

// A place that answers, as the operator named it under `providers`.
struct ProviderConfig {
  std::string name;
  Endpoint endpoint;              // its prefix holds the "/v1" of base_url
  std::vector<std::string> keys;  // sent in turn as bearer tokens; may be empty
};

// A public model name and where it goes. A name that ends in "*" stands for every name with that prefix.
struct RouteConfig {
  std::string name;
  std::string provider;
  std::string model;  // the upstream's name for it; empty: the name as asked
  HttpTimeouts timeouts;
};

// Prices of one upstream model, in nano-USD for a million tokens of a kind.
struct Price {
  int64_t input = 0;
  int64_t cached_input = 0;  // as `input` unless given
  int64_t cache_write = 0;   // as `input` unless given
  int64_t output = 0;
  int64_t reasoning = 0;  // as `output` unless given
  int64_t audio = 0;      // as the dearer of `input` and `output` unless given
};

// A client's key; only its digest is kept.
struct ClientKey {
  std::string name;
  Digest digest;
};

struct GatewayConfig {
  std::map<std::string, ProviderConfig, std::less<>> providers;
  std::vector<RouteConfig> routes;
  std::map<std::string, Price, std::less<>> prices;  // by upstream model
  std::vector<ClientKey> keys;                       // empty: no key is asked for
  bool record_bodies = true;
  int64_t body_bytes_max = 64 << 10;  // of each recorded input and output
  int64_t drain_ms = 5'000;           // how long an answer is read on for its usage after the client has gone
};

// The gateway's part of penstock.yaml: providers, models, prices, keys, records, drain_ms.
ConfigSchema::Fields config_fields();

// Reads it from a loaded configuration; errors name file, line and the fix.
Result<GatewayConfig> read_config(const ConfigNode& root);

// What `tokens` cost: each kind at its price, rounded half up to a nano-USD.
Money cost_of(const TokenCounts& tokens, const Price& price);

}  // namespace penstock::gateway
