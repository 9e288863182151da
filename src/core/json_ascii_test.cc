#include "core/json_ascii.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(JsonAscii, QuotesInAsciiAsPythonDoes) {
  EXPECT_EQ(json_quoted_ascii("plain"), "\"plain\"");
  EXPECT_EQ(json_quoted_ascii("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(json_quoted_ascii("é€"), "\"\\u00e9\\u20ac\"");
  EXPECT_EQ(json_quoted_ascii("😀"), "\"\\ud83d\\ude00\"");
}

}  // namespace
}  // namespace penstock
