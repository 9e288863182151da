#include "gateway/config.h"

#include <gtest/gtest.h>

#include "gateway/route_table.h"

namespace penstock::gateway {
namespace {

Result<GatewayConfig> read(std::string_view text) {
  Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY") return "sk-0123456789";
    return std::nullopt;
  };
  ASSIGN_OR_RETURN(ConfigNode root,
                   load_config(text, "penstock.yaml", ConfigSchema::object(config_fields()), environment));
  return read_config(root);
}

TEST(GatewayConfig, ProvidersAndModelsAreRead) {
  auto config = read(R"(
providers:
  openai: { type: openai, base_url: "https://api.example/v1", keys: [{ env: KEY }] }
models:
  fast: { targets: [{ provider: openai, model: gpt-x-mini }], timeouts: { ttft_ms: 4000 } }
  "gpt-*": { targets: [{ provider: openai }] }
  "gpt-x-*": { targets: [{ provider: openai, model: big }] }
)");
  ASSERT_TRUE(config) << config.error().message;
  TargetStates states;
  auto routes = std::move(*RouteTable::create(*config, {}, states));
  EXPECT_EQ(routes->find("fast")->config.timeouts.http.first_byte_ms, 4000);
  EXPECT_EQ(routes->find("gpt-4")->config.name, "gpt-*");
  EXPECT_EQ(routes->find("gpt-x-1")->targets[0].config.model, "big") << "the longest prefix wins";
  EXPECT_EQ(routes->find("other"), nullptr);
  EXPECT_EQ(routes->named().size(), 1u);
}

TEST(GatewayConfig, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(read("models:\n  a: {targets: [{provider: nope}]}\n").error().message,
            "penstock.yaml:2:28: models.a.targets[0].provider: no provider is named 'nope'");
  EXPECT_TRUE(
      read("providers: {p: {type: openai, base_url: 'ftp://x'}}").error().message.contains("base_url"));
  EXPECT_FALSE(
      read("providers: {p: {type: openai, base_url: 'http://h/v1'}}\n"
           "models: {a: {targets: [{provider: p}, {provider: p}]}}"));
  EXPECT_FALSE(
      read("providers: {p: {type: openai, base_url: 'http://h/v1'}}\n"
           "models: {'a*b': {targets: [{provider: p}]}}"));
}

}  // namespace
}  // namespace penstock::gateway
