#include "gateway/config.h"

namespace penstock::gateway {
namespace {

ConfigSchema provider_schema() {
  std::vector<std::string> types;
  for (const providers::ProviderType& type : providers::provider_types()) types.emplace_back(type.name);
  ConfigSchema key = ConfigSchema::secret(
      "An API key",
      {{"weight", ConfigSchema::integer("Its share of the calls (default 1)").between(1, 1'000)}});
  ConfigSchema health = ConfigSchema::object(
      {{"path", ConfigSchema::string("Below base_url, e.g. /models").required()},
       {"interval_ms",
        ConfigSchema::integer("Between two questions (default 10000)").between(100, 3'600'000)}},
      "Ask it now and then whether it is well");
  return ConfigSchema::object(
      {{"type", ConfigSchema::string("The kind of provider").one_of(std::move(types)).required()},
       {"base_url", ConfigSchema::string("Where it listens, with the version part: https://host/v1, "
                                         "http://127.0.0.1:8000/v1 or unix:/path/to/socket")},
       {"keys", ConfigSchema::list(std::move(key), "Keys sent to it, in turn")},
       {"api_version", ConfigSchema::string("Version of its API, where it has one (azure, anthropic)")},
       {"anthropic_beta", ConfigSchema::string("The header of that name")},
       {"max_tokens",
        ConfigSchema::integer("Sent where the protocol demands a limit and the client gave none")
            .between(1, 10'000'000)},
       {"health", std::move(health)}});
}

Result<ProviderConfig> read_provider(const std::string& name, const ConfigNode& node) {
  ProviderConfig provider{.name = name, .type = providers::find_provider_type(node.string_at("type"))};
  std::string url = node.string_at("base_url", provider.type->default_base_url);
  if (url.empty()) {
    return Failure(
        node.error("needs a base_url: the type '" + node.string_at("type") + "' has no usual one"));
  }
  auto endpoint = Endpoint::parse(url);
  if (!endpoint) return Failure(node.find("base_url")->error(endpoint.error().message));
  provider.endpoint = std::move(*endpoint);
  if (const ConfigNode* keys = node.find("keys")) {
    for (const ConfigNode& key : keys->items()) {
      provider.keys.push_back({.secret = key.scalar(), .weight = key.integer_at("weight", 1)});
    }
  }
  provider.options.api_version = node.string_at("api_version");
  provider.options.anthropic_beta = node.string_at("anthropic_beta");
  if (node.find("max_tokens") != nullptr) provider.options.max_tokens = node.integer_at("max_tokens", 0);
  if (const ConfigNode* health = node.find("health")) {
    provider.health = {.path = health->string_at("path"),
                       .interval_ms = health->integer_at("interval_ms", provider.health.interval_ms)};
    if (!provider.health.path.starts_with('/'))
      return Failure(health->find("path")->error("begins without '/'"));
  }
  return provider;
}

// Routes refer to providers and to one another by name.
Result<void> check_references(const ConfigNode& models, const GatewayConfig& config) {
  size_t i = 0;
  for (const auto& [name, node] : models.members()) {
    const RouteConfig& route = config.routes[i++];
    for (size_t t = 0; t < route.targets.size(); ++t) {
      const std::string& provider = route.targets[t].provider;
      if (provider == kEmbeddedProvider || config.providers.contains(provider)) continue;
      return Failure(node.find("targets")
                         ->items()[t]
                         .find("provider")
                         ->error("no provider is named '" + provider + "'"));
    }
    const ConfigNode* fallback = node.find("fallback");
    if (fallback == nullptr) continue;
    for (const auto& [cause, list] : fallback->members()) {
      for (const ConfigNode& other : list.items()) {
        if (other.scalar() == name) return Failure(other.error("a route cannot be its own fallback"));
      }
    }
  }
  return {};
}

}  // namespace

ConfigSchema::Fields config_fields() {
  return {
      {"providers", ConfigSchema::map(provider_schema(), "Places that answer, by a name of your choice")},
      {"models", ConfigSchema::map(route_schema(), "What clients may put in `model`; a name may end in *")},
      {"records",
       ConfigSchema::object(
           {{"bodies", ConfigSchema::boolean("Keep inputs and outputs (default true)")},
            {"body_bytes_max",
             ConfigSchema::integer("Of each input and output (default 65536)").between(0, 16 << 20)}},
           "What is kept of each request")},
      {"cache", ConfigSchema::object(
                    {{"bytes_max", ConfigSchema::integer("Memory for cached answers (default 67108864)")
                                       .between(1 << 20, int64_t{1} << 40)}},
                    "Answers kept by routes that have a `cache`")},
      {"drain_ms",
       ConfigSchema::integer("How long an answer is read on, for its usage, after its client has gone "
                             "(default 5000)")
           .between(0, 600'000)}};
}

Result<GatewayConfig> read_config(const ConfigNode& root) {
  GatewayConfig config;
  if (const ConfigNode* providers = root.find("providers")) {
    for (const auto& [name, node] : providers->members()) {
      ASSIGN_OR_RETURN(config.providers[name], read_provider(name, node));
    }
  }
  if (const ConfigNode* models = root.find("models")) {
    for (const auto& [name, node] : models->members()) {
      ASSIGN_OR_RETURN(RouteConfig route, read_route(name, node));
      config.routes.push_back(std::move(route));
    }
    RETURN_IF_ERROR(check_references(*models, config));
  }
  if (const ConfigNode* records = root.find("records")) {
    config.record_bodies = records->boolean_at("bodies", config.record_bodies);
    config.body_bytes_max = records->integer_at("body_bytes_max", config.body_bytes_max);
  }
  if (const ConfigNode* cache = root.find("cache")) {
    config.cache_bytes_max = cache->integer_at("bytes_max", config.cache_bytes_max);
  }
  config.drain_ms = root.integer_at("drain_ms", config.drain_ms);
  return config;
}

}  // namespace penstock::gateway
