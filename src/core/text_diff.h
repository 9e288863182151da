#pragma once

#include <string>
#include <string_view>

namespace penstock {

// What separates two texts, line by line, as `diff -u` shows it (POSIX diff -u, three lines of context): the
// names stand in its first two lines. Empty if the texts are equal. Shortest (Myers 1986) for up to
// kDiffEditsMax changed lines; beyond that the changed middle is replaced as a whole. O(lines * edits).
std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name);

inline constexpr int kDiffEditsMax = 1'000;

}  // namespace penstock
