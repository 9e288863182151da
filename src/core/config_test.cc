#include "core/config.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

ConfigSchema target_schema() {
  return ConfigSchema::object({{"provider", ConfigSchema::string("whose").required()},
                               {"weight", ConfigSchema::integer("share").between(0, 100)}});
}

ConfigSchema schema() {
  return ConfigSchema::object(
      {{"listen", ConfigSchema::string("address")},
       {"durability", ConfigSchema::string("when").one_of({"process", "strict"})},
       {"bodies", ConfigSchema::boolean("keep bodies")},
       {"key", ConfigSchema::secret("key", {{"weight", ConfigSchema::integer("share")}})},
       {"models", ConfigSchema::map(ConfigSchema::list(target_schema(), "targets"), "all")}});
}

Result<ConfigNode> load(std::string_view text) {
  Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "8080";
    if (name == "TOKEN") return "s3cret\n";
    return std::nullopt;
  };
  return load_config(text, "penstock.yaml", schema(), environment);
}

TEST(Config, ValuesAreReadWithTheirTypes) {
  auto config = load("bodies: true\nmodels:\n  fast:\n    - {provider: a, weight: 95}\n    - provider: b\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->boolean_at("bodies", false));
  const ConfigNode& targets = config->find("models")->members()[0].second;
  EXPECT_EQ(targets.items()[0].integer_at("weight", 0), 95);
  EXPECT_EQ(targets.items()[1].integer_at("weight", 1), 1);
  EXPECT_EQ(targets.items()[1].error("unknown provider").message,
            "penstock.yaml:5:7: models.fast[1]: unknown provider");
}

TEST(Config, AnUnknownKeyIsNamedWithItsPlaceAndTheNearestValidOne) {
  auto config = load("listn: x\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, "penstock.yaml:1:1: unknown key 'listn'; did you mean 'listen'?");
}

TEST(Config, EveryProblemIsListed) {
  auto config = load("bodies: maybe\ndurability: never\nmodels:\n  fast:\n    - weight: 101\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message,
            "penstock.yaml:1:9: bodies: must be true or false\n"
            "penstock.yaml:2:13: durability: 'never' is not one of: process, strict\n"
            "penstock.yaml:5:15: models.fast[0].weight: must be at most 100\n"
            "penstock.yaml:5:7: models.fast[0]: 'provider' is missing: whose");
}

TEST(Config, EnvironmentVariablesAreExpandedAndMissingOnesAreErrors) {
  EXPECT_EQ(load("listen: 127.0.0.1:${PORT}")->string_at("listen"), "127.0.0.1:8080");
  EXPECT_EQ(load("listen: ${HOST:-localhost}$$")->string_at("listen"), "localhost$");
  EXPECT_EQ(load("listen: ${HOST}").error().message,
            "penstock.yaml:1:9: listen: the environment variable HOST is not set");
  EXPECT_FALSE(load("listen: ${HOST"));
}

TEST(Config, SecretsComeFromTheEnvironmentOrAFileOnly) {
  EXPECT_EQ(load("key: {env: TOKEN}")->string_at("key"), "s3cret");
  EXPECT_EQ(load("key: {env: TOKEN, weight: 2}")->find("key")->integer_at("weight", 0), 2);
  EXPECT_FALSE(load("key: s3cret"));
  EXPECT_FALSE(load("key: {env: TOKEN, file: /etc/hostname}"));
  EXPECT_FALSE(load("key: {env: TOKEN, wait: 2}"));
  EXPECT_FALSE(load("key: {env: NONE}"));
  EXPECT_FALSE(load("key: {file: /nonexistent}"));
}

TEST(Config, BrokenYamlIsAnErrorWithItsPlace) {
  auto config = load("models: [a\n");
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().message.starts_with("penstock.yaml:")) << config.error().message;
  EXPECT_FALSE(load("listen: a\nlisten: b\n"));
  EXPECT_FALSE(load("- a\n"));
  EXPECT_TRUE(load(""));
}

TEST(Config, AliasesCannotExplode) {
  std::string text = "models:\n  a0: &a0 [{provider: x}]\n";
  for (int i = 1; i < 30; ++i) {
    std::string before = std::to_string(i - 1);
    text +=
        "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before + ", *a" + before + "]\n";
  }
  EXPECT_FALSE(load(text));
}

TEST(Config, TheSchemaIsPublishedAsJsonSchema) {
  Json published = json_schema(schema());
  const Json* properties = find(published, "properties");
  ASSERT_NE(properties, nullptr);
  EXPECT_FALSE(bool_at(published, "additionalProperties", true));
  EXPECT_EQ(to_json(*find(*find(*properties, "durability"), "enum")), R"(["process","strict"])");
}

}  // namespace
}  // namespace penstock
