#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "observability/traces/trace.h"
#include "storage/database/database.h"

// Rows of traces: tables trace_infos, trace_tags, trace_metadata, trace_links. Inside reads and writes of the
// database.
namespace penstock::traces {

// Tables of this folder: numbers 60 to 64.
std::span<const database::Migration> migrations();

// A trace's own row. What MLflow shows as tags and metadata and is searched most stands in columns.
struct TraceRow {
  int64_t id = 0;  // given by the database; order of arrival
  std::string trace_id;
  int64_t experiment = 0;
  int64_t request_time_ms = 0;
  std::optional<int64_t> execution_ms;
  TraceState state = TraceState::kUnspecified;
  std::optional<std::string> name;     // tag mlflow.traceName
  std::optional<std::string> session;  // metadata mlflow.trace.session
  std::optional<std::string> client_request_id;
  std::optional<std::string> request_preview;
  std::optional<std::string> response_preview;
  std::string artifact_location;  // tag mlflow.artifactLocation
  bool finalized = false;         // the client has said how it ended: its word counts over that of spans
  bool spans_here = false;        // spans came by OTLP: tag mlflow.trace.spansLocation
};

// The columns in the order that read_trace_row reads.
inline constexpr std::string_view kTraceColumns =
    "t.id, t.trace_id, t.experiment_id, t.request_time_ms, t.execution_ms, t.status, t.name, t.session,"
    " t.client_request_id, t.request_preview, t.response_preview, t.artifact_location, t.finalized, "
    "t.spans_here";
TraceRow read_trace_row(const database::Row& row);

Result<std::optional<TraceRow>> find_trace(database::Connection& connection, std::string_view trace_id);
// kNotFound in MLflow's words.
Result<TraceRow> get_trace(database::Connection& connection, std::string_view trace_id);
// Returns its id.
Result<int64_t> insert_trace(database::Connection& connection, const TraceRow& row);
Result<void> update_trace(database::Connection& connection, const TraceRow& row);

Result<void> set_tag(database::Connection& connection, int64_t trace, std::string_view key,
                     std::string_view value);
Result<bool> delete_tag(database::Connection& connection, int64_t trace, std::string_view key);
Result<void> set_metadata(database::Connection& connection, int64_t trace, std::string_view key,
                          std::string_view value);
Result<std::optional<std::string>> get_metadata(database::Connection& connection, int64_t trace,
                                                std::string_view key);

// Links of a trace to a run, or to a prompt's version "name/number".
enum class LinkKind : uint8_t { kRun, kPrompt };
std::string_view link_name(LinkKind kind);  // "run", "prompt"
Result<void> add_link(database::Connection& connection, int64_t trace, LinkKind kind,
                      std::string_view target);

// The infos of these rows, in their order, with tags, metadata and assessments.
Result<std::vector<TraceInfo>> read_infos(database::Connection& connection, std::span<const TraceRow> rows);
// Those traces that exist, in the order of `trace_ids`, each once.
Result<std::vector<TraceRow>> find_traces(database::Connection& connection,
                                          std::span<const std::string> trace_ids);

// The trace and all that belongs to it.
Result<void> delete_trace(database::Connection& connection, int64_t trace);

// Calls `run` with up to kIdsPerStatement ids at a time, the last one repeated to fill up, so that one
// prepared statement serves them all.
inline constexpr size_t kIdsPerStatement = 32;
std::string_view id_list();  // "($1, $2, ... $32)"
Result<void> in_groups(std::span<const int64_t> ids,
                       const std::function<Result<void>(std::span<const database::Value>)>& run);

}  // namespace penstock::traces
