#include "core/form.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Form, PairsAreDecodedInOrder) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(form_pairs("a=1&b=x%20y+z&a=%C3%A9&c&&=e"),
            (Pairs{{"a", "1"}, {"b", "x y z"}, {"a", "\xC3\xA9"}, {"c", ""}, {"", "e"}}));
  EXPECT_EQ(form_pairs(""), Pairs{});
  EXPECT_EQ(form_decode("100%"), "100%");
}

}  // namespace
}  // namespace penstock
