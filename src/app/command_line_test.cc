#include "app/command_line.h"

#include <gtest/gtest.h>

namespace penstock::app {
namespace {

Command command() {
  return {.name = "serve",
          .summary = "Serve",
          .positional = "[FILE]",
          .positional_max = 1,
          .flags = {{"data", "DIR", "Where"}, {"json", "", "As JSON"}},
          .details = {},
          .examples = "  penstock serve",
          .run = [](const Arguments&) { return ExitCode::kOk; }};
}

Result<Arguments> parse(std::vector<std::string_view> words) { return CommandLine::parse(command(), words); }

TEST(CommandLine, FlagsAndPositionalWordsMayStandInAnyOrder) {
  auto arguments = parse({"file", "--data=/tmp/x", "--json"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->text("data"), "/tmp/x");
  EXPECT_TRUE(arguments->has("json"));
  EXPECT_EQ(arguments->positional()[0], "file");
  EXPECT_EQ(parse({"--data", "--json"})->text("data"), "--json");
  EXPECT_EQ(parse({"--", "--json"})->positional()[0], "--json");
}

TEST(CommandLine, OneLetterIsShortForTheOnlyFlagThatBeginsWithIt) {
  EXPECT_EQ(parse({"-d", "/tmp/x"})->text("data"), "/tmp/x");
  EXPECT_TRUE(parse({"-j"})->has("json"));
  EXPECT_EQ(parse({"-x"})->positional()[0], "-x");
  EXPECT_EQ(parse({"--", "-d"})->positional()[0], "-d");
  Command two = command();
  two.flags.push_back({"directory", "DIR", ""});
  EXPECT_EQ(CommandLine::parse(two, std::vector<std::string_view>{"-d"})->positional()[0], "-d");
}

TEST(CommandLine, MistakesNameTheFlagAndTheNearestOne) {
  EXPECT_TRUE(parse({"--dta", "x"}).error().message.contains("did you mean --data?"));
  EXPECT_FALSE(parse({"--data"}));
  EXPECT_FALSE(parse({"--json=1"}));
  EXPECT_FALSE(parse({"a", "b"}));
}

TEST(CommandLine, NumbersAreCheckedAgainstTheirRange) {
  auto arguments = parse({"--data", "70"});
  EXPECT_EQ(*arguments->integer("data", 1, 0, 100), 70);
  EXPECT_FALSE(arguments->integer("data", 1, 0, 69));
  EXPECT_EQ(*arguments->integer("absent", 5, 0, 9), 5);
}

TEST(CommandLine, TheExitCodeTellsWrongUsage) {
  CommandLine line({command()});
  auto run = [&](std::vector<std::string_view> words) { return line.run(words); };
  EXPECT_EQ(run({"serve"}), ExitCode::kOk);
  EXPECT_EQ(run({"serve", "--help"}), ExitCode::kOk);
  EXPECT_EQ(run({"serve", "--nope"}), ExitCode::kUsage);
  EXPECT_EQ(run({"srve"}), ExitCode::kUsage);
  EXPECT_EQ(run({}), ExitCode::kUsage);
}

TEST(CommandLine, HelpAndCompletionComeFromTheTable) {
  CommandLine line({command()});
  EXPECT_TRUE(CommandLine::help(command()).contains("--data DIR"));
  EXPECT_TRUE(line.completion("bash")->contains("--data --json"));
  EXPECT_FALSE(line.completion("tcsh"));
  Command grouped = command();
  grouped.name = "keys create";
  EXPECT_TRUE(CommandLine({grouped}).completion("bash")->contains("'keys'*) words='create '"));
}

}  // namespace
}  // namespace penstock::app
