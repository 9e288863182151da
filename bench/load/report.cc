#include "bench/load/report.h"

#include <algorithm>

#include "core/json_writer.h"

namespace penstock::bench {
namespace {

// The smallest sample that at least `share` of all do not exceed (nearest rank).
int64_t percentile(const std::vector<int64_t>& sorted, double share) {
  const auto rank = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

void write_percentiles(JsonWriter& json, std::string_view name, std::vector<int64_t> samples) {
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  json.key(name).begin_object().field("p50", percentile(samples, 0.5)).field("p90", percentile(samples, 0.9));
  json.field("p99", percentile(samples, 0.99)).field("p999", percentile(samples, 0.999));
  json.field("max", samples.back()).end_object();
}

}  // namespace

std::string Report::json() const {
  const double seconds = static_cast<double>(elapsed_us) / 1e6;
  JsonWriter json;
  json.begin_object().field("requests", requests).field("errors", errors);
  json.field("reconnects", reconnects).field("seconds", seconds);
  json.field("requests_per_s", static_cast<double>(requests) / seconds).field("events", events);
  // Cut answers count too, which matters where an answer takes as long as the measurement.
  const auto texts = static_cast<double>(first_content.size() + between_content.size());
  json.field("content_events_per_s", texts / seconds);
  json.field("output_tokens", output_tokens);
  write_percentiles(json, "latency_us", latency);
  write_percentiles(json, "first_content_us", first_content);
  write_percentiles(json, "between_content_us", between_content);
  write_percentiles(json, "event_delay_us", event_delay);
  json.optional_field("first_error", first_error);
  return json.end_object().take();
}

}  // namespace penstock::bench
