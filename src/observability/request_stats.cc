#include "observability/request_stats.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "core/text.h"
#include "observability/duration_histogram.h"
#include "observability/request_log.h"

namespace penstock::observability {
namespace {

constexpr int64_t kBucketUs = RequestStats::kBucketS * 1'000'000;
// The longest window, and one more because a window seldom begins on a boundary.
constexpr int64_t kBuckets = RequestStats::kWindowMaxS / RequestStats::kBucketS + 1;
constexpr size_t kOtherModel = RequestStats::kModelsMax;  // the slot behind the named ones
constexpr size_t kModelBytesMax = 256;                    // more of a name is cut off
constexpr int64_t kRebuildChunkBytes = 8 << 20;

// Steps between points, in buckets: 10 s, 20 s, 30 s, 1 min, 2 min, 5 min, 10 min, 15 min.
constexpr std::array<int64_t, 8> kSteps = {1, 2, 3, 6, 12, 30, 60, 90};

int64_t bucket_of(int64_t us) { return us / kBucketUs; }

void add_record(RequestTotals& totals, const RequestRecord& record) {
  ++totals.requests;
  Outcome outcome = outcome_of(record);
  totals.errors += outcome == Outcome::kError ? 1 : 0;
  totals.cancelled += outcome == Outcome::kCancelled ? 1 : 0;
  totals.input_tokens += input_tokens(record.tokens);
  totals.output_tokens += output_tokens(record.tokens);
  totals.cost = totals.cost + record.cost.value_or(Money{});
}

void add_totals(RequestTotals& to, const RequestTotals& more) {
  to.requests += more.requests;
  to.errors += more.errors;
  to.cancelled += more.cancelled;
  to.input_tokens += more.input_tokens;
  to.output_tokens += more.output_tokens;
  to.cost = to.cost + more.cost;
}

struct ModelTotals {
  size_t slot = 0;
  RequestTotals totals;
};

struct Bucket {
  int64_t index = 0;  // time / kBucketUs
  RequestTotals totals;
  DurationHistogram<uint32_t> ttft;
  DurationHistogram<uint32_t> latency;
  std::vector<ModelTotals> models;

  RequestTotals& of_model(size_t slot) {
    auto found = std::ranges::find(models, slot, &ModelTotals::slot);
    return found != models.end() ? found->totals : models.emplace_back(slot).totals;
  }
};

// A bounded set of names that gives each a small number. When it is full, a name that no kept bucket holds
// any more makes room; failing that, the newcomer is one of the others.
class ModelSlots {
 public:
  size_t slot(std::string_view name, int64_t bucket) {
    auto known = std::ranges::find(names_, name, &Name::text);
    if (known == names_.end()) {
      if (names_.size() < RequestStats::kModelsMax) {
        known = names_.insert(names_.end(), {std::string(name), bucket});
      } else {
        known =
            std::ranges::find_if(names_, [&](const Name& n) { return n.last_bucket <= bucket - kBuckets; });
        if (known == names_.end()) return kOtherModel;
        *known = {std::string(name), bucket};
      }
    }
    known->last_bucket = std::max(known->last_bucket, bucket);
    return static_cast<size_t>(known - names_.begin());
  }

  std::string name(size_t slot) const { return slot == kOtherModel ? "other" : names_[slot].text; }

 private:
  struct Name {
    std::string text;
    int64_t last_bucket = 0;
  };
  std::vector<Name> names_;
};

// What a summary has gathered so far: one for the whole window, one for each point.
struct Gathered {
  RequestTotals totals;
  DurationHistogram<uint64_t> ttft;
  DurationHistogram<uint64_t> latency;

  template <class Source>
  void add(const Source& source) {
    add_totals(totals, source.totals);
    ttft.add(source.ttft);
    latency.add(source.latency);
  }
};

std::optional<Percentiles> percentiles(const DurationHistogram<uint64_t>& histogram) {
  auto p50 = histogram.quantile_us(0.50);
  auto p95 = histogram.quantile_us(0.95);
  if (!p50 || !p95) return std::nullopt;
  return Percentiles{*p50 / 1000, *p95 / 1000};
}

// Points begin on multiples of the step, so that a chart that is drawn again shows the same ones.
int64_t step_for(int64_t first, int64_t last) {
  for (int64_t step : kSteps) {
    if (last / step - first / step < static_cast<int64_t>(RequestStats::kPointsMax)) return step;
  }
  return kSteps.back();
}

}  // namespace

struct RequestStats::State {
  std::mutex mutex;
  std::array<std::unique_ptr<Bucket>, kBuckets> ring;  // a bucket stands at its index modulo the size
  ModelSlots models;

  // Null when `index` is not within the window that ends with bucket `now`.
  Bucket* bucket_for_writing(int64_t index, int64_t now) {
    if (index < 0 || index <= now - kBuckets) return nullptr;
    auto& slot = ring[static_cast<size_t>(index % kBuckets)];
    if (!slot) slot = std::make_unique<Bucket>();
    if (slot->index != index) {
      *slot = Bucket{};
      slot->index = index;
    }
    return slot.get();
  }

  const Bucket* bucket(int64_t index) const {
    const auto& slot = ring[static_cast<size_t>(index % kBuckets)];
    return slot && slot->index == index ? slot.get() : nullptr;
  }

  // Adds bucket `index`, if there is one, to `point` and to `models`.
  void gather(int64_t index, Gathered& point, std::array<RequestTotals, kModelsMax + 1>& by_slot) {
    std::lock_guard lock(mutex);
    const Bucket* found = bucket(index);
    if (found == nullptr) return;
    point.add(*found);
    for (const ModelTotals& model : found->models) add_totals(by_slot[model.slot], model.totals);
  }

  std::vector<ModelStats> named(const std::array<RequestTotals, kModelsMax + 1>& by_slot) {
    std::vector<ModelStats> out;
    std::lock_guard lock(mutex);
    for (size_t slot = 0; slot < by_slot.size(); ++slot) {
      if (by_slot[slot].requests > 0) out.push_back({models.name(slot), by_slot[slot]});
    }
    std::ranges::sort(out, {}, [](const ModelStats& m) { return std::pair(-m.totals.requests, m.model); });
    return out;
  }
};

RequestStats::RequestStats(const Clock& clock) : clock_(clock), state_(std::make_unique<State>()) {}
RequestStats::~RequestStats() = default;

void RequestStats::add(const RequestRecord& record) {
  int64_t now = bucket_of(clock_.now().us);
  int64_t index = std::min(bucket_of(record.ended_at.us), now);
  std::string_view model = record.route.empty() ? "unknown" : utf8_prefix(record.model, kModelBytesMax);
  std::lock_guard lock(state_->mutex);
  Bucket* bucket = state_->bucket_for_writing(index, now);
  if (bucket == nullptr) return;
  add_record(bucket->totals, record);
  add_record(bucket->of_model(state_->models.slot(model, index)), record);
  bucket->latency.add(record.ended_at.us - record.started_at.us);
  if (record.stream && record.first_token_at)
    bucket->ttft.add(record.first_token_at->us - record.started_at.us);
}

StatsSummary RequestStats::summary(int64_t window_s) const {
  window_s = std::clamp<int64_t>(window_s, 1, kWindowMaxS);
  int64_t now_us = clock_.now().us;
  int64_t last = bucket_of(now_us);
  int64_t first = bucket_of(std::max<int64_t>(0, now_us - window_s * 1'000'000));
  int64_t step = step_for(first, last);

  StatsSummary summary;
  summary.window_s = window_s;
  Gathered all;
  std::array<RequestTotals, kModelsMax + 1> by_slot{};
  for (int64_t point = first / step; point <= last / step; ++point) {
    Gathered here;
    for (int64_t index = std::max(first, point * step); index <= std::min(last, point * step + step - 1);
         ++index) {
      state_->gather(index, here, by_slot);
    }
    all.add(here);
    summary.series.push_back({{point * step * kBucketUs}, here.totals, percentiles(here.ttft)});
  }
  summary.totals = all.totals;
  summary.ttft = percentiles(all.ttft);
  summary.latency = percentiles(all.latency);
  summary.by_model = state_->named(by_slot);
  double covered_s = std::max(1.0, static_cast<double>(now_us - first * kBucketUs) / 1e6);
  summary.requests_per_s = static_cast<double>(all.totals.requests) / covered_s;
  summary.tokens_per_s = static_cast<double>(all.totals.input_tokens + all.totals.output_tokens) / covered_s;
  return summary;
}

Result<Rebuild> RequestStats::rebuild(journal::Journal& journal, RebuildLimits limits) {
  const int64_t oldest_us = clock_.now().us - kWindowMaxS * 1'000'000 - kOrderSlackUs;
  const int64_t deadline_us = clock_.monotonic_us() + limits.time_max_ms * 1000;
  Rebuild result;
  int64_t bytes_left = limits.bytes_max;
  bool reached_start = false;
  auto visit = [&](const journal::Position&, const journal::Record& entry) {
    reached_start = entry.at.us < oldest_us;
    if (reached_start) return false;
    if (auto record = decode(entry.payload)) {
      add(*record);
      ++result.requests;
    }
    bytes_left -= static_cast<int64_t>(entry.payload.size());
    return clock_.monotonic_us() < deadline_us && bytes_left > 0;
  };
  std::optional<journal::Position> before;
  while (bytes_left > 0 && clock_.monotonic_us() < deadline_us) {
    ASSIGN_OR_RETURN(auto next,
                     journal.scan_backwards(before, std::min(bytes_left, kRebuildChunkBytes), visit));
    if (reached_start || !next) {
      result.complete = true;
      break;
    }
    before = next;
  }
  return result;
}

}  // namespace penstock::observability
