#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::observability {

// Writes the Prometheus text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Thread rule: one thread.
class PrometheusText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  enum class Type : uint8_t { kCounter, kGauge, kHistogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Before the samples of one name. `help` is one line.
  void family(std::string_view name, Type type, std::string_view help);

  void sample(std::string_view name, Labels labels, int64_t value);
  void sample(std::string_view name, Labels labels, double value);
  // The lines of one histogram: `counts` has one more entry than `bounds_s`, for what lies above the last.
  void histogram(std::string_view name, std::pair<std::string_view, std::string_view> label,
                 std::span<const double> bounds_s, std::span<const int64_t> counts, int64_t sum_us);

  std::string take() { return std::move(out_); }

 private:
  void begin_sample(std::string_view name, Labels labels);
  std::string out_;
};

}  // namespace penstock::observability
