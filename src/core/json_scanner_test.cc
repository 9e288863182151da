#include "core/json_scanner.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

#include "core/json_fields.h"
#include "core/random.h"

namespace penstock {
namespace {

bool passes(std::string_view text) {
  JsonScanner scanner(text);
  return !scanner.value().empty() && scanner.at_end();
}

TEST(JsonScanner, TakesWhatTheGrammarAllows) {
  for (std::string_view good :
       {"0", "-0", "12", "-1.5e+10", "1E9", "0.0", "true", "false", "null", "\"\"", "[]", "{}", " [ ] ",
        "{ }", R"([1,[2,{"a":[]}],{}])", R"({"a":{"b":null},"c":"d"})",
        R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")",
        "\"a string that is longer than a block, with \\\"quotes\\\" in it\"", "12345678901234567890123"}) {
    EXPECT_TRUE(passes(good)) << good;
  }
}

TEST(JsonScanner, RefusesEverythingElse) {
  for (std::string_view bad : {"",
                               " ",
                               "01",
                               "-",
                               "1.",
                               ".5",
                               "1e",
                               "1e+",
                               "+1",
                               "tru",
                               "truex",
                               "nul",
                               "True",
                               "NaN",
                               "[1,]",
                               "[,1]",
                               "[1 2]",
                               "[1",
                               "{\"a\":1",
                               "{\"a\"}",
                               "{\"a\" 1}",
                               "{a:1}",
                               "{,}",
                               "{\"a\":1,}",
                               "{\"a\":}",
                               "]",
                               "}",
                               "[}",
                               "{]",
                               "\"",
                               "\"a",
                               "\"\\\"",
                               "\"\\x\"",
                               "\"\\u12\"",
                               "\"\\u12g4\"",
                               "\"\\ud83d\"",
                               "\"\\ud83dx\"",
                               "\"\\ude00\"",
                               "\"\\ud83d\\u0041\"",
                               "\"a\nb\"",
                               "'a'",
                               "1 1",
                               "{}x",
                               "[]]",
                               "\"a string longer than one block and \x01 control\""}) {
    EXPECT_FALSE(passes(bad)) << bad;
  }
  EXPECT_FALSE(passes(std::string_view("\"a\0\"", 4)));
}

TEST(JsonScanner, NestsSoDeepAndNoDeeper) {
  auto nested = [](int levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(passes(nested(JsonScanner::kDepthMax)));
  EXPECT_FALSE(passes(nested(JsonScanner::kDepthMax + 2)));
}

TEST(JsonScanner, SaysWhereAndWhy) {
  JsonScanner scanner(R"({"a": [1 2]})");
  EXPECT_TRUE(scanner.value().empty());
  EXPECT_EQ(scanner.problem(), "at byte 9: a comma or an end is missing");
}

std::string random_json(SeededRandom& random, int depth) {
  constexpr std::string_view kScalars[] = {"1",
                                           "-2.5e3",
                                           "true",
                                           "null",
                                           "\"\"",
                                           R"("a\"b\\c")",
                                           "\"é日😀\"",
                                           R"("\u00e9\ud83d\ude00")",
                                           "\"0123456789abcdef0123\\n456789\""};
  uint64_t kind = random.next_u64() % (depth > 5 ? 1 : 3);
  if (kind == 0) return std::string(kScalars[random.next_u64() % std::size(kScalars)]);
  std::string out = kind == 1 ? "[" : "{";
  for (uint64_t left = random.next_u64() % 4; left > 0; --left) {
    if (out.size() > 1) out += random.next_u64() % 2 == 0 ? "," : " , ";
    if (kind == 2) out += "\"key" + std::to_string(left) + "\":";
    out += random_json(random, depth + 1);
  }
  return out + (kind == 1 ? "]" : "}");
}

// The same verdict, and the same text of every string, as a parser of somebody else.
TEST(JsonScanner, AgreesWithSimdjsonOnDamagedTextToo) {
  simdjson::dom::parser parser;
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    SeededRandom random(seed);
    std::string text = random_json(random, 0);
    for (uint64_t damages = random.next_u64() % 3; damages > 0 && !text.empty(); --damages) {
      constexpr std::string_view kBytes = "{}[],:\"\\0123eE+-.truefalsn u";
      size_t at = random.next_u64() % text.size();
      if (random.next_u64() % 2 == 0) {
        text.erase(at, 1);
      } else {
        text[at] = kBytes[random.next_u64() % kBytes.size()];
      }
    }
    bool theirs = simdjson::validate_utf8(text) && parser.parse(text).error() == simdjson::SUCCESS;
    bool ours = simdjson::validate_utf8(text) && passes(text);
    ASSERT_EQ(ours, theirs) << "seed " << seed << ": " << text;
    simdjson::dom::element element;
    std::string_view string;
    if (theirs && parser.parse(text).get(element) == simdjson::SUCCESS &&
        element.get(string) == simdjson::SUCCESS) {
      EXPECT_EQ(*json_unquote(text), string) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace penstock
