#pragma once

#include <cstddef>
#include <memory>

#include "observability/prometheus_text.h"
#include "observability/request_record.h"

namespace penstock::observability {

// What Prometheus scrapes about requests, counted since the process began (docs/api.md lists the names).
// Label values come from callers, so each label admits its first kLabelValuesMax values and calls the rest
// "other"; a model that no route has is "unknown". Thread-safe; adding takes a fraction of a microsecond
// under a mutex.
class RequestMetrics {
 public:
  static constexpr size_t kLabelValuesMax = 64;
  static constexpr size_t kSeriesMax = 2'000;  // of one name; beyond it model and upstream are "other"

  RequestMetrics();
  ~RequestMetrics();

  void add(const RequestRecord& record);
  void write(PrometheusText& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::observability
