#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "observability/traces/span.h"
#include "observability/traces/summary.h"
#include "storage/database/database.h"

// Rows of spans: table trace_spans. Inside reads and writes of the database.
namespace penstock::traces {

// A span made ready to be written, on whatever thread: its content rendered, its columns picked out.
struct SpanRow {
  std::string span_id;
  std::string parent_id;  // empty: a root
  std::string name;
  std::string type;    // empty: none
  std::string status;  // OK, ERROR, UNSET
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::string model;     // empty: unknown
  std::string provider;  // empty: unknown
  std::string usage;     // JSON; empty: none
  std::string cost;      // JSON; empty: none
  std::string content;   // span_content()
};

SpanRow make_span_row(const Span& span);

// Adds the span, or replaces the one of that id in the trace.
Result<void> write_span(database::Connection& connection, int64_t trace, const SpanRow& span);

// Ids, parents and amounts of all spans of a trace.
struct StoredAmounts {
  std::vector<SpanAmounts> tokens;
  std::vector<SpanAmounts> costs;
};
Result<StoredAmounts> read_amounts(database::Connection& connection, int64_t trace);

Result<int64_t> count_spans(database::Connection& connection, int64_t trace);

// The contents of a trace's spans, roots first, then by start. At most `contents_max` from `offset` on.
Result<std::vector<std::string>> read_contents(database::Connection& connection, int64_t trace,
                                               int64_t offset, int64_t contents_max);

}  // namespace penstock::traces
