#include "gateway/route_table.h"

namespace penstock::gateway {
namespace {

std::shared_ptr<const Upstream> make_upstream(const ProviderConfig& provider) {
  auto upstream = std::make_shared<Upstream>(provider.keys);
  upstream->name = provider.name;
  upstream->type = provider.type;
  upstream->endpoint = provider.endpoint;
  upstream->options = provider.options;
  upstream->health = provider.health;
  return upstream;
}

std::shared_ptr<const Upstream> make_upstream(const EngineUpstream& engine) {
  auto upstream = std::make_shared<Upstream>();
  upstream->name = "engine:" + engine.model;
  upstream->type = providers::find_provider_type("openai");
  upstream->endpoint = engine.endpoint;
  upstream->model_version = engine.version;
  return upstream;
}

}  // namespace

std::shared_ptr<TargetState> TargetStates::of(std::string_view route, std::string_view target) {
  std::string key = std::string(route) + '\n' + std::string(target);
  std::lock_guard lock(mutex_);
  std::shared_ptr<TargetState>& state = states_[key];
  if (!state) state = std::make_shared<TargetState>();
  return state;
}

Result<std::unique_ptr<RouteTable>> RouteTable::create(const GatewayConfig& config,
                                                       const std::vector<EngineUpstream>& engines,
                                                       TargetStates& states) {
  auto table = std::make_unique<RouteTable>();
  for (const auto& [name, provider] : config.providers) table->upstreams_.push_back(make_upstream(provider));
  for (const EngineUpstream& engine : engines) table->upstreams_.push_back(make_upstream(engine));
  for (const RouteConfig& route : config.routes) RETURN_IF_ERROR(table->add(route, states));
  for (const EngineUpstream& engine : engines) {
    if (table->exact_.contains(engine.model)) continue;
    RouteConfig route{.name = engine.model};
    route.targets = {{.id = engine.model, .provider = std::string(kEmbeddedProvider), .model = engine.model}};
    RETURN_IF_ERROR(table->add(route, states));
  }
  RETURN_IF_ERROR(table->check_references());
  return table;
}

std::shared_ptr<const Upstream> RouteTable::upstream(const TargetConfig& target) const {
  std::string name = target.provider == kEmbeddedProvider ? "engine:" + target.model : target.provider;
  for (const auto& upstream : upstreams_) {
    if (upstream->name == name) return upstream;
  }
  return nullptr;
}

Result<void> RouteTable::add(const RouteConfig& config, TargetStates& states) {
  Route route{.config = config};
  for (const TargetConfig& target : config.targets) {
    std::shared_ptr<const Upstream> found = upstream(target);
    if (!found) {
      return Failure(
          Error::invalid("models." + config.name + ".targets",
                         "models." + config.name + ": target '" + target.id + "': there is no " +
                             (target.provider == kEmbeddedProvider ? "engine of the model '" + target.model
                                                                   : "provider '" + target.provider) +
                             "'"));
    }
    route.targets.push_back({target, std::move(found), states.of(config.name, target.id)});
  }
  if (config.name.ends_with('*')) {
    prefixes_.emplace(config.name.substr(0, config.name.size() - 1), std::move(route));
  } else {
    exact_.emplace(config.name, std::move(route));
  }
  return {};
}

Result<void> RouteTable::check_references() const {
  for (const Route* route : all()) {
    std::vector<std::string> names;
    const FallbackPolicy& fallback = route->config.fallback;
    for (const auto* list : {&fallback.error, &fallback.context_window, &fallback.content_policy}) {
      names.insert(names.end(), list->begin(), list->end());
    }
    if (!route->config.cache.embed.empty()) names.push_back(route->config.cache.embed);
    for (const std::string& name : names) {
      if (find(name) != nullptr) continue;
      return Failure(Error::invalid(
          "models." + route->config.name,
          "models." + route->config.name + ": refers to the model '" + name + "', which no route has"));
    }
  }
  return {};
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

std::vector<const Route*> RouteTable::all() const {
  std::vector<const Route*> routes = named();
  for (const auto& [prefix, route] : prefixes_) routes.push_back(&route);
  return routes;
}

}  // namespace penstock::gateway
