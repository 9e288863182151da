#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "observability/request_record.h"
#include "storage/journal/journal.h"

namespace penstock::observability {

// Sums over some requests. Tokens as OpenAI counts them: input includes cached, output includes reasoning.
struct RequestTotals {
  int64_t requests = 0;
  int64_t errors = 0;
  int64_t cancelled = 0;  // by their clients; no errors
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  Money cost;
};

struct Percentiles {
  double p50_ms = 0;
  double p95_ms = 0;
};

struct StatsPoint {
  Timestamp at;  // where it begins
  RequestTotals totals;
  std::optional<Percentiles> ttft;  // of streams only; nullopt where there were none
};

struct ModelStats {
  std::string model;  // "unknown": asked for a model that no route has; "other": beyond kModelsMax
  RequestTotals totals;
};

struct StatsSummary {
  int64_t window_s = 0;
  RequestTotals totals;
  double requests_per_s = 0;
  double tokens_per_s = 0;  // input and output
  std::optional<Percentiles> ttft;
  std::optional<Percentiles> latency;  // first byte in to last byte out, errors included
  std::vector<StatsPoint> series;      // oldest first, without gaps; at most kPointsMax
  std::vector<ModelStats> by_model;    // most requests first
};

// What a rebuild may cost at most.
struct RebuildLimits {
  int64_t bytes_max = 256 << 20;
  int64_t time_max_ms = 2'000;
};

struct Rebuild {
  int64_t requests = 0;
  bool complete = false;  // false: stopped at a limit; the oldest hours are missing
};

// Rolling statistics of the last 24 hours in buckets of 10 seconds, by the time a request ended. A bucket
// takes 2 KB plus 48 bytes per model seen in it and is made when first needed: under 20 MB for a server with
// a few models, about 45 MB at the very most. Thread-safe; adding takes about 0.1 µs under a mutex that a
// reader holds for one bucket at a time.
class RequestStats {
 public:
  static constexpr int64_t kBucketS = 10;
  static constexpr int64_t kWindowMaxS = 24 * 3600;
  static constexpr size_t kModelsMax = 32;
  static constexpr size_t kPointsMax = 120;

  explicit RequestStats(const Clock& clock);
  ~RequestStats();

  void add(const RequestRecord& record);

  // Over the last `window_s` seconds, rounded out to whole buckets and cut to what is kept. Reads up to 8,641
  // buckets (about 4 ms): call it on a BlockingPool.
  StatsSummary summary(int64_t window_s) const;

  // Adds what the journal holds of the last 24 hours, newest first. Once, before requests are added.
  // Blocking.
  Result<Rebuild> rebuild(journal::Journal& journal, RebuildLimits limits = {});

 private:
  struct State;
  const Clock& clock_;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::observability
