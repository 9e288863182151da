#include "engine/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace penstock::engine {
namespace {

// vLLM's buckets (vllm/v1/metrics/loggers.py).
constexpr double kFirstTokenSeconds[] = {0.001, 0.005, 0.01, 0.02,  0.04,  0.06,  0.08, 0.1,
                                         0.25,  0.5,   0.75, 1.0,   2.5,   5.0,   7.5,  10.0,
                                         20.0,  40.0,  80.0, 160.0, 640.0, 2560.0};
constexpr double kTokenSeconds[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,  0.3,  0.4, 0.5,
                                    0.75, 1.0,   2.5,  5.0,   7.5, 10.0, 20.0, 40.0, 80.0};
constexpr double kRequestSeconds[] = {0.3,  0.5,  0.8,  1.0,  1.5,   2.0,   2.5,   5.0,   10.0,   15.0,  20.0,
                                      30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0};

// An escaped label value (exposition format: backslash, quote and line feed).
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

void Histogram::render(std::string& out, std::string_view name, std::string_view labels) const {
  auto sink = std::back_inserter(out);
  uint64_t total = 0;
  for (size_t i = 0; i < bounds_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    fmt::format_to(sink, "{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bounds_[i], total);
  }
  total += counts_.back().load(std::memory_order_relaxed);
  fmt::format_to(sink, "{}_bucket{{{},le=\"+Inf\"}} {}\n", name, labels, total);
  fmt::format_to(sink, "{}_sum{{{}}} {}\n{}_count{{{}}} {}\n", name, labels,
                 sum_.load(std::memory_order_relaxed), name, labels, total);
}

EngineMetrics::EngineMetrics()
    : time_to_first_token(kFirstTokenSeconds),
      inter_token_latency(kTokenSeconds),
      request_latency(kRequestSeconds),
      queue_time(kRequestSeconds) {}

std::string EngineMetrics::render(std::string_view model_name) const {
  const std::string labels = fmt::format("model_name=\"{}\"", escaped(model_name));
  std::string out;
  auto value = [&](std::string_view name, std::string_view type, std::string_view help, auto number) {
    head(out, name, type, help);
    fmt::format_to(std::back_inserter(out), "{}{{{}}} {}\n", name, labels, number);
  };
  auto histogram = [&](std::string_view name, std::string_view help, const Histogram& values) {
    head(out, name, "histogram", help);
    values.render(out, name, labels);
  };
  value("vllm:num_requests_running", "gauge", "Sequences that are being computed.", running.load());
  value("vllm:num_requests_waiting", "gauge", "Sequences that wait to be computed.", waiting.load());
  // The name before and since vLLM 0.11.
  for (std::string_view name : {"vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"}) {
    value(name, "gauge", "Key and value cache in use; 1 means full.", kv_usage.load());
  }
  value("vllm:num_preemptions_total", "counter", "Sequences put back because the cache was full.",
        preemptions.load());
  value("vllm:prompt_tokens_total", "counter", "Prompt tokens computed.", prompt_tokens.load());
  value("vllm:generation_tokens_total", "counter", "Tokens generated.", generation_tokens.load());
  head(out, "vllm:request_success_total", "counter", "Requests ended, by reason.");
  constexpr std::string_view kReasons[] = {"stop", "length", "abort"};
  for (size_t i = 0; i < endings.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "vllm:request_success_total{{{},finished_reason=\"{}\"}} {}\n",
                   labels, kReasons[i], endings[i].load());
  }
  histogram("vllm:time_to_first_token_seconds", "From arrival to the first token.", time_to_first_token);
  // The name before and since vLLM 0.11.
  for (std::string_view name : {"vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"}) {
    histogram(name, "Between two tokens of a sequence.", inter_token_latency);
  }
  histogram("vllm:e2e_request_latency_seconds", "From arrival to the last token.", request_latency);
  histogram("vllm:request_queue_time_seconds", "From arrival to the first computation.", queue_time);
  return out;
}

}  // namespace penstock::engine
