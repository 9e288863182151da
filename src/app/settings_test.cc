#include "app/settings.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_directory.h"

namespace penstock::app {
namespace {

Result<Settings> load(std::string_view text) {
  TemporaryDirectory directory;
  auto file = directory.path() / "penstock.yaml";
  EXPECT_TRUE(replace_file(file, text));
  return load_settings(file, [](const std::string&) { return std::optional<std::string>("secret-key"); });
}

TEST(Settings, WithoutAFileThereAreDefaults) {
  auto settings = load_settings("", process_environment());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->listen, std::vector<std::string>{"127.0.0.1:8080"});
  EXPECT_TRUE(settings->embedded);
}

TEST(Settings, EngineAndServerSettingsAreRead) {
  auto settings =
      load("listen: '127.0.0.1:1 unix:/tmp/x'\ndurability: strict\nengines: {tiny: {threads: 3}}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->listen.size(), 2u);
  EXPECT_EQ(settings->durability, gateway::Durability::kStrict);
  EXPECT_EQ(settings->engines[0].threads, 3);
}

TEST(Settings, AnOpenGatewayOnlyListensOnLoopback) {
  auto exposed = [](std::string listen, std::string rest = "") {
    return check_exposure(*load("listen: '" + listen + "'\n" + rest));
  };
  EXPECT_TRUE(exposed("127.0.0.1:80 [::1]:80 localhost:80 unix:/tmp/x"));
  EXPECT_FALSE(exposed("0.0.0.0:80"));
  EXPECT_FALSE(exposed("127.example.com:80"));
  EXPECT_TRUE(exposed("0.0.0.0:80", "keys: [{name: a, env: KEY}]\n"));
}

}  // namespace
}  // namespace penstock::app
