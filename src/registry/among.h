#pragma once

#include <algorithm>
#include <iterator>

namespace penstock::registry {

// std::ranges::contains, which the standard library of this platform lacks.
template <class Range, class Value>
bool is_among(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace penstock::registry
