#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::engine {

// Counts observations by upper bound. Any thread.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}
  void observe(double value);

  // Prometheus text format 0.0.4: cumulative buckets, +Inf, _sum and _count. `labels` is `a="b"`.
  void render(std::string& out, std::string_view name, std::string_view labels) const;

 private:
  std::span<const double> bounds_;
  std::vector<std::atomic<uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

enum class Ending : uint8_t { kStop, kLength, kAbort, kCount };

// What happens in the engine, under vLLM's metric names and meanings, so that its dashboards and routers
// work. Any thread; a rendering is not a snapshot.
struct EngineMetrics {
  EngineMetrics();

  std::atomic<int64_t> running = 0;  // choices that have a slot
  std::atomic<int64_t> waiting = 0;  // choices that have none
  std::atomic<double> kv_usage = 0;  // 0 to 1, of the cells
  std::atomic<uint64_t> prompt_tokens = 0;
  std::atomic<uint64_t> generation_tokens = 0;
  std::atomic<uint64_t> preemptions = 0;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(Ending::kCount)> endings{};
  Histogram time_to_first_token;  // from the request's arrival
  Histogram inter_token_latency;
  Histogram request_latency;
  Histogram queue_time;

  void ended(Ending ending) { ++endings[static_cast<size_t>(ending)]; }
  std::string render(std::string_view model_name) const;
};

}  // namespace penstock::engine
