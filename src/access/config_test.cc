#include "access/config.h"

#include <gtest/gtest.h>

namespace penstock::access {
namespace {

Result<AccessConfig> read(std::string_view text) {
  Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY") return "sk-0123456789";
    if (name == "SHORT") return "s3cr3t";
    return std::nullopt;
  };
  ASSIGN_OR_RETURN(ConfigNode root,
                   load_config(text, "penstock.yaml", ConfigSchema::object(config_fields()), environment));
  return read_config(root);
}

TEST(AccessConfig, KeysAndGroupsAreReadWithLimitsAndBudgets) {
  auto config = read(R"(
keys:
  - { name: dev, env: KEY }
  - name: search
    env: KEY
    group: acme/search
    role: admin
    models: ["gpt-*"]
    endpoints: [chat.completions]
    limits: { requests_per_minute: 300, concurrent: 5 }
    budget: { usd: 50.5, per: week }
groups:
  acme: { budget: { usd: 20000 } }
  acme/search: { limits: { tokens_per_minute: 500000 }, description: Search }
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->keys[0].secret, Digest::of("sk-0123456789"));
  EXPECT_EQ(config->keys[0].role, Role::kClient);
  const Key& key = config->keys[1];
  EXPECT_EQ(key.role, Role::kAdmin);
  EXPECT_EQ(key.group, "acme/search");
  EXPECT_EQ(key.scopes.models, std::vector<std::string>{"gpt-*"});
  EXPECT_EQ(key.limits,
            (std::vector<Limit>{{LimitKind::kRequests, 300, 60}, {LimitKind::kConcurrent, 5, 0}}));
  EXPECT_EQ(key.budget, (Budget{{50'500'000'000}, Period::kWeek}));
  EXPECT_EQ(config->groups[0].budget->per, Period::kMonth);
  EXPECT_EQ(config->groups[1].limits[0], (Limit{LimitKind::kTokens, 500'000, 60}));
}

TEST(AccessConfig, MistakesAreNamedWithTheirPlace) {
  EXPECT_TRUE(read("keys: [{name: dev, env: SHORT}]").error().message.contains("shorter than 8"));
  EXPECT_FALSE(read("keys: [{name: dev, env: SHORT}]").error().message.contains("s3cr3t"));
  EXPECT_FALSE(read("keys: [{name: dev, env: ABSENT}]"));
  EXPECT_FALSE(read("keys: [{env: KEY}]")) << "a key has a name";
  EXPECT_TRUE(read("keys: [{name: dev, env: KEY, group: a//b}]").error().message.contains("acme/search"));
  EXPECT_FALSE(read("keys: [{name: dev, env: KEY, role: root}]"));
  EXPECT_FALSE(read("groups: {'../x': {}}"));
  EXPECT_FALSE(read("groups: {a: {limits: {requests_per_minute: 0}}}"));
  EXPECT_FALSE(read("groups: {a: {budget: {per: month}}}")) << "a budget has an amount";
}

TEST(AccessConfig, GroupPathsAreNamesBelowNames) {
  for (const char* good : {"acme", "acme/search", "a.b-c_d/1"}) EXPECT_TRUE(check_group_path(good, "path"));
  for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "a/..", "a b", "a/b/c/d/e/f/g/h/i", "ä"}) {
    EXPECT_FALSE(check_group_path(bad, "path")) << bad;
  }
  EXPECT_FALSE(check_group_path(std::string(129, 'a'), "path"));
}

}  // namespace
}  // namespace penstock::access
