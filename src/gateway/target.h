#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/http_client.h"
#include "gateway/breaker.h"
#include "gateway/config.h"
#include "gateway/key_ring.h"
#include "gateway/price_table.h"
#include "observability/request_record.h"
#include "providers/provider_type.h"

namespace penstock::gateway {

// A place that answers: a configured provider or one of our own engines. Immutable but for what it learns;
// thread-safe.
struct Upstream {
  explicit Upstream(std::vector<ProviderKey> provider_keys = {}) : keys(std::move(provider_keys)) {}

  std::string name;  // "openai" or "engine:smollm2-135m-instruct"
  const providers::ProviderType* type = nullptr;
  Endpoint endpoint;
  KeyRing keys;
  providers::ProviderOptions options;
  HealthCheck health;
  // Set for our engines: the registered weights. Their calls end with their client; others are drained for
  // usage.
  std::optional<observability::ModelVersionRef> model_version;

  mutable std::atomic<bool> unwell{false};  // the last health check failed

  bool is_engine() const { return model_version.has_value(); }
};

// What has been seen of one target, kept when the configuration is loaded again. Thread-safe without locks.
struct TargetState {
  Breaker breaker;
  std::atomic<int64_t> in_flight{0};
  std::atomic<int64_t> calls{0};
  std::atomic<int64_t> errors{0};
  std::atomic<int64_t> hedged{0};  // calls that came here first and of which another target was asked, too
  std::atomic<int64_t> first_token_us{0};  // moving average; 0: nothing has been seen

  void saw_first_token(int64_t us);
  // About the 95th percentile of the times to the first token lately; 0: too few have been seen.
  int64_t first_token_p95_us() const;

 private:
  // Times in powers of 2^(1/4) from 1 ms, halved all together now and then, so that the old fades.
  static constexpr size_t kBuckets = 80;
  static constexpr int64_t kFadeAt = 1'000;
  std::array<std::atomic<int32_t>, kBuckets> times_{};
  std::atomic<int64_t> seen_{0};
};

// One of a route's places to go.
struct Target {
  TargetConfig config;
  std::shared_ptr<const Upstream> upstream;
  std::shared_ptr<TargetState> state;

  // The upstream's name of the model that a client asked for as `asked`.
  std::string_view model(std::string_view asked) const {
    return config.model.empty() ? asked : std::string_view(config.model);
  }
  PricedModel priced(std::string_view asked) const;
};

}  // namespace penstock::gateway
