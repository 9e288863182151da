#include "observability/metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "core/text.h"

namespace penstock::observability {
namespace {

// vLLM's bounds for time to first token and OpenTelemetry's for gen_ai.server.request.duration, so that
// existing dashboards and comparisons keep their resolution.
constexpr std::array kTtftBounds = {.001, .005, .01, .02, .04, .06, .08, .1,
                                    .25,  .5,   .75, 1.,  2.5, 5.,  7.5, 10.};
constexpr std::array kDurationBounds = {.01,  .02,  .04,  .08,   .16,   .32,   .64,
                                        1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};

template <size_t N>
class Histogram {
 public:
  explicit Histogram(const std::array<double, N>& bounds_s) : bounds_s_(bounds_s) {}

  void add(int64_t duration_us) {
    duration_us = std::max<int64_t>(0, duration_us);
    auto above = std::ranges::lower_bound(bounds_s_, static_cast<double>(duration_us) / 1e6);
    ++counts_[static_cast<size_t>(above - bounds_s_.begin())];
    sum_us_ += duration_us;
  }

  void write(PrometheusText& out, std::string_view name, std::string_view model) const {
    out.histogram(name, {"model", model}, bounds_s_, counts_, sum_us_);
  }

 private:
  const std::array<double, N>& bounds_s_;
  std::array<int64_t, N + 1> counts_{};
  int64_t sum_us_ = 0;
};

constexpr size_t kLabelBytesMax = 256;

class LabelValues {
 public:
  std::string_view admit(std::string_view value) {
    if (value.size() > kLabelBytesMax || !is_valid_utf8(value)) return "other";
    auto known = values_.find(value);
    if (known != values_.end()) return *known;
    if (values_.size() >= RequestMetrics::kLabelValuesMax) return "other";
    return *values_.emplace(value).first;
  }

 private:
  std::set<std::string, std::less<>> values_;
};

using LabelViews = std::tuple<std::string_view, std::string_view, std::string_view>;

// Counters with the labels model, upstream and one more.
class Counters {
 public:
  void add(LabelViews labels) {
    auto known = counts_.find(labels);
    if (known == counts_.end()) {
      auto& [model, upstream, last] = labels;
      if (counts_.size() >= RequestMetrics::kSeriesMax) model = upstream = "other";
      known = counts_.try_emplace({std::string(model), std::string(upstream), std::string(last)}, 0).first;
    }
    ++known->second;
  }

  void write(PrometheusText& out, std::string_view name, std::string_view last_label) const {
    for (const auto& [labels, count] : counts_) {
      const auto& [model, upstream, last] = labels;
      out.sample(name, {{"model", model}, {"upstream", upstream}, {last_label, last}}, count);
    }
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, int64_t, std::less<>> counts_;
};

// "200"; what no HTTP status can be is "0", so that the label stays bounded.
std::string status_label(int status) { return std::to_string(status >= 100 && status <= 599 ? status : 0); }

void add_tokens(TokenCounts& to, const TokenCounts& more) {
  for (const TokenKind& kind : token_kinds()) to.*kind.count += more.*kind.count;
}

struct ModelTimes {
  Histogram<kTtftBounds.size()> ttft{kTtftBounds};
  Histogram<kDurationBounds.size()> duration{kDurationBounds};
};

struct Counted {
  LabelValues models;
  LabelValues upstreams;
  LabelValues error_codes;
  Counters requests;
  Counters errors;
  TokenCounts tokens;
  Money cost;
  std::map<std::string, ModelTimes, std::less<>> times;

  ModelTimes& times_of(std::string_view model) {
    auto known = times.find(model);
    return known != times.end() ? known->second : times.try_emplace(std::string(model)).first->second;
  }

  void add(const RequestRecord& r) {
    std::string_view model = models.admit(r.route.empty() ? std::string_view("unknown") : r.model);
    std::string_view upstream = upstreams.admit(r.upstream);
    requests.add({model, upstream, status_label(r.status)});
    if (is_error(r) && !r.error_code.empty()) errors.add({model, upstream, error_codes.admit(r.error_code)});
    add_tokens(tokens, r.tokens);
    cost = cost + r.cost.value_or(Money{});
    ModelTimes& model_times = times_of(model);
    model_times.duration.add(r.ended_at.us - r.started_at.us);
    if (r.stream && r.first_token_at) model_times.ttft.add(r.first_token_at->us - r.started_at.us);
  }

  void write(PrometheusText& out) const {
    constexpr auto kCounter = PrometheusText::Type::kCounter;
    out.family("penstock_requests_total", kCounter, "Requests answered, by HTTP status.");
    requests.write(out, "penstock_requests_total", "status");
    out.family(
        "penstock_request_errors_total", kCounter,
        "Requests that ended in an error, also one in the middle of a stream; a client's own cancelling "
        "(status 499) is none.");
    errors.write(out, "penstock_request_errors_total", "code");
    write_sums(out);
    write_times(out);
  }

  void write_sums(PrometheusText& out) const {
    using Type = PrometheusText::Type;
    constexpr std::string_view kTokens = "penstock_tokens_total";
    out.family(kTokens, Type::kCounter, "Tokens processed, in exclusive kinds.");
    for (const TokenKind& kind : token_kinds()) {
      out.sample(kTokens, {{"kind", kind.name}}, tokens.*kind.count);
    }
    out.family("penstock_cost_usd_total", Type::kCounter, "Cost by the configured prices.");
    out.sample("penstock_cost_usd_total", {}, static_cast<double>(cost.nano_usd) / 1e9);
  }

  void write_times(PrometheusText& out) const {
    constexpr std::string_view kTtft = "penstock_ttft_seconds";
    constexpr std::string_view kDuration = "penstock_request_duration_seconds";
    out.family(kTtft, PrometheusText::Type::kHistogram,
               "Time from first byte in to first token out, of streams.");
    for (const auto& [model, t] : times) t.ttft.write(out, kTtft, model);
    out.family(kDuration, PrometheusText::Type::kHistogram, "Time from first byte in to last byte out.");
    for (const auto& [model, t] : times) t.duration.write(out, kDuration, model);
  }
};

}  // namespace

struct RequestMetrics::State {
  std::mutex mutex;
  Counted counted;
};

RequestMetrics::RequestMetrics() : state_(std::make_unique<State>()) {}
RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::add(const RequestRecord& r) {
  std::lock_guard lock(state_->mutex);
  state_->counted.add(r);
}

void RequestMetrics::write(PrometheusText& out) const {
  // Copied, so that requests do not wait for the formatting.
  std::unique_lock lock(state_->mutex);
  const Counted counted = state_->counted;
  lock.unlock();
  counted.write(out);
}

}  // namespace penstock::observability
