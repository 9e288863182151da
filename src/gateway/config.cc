#include "gateway/config.h"

#include <algorithm>
#include <cmath>

namespace penstock::gateway {
namespace {

ConfigSchema milliseconds(std::string description) {
  return ConfigSchema::integer(std::move(description)).between(1, 86'400'000);
}

ConfigSchema dollars(std::string description) {
  return ConfigSchema::number(std::move(description)).between(0, 1'000'000);
}

ConfigSchema provider_schema() {
  return ConfigSchema::object(
      {{"type", ConfigSchema::string("The dialect it speaks").one_of({"openai"}).required()},
       {"base_url", ConfigSchema::string("Where it listens, with the version part: https://host/v1, "
                                         "http://127.0.0.1:8000/v1 or unix:/path/to/socket")
                        .required()},
       {"keys", ConfigSchema::list(ConfigSchema::secret("An API key"), "Keys sent to it, in turn")}});
}

ConfigSchema route_schema() {
  ConfigSchema target = ConfigSchema::object(
      {{"provider", ConfigSchema::string("A name under `providers`").required()},
       {"model",
        ConfigSchema::string("The provider's name of the model; absent: the name the client asked for")}});
  ConfigSchema timeouts = ConfigSchema::object({{"connect_ms", milliseconds("To connect")},
                                                {"ttft_ms", milliseconds("Until the answer begins")},
                                                {"idle_ms", milliseconds("Between two pieces of an answer")},
                                                {"total_ms", milliseconds("For the whole answer")}},
                                               "Time limits of a call");
  return ConfigSchema::object(
      {{"targets",
        ConfigSchema::list(std::move(target), "Where the calls go (one, in this version)").required()},
       {"timeouts", std::move(timeouts)}});
}

ConfigSchema price_schema() {
  return ConfigSchema::object(
      {{"input_usd_per_mtok", dollars("For a million input tokens").required()},
       {"output_usd_per_mtok", dollars("For a million output tokens").required()},
       {"cached_input_usd_per_mtok", dollars("Input read from a cache; default as input")},
       {"cache_write_usd_per_mtok", dollars("Input written to a cache; default as input")},
       {"reasoning_usd_per_mtok", dollars("Reasoning tokens; default as output")},
       {"audio_usd_per_mtok", dollars("Audio tokens; default as the dearer of both")}});
}

int64_t nano(const ConfigNode& node, std::string_view key, int64_t fallback) {
  if (node.find(key) == nullptr) return fallback;
  return std::llround(node.number_at(key, 0) * 1e9);
}

Price read_price(const ConfigNode& node) {
  int64_t input = nano(node, "input_usd_per_mtok", 0);
  int64_t output = nano(node, "output_usd_per_mtok", 0);
  return Price{.input = input,
               .cached_input = nano(node, "cached_input_usd_per_mtok", input),
               .cache_write = nano(node, "cache_write_usd_per_mtok", input),
               .output = output,
               .reasoning = nano(node, "reasoning_usd_per_mtok", output),
               .audio = nano(node, "audio_usd_per_mtok", std::max(input, output))};
}

Result<ProviderConfig> read_provider(const std::string& name, const ConfigNode& node) {
  auto endpoint = Endpoint::parse(node.string_at("base_url"));
  if (!endpoint) return Failure(node.find("base_url")->error(endpoint.error().message));
  ProviderConfig provider{.name = name, .endpoint = std::move(*endpoint), .keys = {}};
  if (const ConfigNode* keys = node.find("keys")) {
    for (const ConfigNode& key : keys->items()) provider.keys.push_back(key.scalar());
  }
  return provider;
}

HttpTimeouts read_timeouts(const ConfigNode* node) {
  HttpTimeouts timeouts;
  if (node == nullptr) return timeouts;
  timeouts.connect_ms = node->integer_at("connect_ms", timeouts.connect_ms);
  timeouts.first_byte_ms = node->integer_at("ttft_ms", timeouts.first_byte_ms);
  timeouts.idle_ms = node->integer_at("idle_ms", timeouts.idle_ms);
  timeouts.total_ms = node->integer_at("total_ms", timeouts.total_ms);
  return timeouts;
}

Result<RouteConfig> read_route(const std::string& name, const ConfigNode& node, const GatewayConfig& config) {
  const ConfigNode& targets = *node.find("targets");
  if (targets.items().size() != 1) {
    return Failure(
        targets.error("needs exactly one target: this version has no strategy to choose among several"));
  }
  if (name.find('*') < name.size() - 1) {
    return Failure(node.error("a '*' may only end a model name"));
  }
  const ConfigNode& target = targets.items()[0];
  RouteConfig route{.name = name,
                    .provider = target.string_at("provider"),
                    .model = target.string_at("model"),
                    .timeouts = read_timeouts(node.find("timeouts"))};
  if (!config.providers.contains(route.provider)) {
    return Failure(target.find("provider")->error("no provider is named '" + route.provider + "'"));
  }
  return route;
}

Result<void> read_keys(const ConfigNode& list, GatewayConfig& config) {
  constexpr size_t kKeyBytesMin = 8;
  for (const ConfigNode& node : list.items()) {
    const std::string& key = node.scalar();
    if (key.size() < kKeyBytesMin) return Failure(node.error("the key is shorter than 8 characters"));
    config.keys.push_back({node.string_at("name"), Digest::of(key)});
  }
  return {};
}

int64_t priced(int64_t tokens, int64_t nano_per_million) {
  constexpr __int128 kMillion = 1'000'000;
  return static_cast<int64_t>((static_cast<__int128>(tokens) * nano_per_million + kMillion / 2) / kMillion);
}

}  // namespace

ConfigSchema::Fields config_fields() {
  ConfigSchema client_key =
      ConfigSchema::secret("A key that clients send as a bearer token",
                           {{"name", ConfigSchema::string("Whose key it is; stands in records").required()}});
  return {
      {"providers", ConfigSchema::map(provider_schema(), "Places that answer, by a name of your choice")},
      {"models", ConfigSchema::map(route_schema(), "What clients may put in `model`; a name may end in *")},
      {"prices",
       ConfigSchema::object({{"models", ConfigSchema::map(price_schema(), "By the upstream's model name")}},
                            "What tokens cost, in USD for a million")},
      {"keys",
       ConfigSchema::list(std::move(client_key), "Keys that clients must send; absent: none is asked for")},
      {"records",
       ConfigSchema::object(
           {{"bodies", ConfigSchema::boolean("Keep inputs and outputs (default true)")},
            {"body_bytes_max",
             ConfigSchema::integer("Of each input and output (default 65536)").between(0, 16 << 20)}},
           "What is kept of each request")},
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
      ASSIGN_OR_RETURN(RouteConfig route, read_route(name, node, config));
      config.routes.push_back(std::move(route));
    }
  }
  const ConfigNode* prices = root.find("prices");
  if (prices != nullptr && prices->find("models") != nullptr) {
    for (const auto& [name, node] : prices->find("models")->members()) config.prices[name] = read_price(node);
  }
  if (const ConfigNode* keys = root.find("keys")) RETURN_IF_ERROR(read_keys(*keys, config));
  if (const ConfigNode* records = root.find("records")) {
    config.record_bodies = records->boolean_at("bodies", config.record_bodies);
    config.body_bytes_max = records->integer_at("body_bytes_max", config.body_bytes_max);
  }
  config.drain_ms = root.integer_at("drain_ms", config.drain_ms);
  return config;
}

Money cost_of(const TokenCounts& tokens, const Price& price) {
  return {priced(tokens.input, price.input) + priced(tokens.cached_input, price.cached_input) +
          priced(tokens.cache_write, price.cache_write) + priced(tokens.output, price.output) +
          priced(tokens.reasoning, price.reasoning) + priced(tokens.audio, price.audio)};
}

}  // namespace penstock::gateway
