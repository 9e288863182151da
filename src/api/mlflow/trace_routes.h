#pragma once

#include "api/mlflow/contract.h"
#include "core/blocking_pool.h"
#include "observability/traces/traces.h"

namespace penstock::api::mlflow {

// What the routes of traces need. Lives as long as the router.
struct TraceServices {
  traces::Traces& traces;
  BlockingPool& pool;  // renders traces of many spans
};

// Traces of MLflow 3 and 2, assessments, and OTLP at /v1/traces.
void add_trace_routes(Contract contract, TraceServices& services);

// How many traces a search is to return: 100 unless it says so. kInvalidArgument above 500.
Result<int64_t> read_results_max(const Fields& in);

// Parts of it, a file each.
void add_trace_v2_routes(Contract contract, TraceServices& services);
void add_assessment_routes(Contract contract, TraceServices& services);
void add_trace_metrics_routes(Contract contract, TraceServices& services);
void add_otlp_routes(Contract contract, TraceServices& services);

}  // namespace penstock::api::mlflow
