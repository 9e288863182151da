#include "access/key_text.h"

#include <gtest/gtest.h>

namespace penstock::access {
namespace {

TEST(KeyText, ReadsWhatWasMade) {
  SeededRandom random(1);
  std::string text = make_key_text(SecretKind::kKey, random);
  EXPECT_TRUE(text.starts_with("sk-ps-"));
  EXPECT_EQ(text.size(), 69U);
  auto parsed = KeyText::parse(SecretKind::kKey, text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id.size(), KeyText::kIdBytes);
  EXPECT_EQ(parsed->secret.size(), KeyText::kSecretBytes);
  EXPECT_FALSE(KeyText::parse(SecretKind::kToken, text)) << "another kind";
}

TEST(KeyText, ANewSecretForAnIdKeepsTheId) {
  SeededRandom random(2);
  std::string text = make_key_text(SecretKind::kToken, random, "Ab12Cd34Ef56");
  EXPECT_EQ(KeyText::parse(SecretKind::kToken, text)->id, "Ab12Cd34Ef56");
}

TEST(KeyText, AnyChangedCharacterIsNoticedByTheChecksum) {
  SeededRandom random(3);
  std::string text = make_key_text(SecretKind::kKey, random);
  for (size_t i = 0; i < text.size(); ++i) {
    for (char other : {'0', 'a', '-', ' ', '\0'}) {
      std::string changed = text;
      if (changed[i] == other) continue;
      changed[i] = other;
      EXPECT_FALSE(KeyText::parse(SecretKind::kKey, changed)) << i;
    }
    EXPECT_FALSE(KeyText::parse(SecretKind::kKey, text.substr(0, i)));
  }
  EXPECT_FALSE(KeyText::parse(SecretKind::kKey, text + "x"));
}

TEST(KeyText, EveryDigitIsDrawnEquallyOften) {
  SeededRandom random(4);
  constexpr int kDraws = 62'000;
  std::array<int, 256> count{};
  for (char c : random_base62(random, kDraws)) ++count[static_cast<unsigned char>(c)];
  for (int c = 0; c < 256; ++c) {
    if (std::isalnum(c) == 0) {
      EXPECT_EQ(count[c], 0);
    } else {
      EXPECT_NEAR(count[c], kDraws / 62, 200) << static_cast<char>(c);  // over six standard deviations
    }
  }
}

}  // namespace
}  // namespace penstock::access
