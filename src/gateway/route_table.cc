#include "gateway/route_table.h"

namespace penstock::gateway {

std::string_view Upstream::next_key() const {
  if (keys.empty()) return {};
  return keys[turn.fetch_add(1, std::memory_order_relaxed) % keys.size()];
}

RouteTable::RouteTable(const GatewayConfig& config, const std::vector<EngineUpstream>& engines)
    : prices_(config.prices) {
  std::map<std::string, std::shared_ptr<const Upstream>, std::less<>> upstreams;
  for (const auto& [name, provider] : config.providers) {
    auto upstream = std::make_shared<Upstream>();
    upstream->name = name;
    upstream->endpoint = provider.endpoint;
    upstream->keys = provider.keys;
    upstreams[name] = std::move(upstream);
  }
  for (const RouteConfig& route : config.routes) {
    add(Route{.name = route.name,
              .upstream = upstreams.at(route.provider),
              .upstream_model = route.model,
              .timeouts = route.timeouts});
  }
  for (const EngineUpstream& engine : engines) {
    auto upstream = std::make_shared<Upstream>();
    upstream->name = "engine:" + engine.model;
    upstream->endpoint = engine.endpoint;
    upstream->model_version = engine.version;
    add(Route{.name = engine.model, .upstream = std::move(upstream), .upstream_model = {}, .timeouts = {}});
  }
}

void RouteTable::add(Route route) {
  if (route.name.ends_with('*')) {
    std::string prefix = route.name.substr(0, route.name.size() - 1);
    prefixes_.emplace(std::move(prefix), std::move(route));
  } else {
    std::string name = route.name;
    exact_.emplace(std::move(name), std::move(route));
  }
}

const Route* RouteTable::find(std::string_view model) const {
  if (auto found = exact_.find(model); found != exact_.end()) return &found->second;
  const Route* longest = nullptr;
  size_t length = 0;
  for (const auto& [prefix, route] : prefixes_) {
    if (model.starts_with(prefix) && (longest == nullptr || prefix.size() > length)) {
      longest = &route;
      length = prefix.size();
    }
  }
  return longest;
}

std::vector<const Route*> RouteTable::named() const {
  std::vector<const Route*> routes;
  for (const auto& [name, route] : exact_) routes.push_back(&route);
  return routes;
}

std::optional<Price> RouteTable::price(std::string_view upstream_model) const {
  auto found = prices_.find(upstream_model);
  if (found == prices_.end()) return std::nullopt;
  return found->second;
}

}  // namespace penstock::gateway
