#include "gateway/strategy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace penstock::gateway {
namespace {

// Stafford's mix 13 of SplitMix64: every bit of the input moves every bit of the output.
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bit.
uint64_t text_hash(std::string_view text, uint64_t hash = 0xcbf29ce484222325) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// The smaller, the earlier it is tried.
double rank(Strategy strategy, const Target& target, size_t index, double price, uint64_t unit) {
  constexpr double kLast = std::numeric_limits<double>::max();
  switch (strategy) {
    case Strategy::kWeighted: {
      if (target.config.weight <= 0) return kLast;
      uint64_t hash = mixed(unit ^ text_hash(target.config.id));
      double uniform = (static_cast<double>(hash >> 11) + 0.5) / 9007199254740992.0;  // 2^53
      return -std::log(uniform) / target.config.weight;
    }
    case Strategy::kPriority:
      return static_cast<double>(index);
    case Strategy::kLeastBusy:
      return static_cast<double>(target.state->in_flight.load(std::memory_order_relaxed));
    case Strategy::kEwmaLatency:
    case Strategy::kHedge:  // a target that has not been seen is tried, so that it will be
      return static_cast<double>(target.state->first_token_us.load(std::memory_order_relaxed));
    case Strategy::kCheapest:
      return price;
  }
  return kLast;
}

}  // namespace

uint64_t unit_hash(std::string_view route, std::string_view unit) {
  return mixed(text_hash(unit, text_hash(route) * 31));
}

std::vector<size_t> order_targets(Strategy strategy, std::span<const Target> targets,
                                  std::span<const double> prices, const BreakerPolicy& breaker, uint64_t unit,
                                  int64_t now_us) {
  std::vector<size_t> order(targets.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (targets.size() == 1) return order;
  struct Rank {
    bool last;
    double value;
    uint64_t tie;  // equals are tried in an order of the unit's own
    auto operator<=>(const Rank&) const = default;
  };
  std::vector<Rank> ranks(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    const Target& target = targets[i];
    bool out = target.upstream->unwell.load(std::memory_order_relaxed) ||
               !target.state->breaker.would_admit(breaker, now_us) ||
               (!target.upstream->keys.empty() && target.upstream->keys.rests_until_us(now_us) != 0);
    ranks[i] = {.last = out,
                .value = rank(strategy, target, i, prices.empty() ? 0 : prices[i], unit),
                .tie = mixed(unit + i)};
  }
  std::ranges::sort(order, [&](size_t a, size_t b) { return ranks[a] < ranks[b]; });
  return order;
}

}  // namespace penstock::gateway
