#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "observability/request_record.h"
#include "registry/models.h"

namespace penstock::gateway {

// A place that answers: a configured provider or one of our own engines. Thread-safe.
struct Upstream {
  std::string name;  // "openai" or "engine:smollm2-135m-instruct"
  Endpoint endpoint;
  std::vector<std::string> keys;
  // Set for our engines: the registered weights. Their calls end with their client; others are drained for
  // usage.
  std::optional<observability::ModelVersionRef> model_version;

  // The next key in turn; empty if there is none.
  std::string_view next_key() const;
  bool is_engine() const { return model_version.has_value(); }

  mutable std::atomic<uint64_t> turn{0};
};

struct Route {
  std::string name;  // "fast", "gpt-*"
  std::shared_ptr<const Upstream> upstream;
  std::string upstream_model;  // empty: the name as asked
  HttpTimeouts timeouts;
};

// An engine that serves one registered model by its name.
struct EngineUpstream {
  std::string model;
  registry::ModelKind kind = registry::ModelKind::kChat;
  Endpoint endpoint;  // with the prefix "/v1"
  observability::ModelVersionRef version;
};

// Public model names and where they go. Immutable once built; shared by all loops.
class RouteTable {
 public:
  // Configured routes come before engines of the same name.
  RouteTable(const GatewayConfig& config, const std::vector<EngineUpstream>& engines);

  // The route of that very name, else the one with the longest matching prefix before "*", else nullptr.
  const Route* find(std::string_view model) const;
  // Every name that stands for one model, sorted.
  std::vector<const Route*> named() const;
  std::optional<Price> price(std::string_view upstream_model) const;

 private:
  void add(Route route);

  std::map<std::string, Route, std::less<>> exact_;
  std::map<std::string, Route, std::less<>> prefixes_;  // without "*"
  std::map<std::string, Price, std::less<>> prices_;
};

}  // namespace penstock::gateway
