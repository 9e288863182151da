#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "gateway/target.h"

namespace penstock::gateway {

// A number that stands for a sticky unit ("user-17") within a route: the same in every process and version.
uint64_t unit_hash(std::string_view route, std::string_view unit);

// The indices of `targets` in the order in which a call tries them: by the strategy; then targets of weight 0
// are left out of kWeighted's choice, and those that are open or unwell come last. `unit` is the sticky
// unit's hash, or a random number.
//
// kWeighted is weighted rendezvous hashing (-weight / ln h is greatest): a target that is added takes its
// share evenly from all others and moves nothing else.
std::vector<size_t> order_targets(Strategy strategy, std::span<const Target> targets,
                                  std::span<const double> prices, const BreakerPolicy& breaker, uint64_t unit,
                                  int64_t now_us);

}  // namespace penstock::gateway
