#include "engine/text_assembler.h"

#include <gtest/gtest.h>

#include <random>

#include "core/text.h"

namespace penstock::engine {
namespace {

std::string whole(std::string_view bytes, std::vector<std::string> stops = {}) {
  TextAssembler text(std::move(stops));
  std::string out = text.add(bytes);
  return out + text.finish();
}

TEST(TextAssembler, HoldsBackUnfinishedSequences) {
  TextAssembler text({});
  EXPECT_EQ(text.add("a\xF0\x9F"), "a");
  EXPECT_EQ(text.add("\x98"), "");
  EXPECT_EQ(text.add("\x80"
                     "b"),
            "\xF0\x9F\x98\x80"
            "b");
}

TEST(TextAssembler, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(whole("a\xFF"
                  "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(whole("a\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(whole("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(TextAssembler, EndsBeforeAStopStringThatSpansPieces) {
  TextAssembler text({"END"});
  EXPECT_EQ(text.add("one E"), "one ");
  EXPECT_EQ(text.add("N"), "");
  EXPECT_FALSE(text.stopped());
  EXPECT_EQ(text.add("D two"), "");
  EXPECT_TRUE(text.stopped());
  EXPECT_EQ(text.add("three"), "");
  EXPECT_EQ(text.finish(), "");
}

TEST(TextAssembler, GivesBackWhatOnlyLookedLikeAStopString) {
  TextAssembler text({"\n\nUser:"});
  EXPECT_EQ(text.add("a\n\nUs"), "a");
  EXPECT_EQ(text.add("ed"), "\n\nUsed");
  EXPECT_EQ(text.add("\n"), "");
  EXPECT_EQ(text.finish(), "\n");
}

TEST(TextAssembler, EndsAtTheFirstOfSeveralStopStrings) {
  EXPECT_EQ(whole("abcdef", {"ef", "cd"}), "ab");
  EXPECT_EQ(whole("aab", {"ab"}), "a");
}

TEST(TextAssembler, CountsBytesWhoseFateIsCertain) {
  TextAssembler text({"xyz"});
  text.add("ab");
  EXPECT_EQ(text.bytes_out(), 2U);
  text.add("cx");
  EXPECT_EQ(text.bytes_out(), 3U);
  text.add("yz");
  EXPECT_EQ(text.bytes_out(), 3U);
}

TEST(TextAssembler, GivesTheSameTextHoweverTheBytesAreCut) {
  constexpr uint64_t kSeed = 20261124;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  const std::vector<std::string> pieces = {"a", "é", "€", "😀", "\xFF", "\xE2\x82", "stop", "st", "\n", "op"};
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes;
    for (int i = 0; i < 12; ++i) bytes += pieces[random() % pieces.size()];
    const std::vector<std::string> stops = {"stop", "€\n", "opop"};
    const std::string expected = whole(bytes, stops);
    TextAssembler text(stops);
    std::string out;
    for (size_t i = 0; i < bytes.size();) {
      const size_t size = 1 + random() % 4;
      const std::string piece = text.add(std::string_view(bytes).substr(i, size));
      EXPECT_TRUE(is_valid_utf8(piece));
      out += piece;
      i += size;
    }
    out += text.finish();
    ASSERT_EQ(out, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace penstock::engine
