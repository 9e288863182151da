#include "core/page_token.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(PageToken, ReadsBackWhatItWasMadeOf) {
  JsonArray keys = {1, 0.1, "run é", nullptr};
  EXPECT_EQ(read_page_token(make_page_token(keys), 4).value(), keys);
}

TEST(PageToken, RefusesWhatIsNone) {
  std::string token = make_page_token({1, 2});
  EXPECT_EQ(read_page_token("!!!", 2).error().message, "Invalid page token, decoded value=b''");
  EXPECT_EQ(read_page_token("abc", 2).error().message, "Invalid page token, could not base64-decode");
  EXPECT_FALSE(read_page_token(token, 3));
  EXPECT_FALSE(read_page_token(token + token, 2));
}

}  // namespace
}  // namespace penstock
