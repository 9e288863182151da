#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/http_client.h"
#include "core/result.h"
#include "gateway/breaker.h"
#include "gateway/failure.h"

namespace penstock::gateway {

// How a route chooses among its targets. The others follow, in the order of their merit, as fallbacks.
enum class Strategy : uint8_t {
  kWeighted,     // by weight: at random, or by the hash of a unit (`sticky`)
  kPriority,     // as they are listed
  kLeastBusy,    // fewest calls on their way
  kEwmaLatency,  // quickest to begin, lately
  kCheapest,     // by the price of a call with as many input as output tokens
  kHedge,        // the quickest; a second one is asked when the first is late
};
std::string_view strategy_name(Strategy strategy);

// The provider that stands for our own engines: {provider: embedded, model: smollm2-135m-instruct}.
inline constexpr std::string_view kEmbeddedProvider = "embedded";

// A place where a route's calls can go.
struct TargetConfig {
  std::string id;        // unique in its route; "provider/model" unless given
  std::string provider;  // a name under `providers`, or kEmbeddedProvider
  std::string model;     // the provider's name of it; empty: the name as asked
  double weight = 1;     // share under kWeighted
};

// Where a sticky unit's name comes from: the first of a route's sources that the call has.
struct StickySource {
  enum class Kind : uint8_t { kHeader, kUser, kMetadata, kKey };
  Kind kind = Kind::kUser;
  std::string name;  // of the header or the metadata member
};

struct RetryPolicy {
  int64_t attempts = 2;  // tries at one target; other targets are tried before the same one again
  CauseSet on = cause_bit(FailureCause::kConnect) | cause_bit(FailureCause::kTimeout) |
                cause_bit(FailureCause::kRateLimited) | cause_bit(FailureCause::kServer) |
                cause_bit(FailureCause::kBroken);
  int64_t backoff_min_ms = 200;  // before the second round over the targets; doubles, with jitter
  int64_t backoff_max_ms = 2'000;
  bool honor_retry_after = true;
};

struct RouteTimeouts {
  HttpTimeouts http;            // its total_ms bounds one try
  int64_t ttft_ms = 0;          // to the first content of a stream; 0: as http.first_byte_ms
  int64_t total_ms = 0;         // for the whole call, retries included; 0: the client's, else 600 s
  double min_tokens_per_s = 0;  // of a stream, over kRateWindowMs; 0: none
};

struct HedgePolicy {
  int64_t after_ms = 0;  // 0: the 95th percentile of the first target's lately
  int64_t extra_max = 1;
  double budget = 0.03;  // of a route's calls may be sent twice
};

// Other routes that take over, by cause.
struct FallbackPolicy {
  std::vector<std::string> error;  // `default`: every fault of the upstreams
  std::vector<std::string> context_window;
  std::vector<std::string> content_policy;
};

enum class CacheScope : uint8_t { kKey, kGroup };

struct CachePolicy {
  int64_t exact_ttl_s = 0;  // 0: no exact cache
  CacheScope scope = CacheScope::kKey;
  int64_t semantic_ttl_s = 0;  // 0: no semantic cache
  double threshold = 0.95;     // cosine similarity
  std::string embed;           // the route that embeds
};

// A public model name and where it goes. A name that ends in "*" stands for every name with that prefix.
struct RouteConfig {
  std::string name;
  Strategy strategy = Strategy::kWeighted;
  std::vector<TargetConfig> targets;
  std::vector<StickySource> sticky;
  RouteTimeouts timeouts;
  RetryPolicy retry;
  BreakerPolicy breaker;
  bool fails_fast = false;  // a `breaker` is configured: where all targets are open, the call is refused
  HedgePolicy hedge;
  FallbackPolicy fallback;
  CachePolicy cache;
  std::string prompt;  // "greeting@live": of the registry, put before a call's messages; empty: none
};

ConfigSchema route_schema();
// Checks what a schema cannot; references to providers and other routes are the caller's to check.
Result<RouteConfig> read_route(const std::string& name, const ConfigNode& node);

}  // namespace penstock::gateway
