#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "observability/traces/span_store.h"
#include "observability/traces/summary.h"
#include "observability/traces/trace.h"
#include "storage/database/database.h"

namespace penstock::traces {

// The spans of one trace in one request, made ready outside of the database's thread.
struct IncomingTrace {
  std::string trace_id;  // "tr-..."
  std::vector<SpanRow> spans;
  int64_t start_ms = 0;                  // the earliest of these spans
  std::optional<int64_t> end_ms;         // the latest
  std::optional<TraceState> root_state;  // if the root is among them
  std::string request_preview;           // of the root; empty: none
  std::string response_preview;
  std::string session;  // empty: none
  std::string user;
  std::vector<SpanAmounts> tokens;
  std::vector<SpanAmounts> costs;
  TextMap tags;  // from resources, then from the root's own mlflow.traceTag.*
};

// Translates, renders and groups the spans of a request by trace, in the order of arrival. O(bytes).
std::vector<IncomingTrace> prepare(SpanBatch batch);

// Writes one trace's spans; makes the trace if it is new, in `experiment` with its artifacts below
// `artifact_root`. What start_trace has said of a trace is kept. Inside a write.
Result<void> write_spans(database::Connection& connection, const IncomingTrace& incoming, int64_t experiment,
                         const std::string& artifact_root);

// Where the artifacts of a trace belong.
std::string trace_artifacts(std::string_view artifact_root, std::string_view trace_id);

}  // namespace penstock::traces
