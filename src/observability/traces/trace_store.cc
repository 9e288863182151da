#include "observability/traces/trace_store.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "observability/traces/assessment_store.h"
#include "observability/traces/sql_text.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::array kMigrations = {
    database::Migration{
        .number = 60,
        .name = "traces, their spans and assessments",
        .sql =
            "CREATE TABLE trace_infos (id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE,"
            " experiment_id INTEGER NOT NULL, request_time_ms INTEGER NOT NULL, execution_ms INTEGER,"
            " status TEXT NOT NULL, name TEXT, session TEXT, client_request_id TEXT, request_preview TEXT,"
            " response_preview TEXT, artifact_location TEXT NOT NULL, finalized INTEGER NOT NULL,"
            " spans_here INTEGER NOT NULL) STRICT;"
            "CREATE INDEX trace_infos_by_time ON trace_infos (experiment_id, request_time_ms DESC, trace_id);"
            "CREATE INDEX trace_infos_by_session ON trace_infos (experiment_id, session) WHERE session IS "
            "NOT NULL;"
            "CREATE TABLE trace_tags (trace INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
            " PRIMARY KEY (trace, key)) WITHOUT ROWID, STRICT;"
            "CREATE TABLE trace_metadata (trace INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
            " PRIMARY KEY (trace, key)) WITHOUT ROWID, STRICT;"
            "CREATE TABLE trace_links (trace INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,"
            " PRIMARY KEY (kind, target, trace)) WITHOUT ROWID, STRICT;"
            "CREATE INDEX trace_links_by_trace ON trace_links (trace);"
            "CREATE TABLE trace_spans (id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, span_id TEXT NOT NULL,"
            " parent_id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,"
            " start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, model TEXT, provider TEXT, usage TEXT, "
            "cost TEXT,"
            " content TEXT NOT NULL) STRICT;"
            "CREATE UNIQUE INDEX trace_spans_by_id ON trace_spans (trace, span_id);"
            "CREATE INDEX trace_spans_by_type ON trace_spans (trace, type, name, status);"
            "CREATE TABLE trace_assessments (assessment_id TEXT PRIMARY KEY, trace INTEGER NOT NULL,"
            " name TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, number REAL, error TEXT NOT NULL,"
            " source_type TEXT NOT NULL, source_id TEXT NOT NULL, span_id TEXT, rationale TEXT,"
            " metadata TEXT NOT NULL, of_session INTEGER NOT NULL, overrides TEXT NOT NULL, valid INTEGER "
            "NOT NULL,"
            " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;"
            "CREATE INDEX trace_assessments_by_trace ON trace_assessments (trace, name)"},
};

constexpr std::string_view kInsertTrace =
    "INSERT INTO trace_infos (trace_id, experiment_id, request_time_ms, execution_ms, status, name, session,"
    " client_request_id, request_preview, response_preview, artifact_location, finalized, spans_here)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id";
constexpr std::string_view kUpdateTrace =
    "UPDATE trace_infos SET experiment_id = $2, request_time_ms = $3, execution_ms = $4, status = $5, name = "
    "$6,"
    " session = $7, client_request_id = $8, request_preview = $9, response_preview = $10,"
    " artifact_location = $11, finalized = $12, spans_here = $13 WHERE trace_id = $1";
constexpr std::string_view kSetTag =
    "INSERT INTO trace_tags (trace, key, value) VALUES ($1, $2, $3)"
    " ON CONFLICT (trace, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteTag = "DELETE FROM trace_tags WHERE trace = $1 AND key = $2";
constexpr std::string_view kSetMetadata =
    "INSERT INTO trace_metadata (trace, key, value) VALUES ($1, $2, $3)"
    " ON CONFLICT (trace, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kGetMetadata = "SELECT value FROM trace_metadata WHERE trace = $1 AND key = $2";
constexpr std::string_view kAddLink =
    "INSERT INTO trace_links (trace, kind, target) VALUES ($1, $2, $3)"
    " ON CONFLICT (kind, target, trace) DO NOTHING";
constexpr std::array<std::string_view, 6> kDeleteTrace = {
    "DELETE FROM trace_tags WHERE trace = $1",        "DELETE FROM trace_metadata WHERE trace = $1",
    "DELETE FROM trace_links WHERE trace = $1",       "DELETE FROM trace_spans WHERE trace = $1",
    "DELETE FROM trace_assessments WHERE trace = $1", "DELETE FROM trace_infos WHERE id = $1"};

const std::string& find_sql() {
  static const std::string kSql =
      SqlText("SELECT ").add(kTraceColumns).add(" FROM trace_infos t WHERE t.trace_id = $1").text();
  return kSql;
}

std::string list_sql(std::string_view start) { return std::string(start) + std::string(id_list()); }
const std::string& tags_sql() {
  static const std::string kSql = list_sql("SELECT trace, key, value FROM trace_tags WHERE trace IN ");
  return kSql;
}
const std::string& metadata_sql() {
  static const std::string kSql = list_sql("SELECT trace, key, value FROM trace_metadata WHERE trace IN ");
  return kSql;
}

Value optional_text(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }
std::optional<std::string> text_or_null(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(std::string(row.text(column)));
}

std::array<Value, 13> values_of(const TraceRow& row) {
  return {row.trace_id,
          row.experiment,
          row.request_time_ms,
          row.execution_ms ? Value(*row.execution_ms) : Value(),
          std::string(state_name(row.state)),
          optional_text(row.name),
          optional_text(row.session),
          optional_text(row.client_request_id),
          optional_text(row.request_preview),
          optional_text(row.response_preview),
          row.artifact_location,
          int64_t{row.finalized},
          int64_t{row.spans_here}};
}

TraceInfo info_of(const TraceRow& row) {
  TraceInfo info{.trace_id = row.trace_id,
                 .experiment_id = std::to_string(row.experiment),
                 .request_time_ms = row.request_time_ms,
                 .execution_ms = row.execution_ms,
                 .state = row.state,
                 .client_request_id = row.client_request_id,
                 .request_preview = row.request_preview,
                 .response_preview = row.response_preview,
                 .metadata = {},
                 .tags = {},
                 .assessments = {}};
  if (row.name) info.tags.emplace(kNameTag, *row.name);
  if (row.session) info.metadata.emplace(kSessionKey, *row.session);
  if (row.finalized) info.metadata.emplace(kFinalizedKey, "true");
  if (row.spans_here) info.tags.emplace(kSpansLocationTag, kTrackingStore);
  if (!row.artifact_location.empty()) info.tags.emplace(kArtifactLocationTag, row.artifact_location);
  return info;
}

}  // namespace

std::span<const database::Migration> migrations() { return kMigrations; }

TraceRow read_trace_row(const Row& row) {
  return {.id = row.integer(0),
          .trace_id = std::string(row.text(1)),
          .experiment = row.integer(2),
          .request_time_ms = row.integer(3),
          .execution_ms = row.is_null(4) ? std::nullopt : std::optional(row.integer(4)),
          .state = parse_state(row.text(5)).value_or(TraceState::kUnspecified),
          .name = text_or_null(row, 6),
          .session = text_or_null(row, 7),
          .client_request_id = text_or_null(row, 8),
          .request_preview = text_or_null(row, 9),
          .response_preview = text_or_null(row, 10),
          .artifact_location = std::string(row.text(11)),
          .finalized = row.integer(12) != 0,
          .spans_here = row.integer(13) != 0};
}

Result<std::optional<TraceRow>> find_trace(Connection& connection, std::string_view trace_id) {
  std::optional<TraceRow> found;
  const Value values[] = {std::string(trace_id)};
  RETURN_IF_ERROR(connection.query(find_sql(), values, [&](const Row& row) {
    found = read_trace_row(row);
    return false;
  }));
  return found;
}

Result<TraceRow> get_trace(Connection& connection, std::string_view trace_id) {
  ASSIGN_OR_RETURN(std::optional<TraceRow> found, find_trace(connection, trace_id));
  if (found) return std::move(*found);
  return Failure(Error::not_found("Trace with ID '" + std::string(trace_id) + "' not found."));
}

Result<int64_t> insert_trace(Connection& connection, const TraceRow& row) {
  int64_t id = 0;
  RETURN_IF_ERROR(connection.query(kInsertTrace, values_of(row), [&](const Row& made) {
    id = made.integer(0);
    return true;
  }));
  return id;
}

Result<void> update_trace(Connection& connection, const TraceRow& row) {
  RETURN_IF_ERROR(connection.execute(kUpdateTrace, values_of(row)));
  return {};
}

Result<void> set_tag(Connection& connection, int64_t trace, std::string_view key, std::string_view value) {
  const Value values[] = {trace, std::string(key), std::string(value)};
  RETURN_IF_ERROR(connection.execute(kSetTag, values));
  return {};
}

Result<bool> delete_tag(Connection& connection, int64_t trace, std::string_view key) {
  const Value values[] = {trace, std::string(key)};
  ASSIGN_OR_RETURN(int64_t deleted, connection.execute(kDeleteTag, values));
  return deleted > 0;
}

Result<void> set_metadata(Connection& connection, int64_t trace, std::string_view key,
                          std::string_view value) {
  const Value values[] = {trace, std::string(key), std::string(value)};
  RETURN_IF_ERROR(connection.execute(kSetMetadata, values));
  return {};
}

Result<std::optional<std::string>> get_metadata(Connection& connection, int64_t trace, std::string_view key) {
  std::optional<std::string> value;
  const Value values[] = {trace, std::string(key)};
  RETURN_IF_ERROR(connection.query(kGetMetadata, values, [&](const Row& row) {
    value = row.text(0);
    return false;
  }));
  return value;
}

std::string_view link_name(LinkKind kind) { return kind == LinkKind::kRun ? "run" : "prompt"; }

Result<void> add_link(Connection& connection, int64_t trace, LinkKind kind, std::string_view target) {
  const Value values[] = {trace, std::string(link_name(kind)), std::string(target)};
  RETURN_IF_ERROR(connection.execute(kAddLink, values));
  return {};
}

std::string_view id_list() {
  static const std::string kList = [] {
    SqlText list("");
    list.bind_list(std::vector<int64_t>(kIdsPerStatement));
    return list.text();
  }();
  return kList;
}

Result<void> in_groups(std::span<const int64_t> ids,
                       const std::function<Result<void>(std::span<const Value>)>& run) {
  while (!ids.empty()) {
    std::array<Value, kIdsPerStatement> values;
    for (size_t i = 0; i < values.size(); ++i) values[i] = ids[std::min(i, ids.size() - 1)];
    RETURN_IF_ERROR(run(values));
    ids = ids.subspan(std::min(ids.size(), kIdsPerStatement));
  }
  return {};
}

Result<std::vector<TraceInfo>> read_infos(Connection& connection, std::span<const TraceRow> rows) {
  std::vector<TraceInfo> infos;
  std::vector<int64_t> ids;
  std::unordered_map<int64_t, size_t> at;
  for (const TraceRow& row : rows) {
    at.emplace(row.id, infos.size());
    ids.push_back(row.id);
    infos.push_back(info_of(row));
  }
  auto read_texts = [&](const std::string& sql, TextMap TraceInfo::* texts) {
    return in_groups(ids, [&](std::span<const Value> group) {
      return connection.query(sql, group, [&](const Row& row) {
        (infos[at[row.integer(0)]].*texts).emplace(row.text(1), row.text(2));
        return true;
      });
    });
  };
  RETURN_IF_ERROR(read_texts(tags_sql(), &TraceInfo::tags));
  RETURN_IF_ERROR(read_texts(metadata_sql(), &TraceInfo::metadata));
  RETURN_IF_ERROR(read_assessments(connection, ids, [&](int64_t trace, Assessment assessment) {
    TraceInfo& info = infos[at[trace]];
    assessment.trace_id = info.trace_id;
    info.assessments.push_back(std::move(assessment));
  }));
  return infos;
}

Result<std::vector<TraceRow>> find_traces(Connection& connection, std::span<const std::string> trace_ids) {
  std::vector<TraceRow> rows;
  std::unordered_map<std::string_view, bool> seen;
  for (const std::string& trace_id : trace_ids) {
    if (!seen.emplace(trace_id, true).second) continue;
    ASSIGN_OR_RETURN(std::optional<TraceRow> row, find_trace(connection, trace_id));
    if (row) rows.push_back(std::move(*row));
  }
  return rows;
}

Result<void> delete_trace(Connection& connection, int64_t trace) {
  const Value values[] = {trace};
  for (std::string_view sql : kDeleteTrace) RETURN_IF_ERROR(connection.execute(sql, values));
  return {};
}

}  // namespace penstock::traces
