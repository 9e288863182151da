#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/target.h"
#include "registry/models.h"

namespace penstock::gateway {

// A public model name and its targets.
struct Route {
  RouteConfig config;  // its name: "fast", "gpt-*"
  std::vector<Target> targets;

  bool is_engine() const { return targets.size() == 1 && targets[0].upstream->is_engine(); }
};

// An engine that serves one registered model by its name.
struct EngineUpstream {
  std::string model;
  registry::ModelKind kind = registry::ModelKind::kChat;
  Endpoint endpoint;  // with the prefix "/v1"
  observability::ModelVersionRef version;
};

// What has been learnt of targets, by route and target id, so that it outlives a reload. Thread-safe; used
// when a route table is made, never by a call.
class TargetStates {
 public:
  std::shared_ptr<TargetState> of(std::string_view route, std::string_view target);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<TargetState>, std::less<>> states_;
};

// Public model names and where they go. Immutable once built; shared by all loops.
class RouteTable {
 public:
  // Configured routes come before engines of the same name. kInvalidArgument: a target, a fallback or a cache
  // names what is not there.
  static Result<std::unique_ptr<RouteTable>> create(const GatewayConfig& config,
                                                    const std::vector<EngineUpstream>& engines,
                                                    TargetStates& states);

  // The route of that very name, else the one with the longest matching prefix before "*", else nullptr.
  const Route* find(std::string_view model) const;
  // Every name that stands for one model, sorted.
  std::vector<const Route*> named() const;
  // Every route, exact names first.
  std::vector<const Route*> all() const;
  // Every configured provider and engine, by name.
  const std::vector<std::shared_ptr<const Upstream>>& upstreams() const { return upstreams_; }

 private:
  Result<void> add(const RouteConfig& config, TargetStates& states);
  Result<void> check_references() const;
  std::shared_ptr<const Upstream> upstream(const TargetConfig& target) const;

  std::vector<std::shared_ptr<const Upstream>> upstreams_;
  std::map<std::string, Route, std::less<>> exact_;
  std::map<std::string, Route, std::less<>> prefixes_;  // without "*"
};

}  // namespace penstock::gateway
