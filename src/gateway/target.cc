#include "gateway/target.h"

#include <algorithm>
#include <cmath>

namespace penstock::gateway {
namespace {

constexpr double kStepsPerOctave = 4;
constexpr double kFirstBucketUs = 1'000;

size_t bucket_of(int64_t us, size_t count) {
  double steps = std::log2(std::max(1.0, static_cast<double>(us) / kFirstBucketUs)) * kStepsPerOctave;
  return std::min(count - 1, static_cast<size_t>(steps));
}

}  // namespace

PricedModel Target::priced(std::string_view asked) const {
  return {.provider = upstream->name,
          .type = upstream->type->name,
          .model = model(asked),
          .is_engine = upstream->is_engine()};
}

void TargetState::saw_first_token(int64_t us) {
  constexpr int64_t kWeight = 8;  // a new value counts for an eighth
  int64_t average = first_token_us.load(std::memory_order_relaxed);
  int64_t next = average == 0 ? us : average + (us - average) / kWeight;
  first_token_us.store(std::max<int64_t>(1, next), std::memory_order_relaxed);
  times_[bucket_of(us, kBuckets)].fetch_add(1, std::memory_order_relaxed);
  if (seen_.fetch_add(1, std::memory_order_relaxed) + 1 < kFadeAt) return;
  seen_.store(kFadeAt / 2, std::memory_order_relaxed);
  for (auto& count : times_)
    count.store(count.load(std::memory_order_relaxed) / 2, std::memory_order_relaxed);
}

int64_t TargetState::first_token_p95_us() const {
  constexpr int64_t kSeenMin = 20;
  int64_t total = 0;
  for (const auto& count : times_) total += count.load(std::memory_order_relaxed);
  if (total < kSeenMin) return 0;
  int64_t below = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    below += times_[i].load(std::memory_order_relaxed);
    if (below * 100 < total * 95) continue;
    return static_cast<int64_t>(kFirstBucketUs * std::exp2(static_cast<double>(i + 1) / kStepsPerOctave));
  }
  return 0;
}

}  // namespace penstock::gateway
