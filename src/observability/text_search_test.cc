#include "observability/text_search.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/text.h"

namespace penstock::observability {
namespace {

TEST(TextSearch, FindsWhatAPlainSearchOfLowerCaseTextFinds) {
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    SeededRandom random(seed);
    auto text = [&](uint64_t length_max) {
      std::string out;
      for (uint64_t left = random.next_u64() % (length_max + 1); left > 0; --left) {
        out += "abAB\xC3"[random.next_u64() % 5];
      }
      return out;
    };
    std::string needle = text(4);
    std::string haystack = text(40);
    EXPECT_EQ(TextSearch(needle).in(haystack), to_lower(haystack).find(to_lower(needle)) != std::string::npos)
        << "seed " << seed << ": " << needle << " in " << haystack;
  }
}

TEST(TextSearch, TheEmptyTextIsInEverything) { EXPECT_TRUE(TextSearch("").in("")); }

TEST(JsonTextSearch, FindsTextHoweverItsEncoderWroteIt) {
  JsonTextSearch search("Grüße, \"Welt\" 😀");
  EXPECT_TRUE(search.in(R"({"content":"grüße, \"welt\" 😀"})"));
  EXPECT_TRUE(search.in(R"({"content":"Gr\u00FC\u00dfe, \"Welt\" \ud83d\ude00"})"));
  EXPECT_FALSE(search.in(R"({"content":"Grüße, Welt 😀"})"));
  EXPECT_TRUE(JsonTextSearch("a\nb").in(R"("a\nb")"));
  EXPECT_TRUE(JsonTextSearch("\"role\"").in(R"({"role":"user"})"));
}

}  // namespace
}  // namespace penstock::observability
