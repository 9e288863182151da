#include "observability/traces/traces.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json.h"
#include "core/text.h"
#include "observability/traces/assessment_store.h"
#include "observability/traces/ingest.h"
#include "observability/traces/span_store.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr int64_t kDeletedAtOnceMax = 200;

constexpr std::string_view kOldest =
    "SELECT id FROM trace_infos WHERE experiment_id = $1 AND request_time_ms <= $2"
    " ORDER BY request_time_ms, trace_id LIMIT $3";
constexpr std::string_view kIsNamed = "SELECT id FROM trace_infos WHERE experiment_id = $1 AND trace_id = $2";

Failure invalid(std::string message) { return Failure(Error::invalid("", std::move(message))); }

Result<void> check_name(const std::optional<std::string>& name) {
  if (!name || character_prefix(*name, kTagValueMax).size() == name->size()) return {};
  return invalid("Trace name exceeds the maximum length of " + std::to_string(kTagValueMax) + " characters");
}

std::optional<std::string> take(TextMap& texts, std::string_view key) {
  auto found = texts.find(key);
  if (found == texts.end()) return std::nullopt;
  std::string value = std::move(found->second);
  texts.erase(found);
  return value;
}

// What has a column is taken out of the maps into the row. The server's own names are not the client's to
// set.
void take_columns(TraceRow& row, TextMap& metadata, TextMap& tags) {
  if (auto name = take(tags, kNameTag)) row.name = std::move(name);
  if (auto session = take(metadata, kSessionKey)) row.session = std::move(session);
  take(metadata, kFinalizedKey);
  take(tags, kSpansLocationTag);
  take(tags, kArtifactLocationTag);
}

Result<void> write_texts(Connection& connection, int64_t trace, const TextMap& metadata,
                         const TextMap& tags) {
  for (const auto& [key, value] : metadata) RETURN_IF_ERROR(set_metadata(connection, trace, key, value));
  for (const auto& [key, value] : tags) RETURN_IF_ERROR(traces::set_tag(connection, trace, key, value));
  return {};
}

Result<TraceInfo> read_info(Connection& connection, const TraceRow& row) {
  ASSIGN_OR_RETURN(std::vector<TraceInfo> infos, read_infos(connection, std::span(&row, 1)));
  return std::move(infos.front());
}

// How many spans the client says that the trace has.
int64_t announced_spans(const TraceInfo& info) {
  auto stats = info.metadata.find(kSizeStatsKey);
  if (stats == info.metadata.end()) return 0;
  Result<Json> value = parse_json(stats->second);
  return value ? int_at(*value, "num_spans") : 0;
}

// nullopt while spans are missing.
Result<std::optional<Trace>> read_trace(Connection& connection, const TraceRow& row, bool partial) {
  Trace trace;
  ASSIGN_OR_RETURN(trace.info, read_info(connection, row));
  ASSIGN_OR_RETURN(trace.spans, read_contents(connection, row.id, 0, kSpansPerTraceMax));
  bool whole =
      !trace.spans.empty() && static_cast<int64_t>(trace.spans.size()) >= announced_spans(trace.info);
  if (!whole && !partial) return std::optional<Trace>();
  return std::optional(std::move(trace));
}

Result<std::vector<TraceRow>> find_within(Connection& connection, std::span<const std::string> trace_ids,
                                          const std::optional<std::vector<std::string>>& experiment_ids) {
  ASSIGN_OR_RETURN(std::vector<TraceRow> rows, find_traces(connection, trace_ids));
  if (experiment_ids) {
    std::erase_if(rows, [&](const TraceRow& row) {
      return std::ranges::find(*experiment_ids, std::to_string(row.experiment)) == experiment_ids->end();
    });
  }
  return rows;
}

Result<void> check_count(const std::vector<std::string>& trace_ids) {
  if (trace_ids.size() <= kTracesPerGetMax) return {};
  return invalid("at most " + std::to_string(kTracesPerGetMax) + " traces can be read at once, not " +
                 std::to_string(trace_ids.size()));
}

Result<void> check_deletion(const TraceDeletion& deletion) {
  if (!deletion.until_ms && deletion.trace_ids.empty()) {
    return invalid("Either `max_timestamp_millis` or `trace_ids` must be specified.");
  }
  if (deletion.until_ms && !deletion.trace_ids.empty()) {
    return invalid("Only one of `max_timestamp_millis` and `trace_ids` can be specified.");
  }
  if (!deletion.trace_ids.empty() && deletion.count_max) {
    return invalid("`max_traces` can't be specified if `trace_ids` is specified.");
  }
  if (deletion.count_max && *deletion.count_max <= 0) {
    return invalid("`max_traces` must be a positive integer, received " +
                   std::to_string(*deletion.count_max) + ".");
  }
  return {};
}

Result<int64_t> delete_selected(Connection& connection, std::string_view sql, std::span<const Value> values) {
  ASSIGN_OR_RETURN(
      std::vector<int64_t> ids,
      database::rows<int64_t>(connection, sql, values, [](const Row& row) { return row.integer(0); }));
  for (int64_t id : ids) RETURN_IF_ERROR(delete_trace(connection, id));
  return static_cast<int64_t>(ids.size());
}

}  // namespace

Result<int64_t> experiment_number(std::string_view experiment_id) {
  std::optional<int64_t> number = parse_int(experiment_id);
  if (number && *number >= 0) return *number;
  return invalid("Invalid experiment ID: '" + std::string(experiment_id) + "'");
}

int64_t Traces::now_ms() const { return clock_.now().us / 1000; }

std::string Traces::new_id(std::string_view prefix) {
  std::array<uint64_t, 2> bits = {random_.next_u64(), random_.next_u64()};
  return std::string(prefix) + hex(std::as_bytes(std::span(bits)));
}

Task<Result<void>> Traces::log_spans(std::string experiment_id, SpanBatch batch, std::string run_id) {
  std::vector<IncomingTrace> incoming = prepare(std::move(batch));
  if (incoming.empty()) co_return Result<void>{};
  ASSIGN_OR_CO_RETURN(int64_t experiment, experiment_number(experiment_id));
  auto traces = std::make_shared<std::vector<IncomingTrace>>(std::move(incoming));
  auto work = [this, experiment, experiment_id, run_id, traces](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::string root, around_.artifact_root(connection, experiment_id));
    for (const IncomingTrace& trace : *traces) {
      RETURN_IF_ERROR(write_spans(connection, trace, experiment, root));
      if (run_id.empty() || !trace.root_state) continue;
      ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace.trace_id));
      RETURN_IF_ERROR(add_link(connection, row.id, LinkKind::kRun, run_id));
    }
    return {};
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<TraceInfo>> Traces::start(TraceInfo info) {
  ASSIGN_OR_CO_RETURN(int64_t experiment, experiment_number(info.experiment_id));
  if (info.trace_id.empty()) co_return Failure(Error::invalid("trace_id", "a trace needs its trace_id"));
  for (Assessment& assessment : info.assessments) {
    if (assessment.id.empty()) assessment.id = new_id("a-");
    if (assessment.created_ms == 0) assessment.created_ms = now_ms();
    if (assessment.updated_ms == 0) assessment.updated_ms = now_ms();
    assessment.valid = true;
  }
  auto work = [this, experiment, info](Connection& connection) -> Result<TraceInfo> {
    ASSIGN_OR_RETURN(std::string root, around_.artifact_root(connection, info.experiment_id));
    ASSIGN_OR_RETURN(std::optional<TraceRow> found, find_trace(connection, info.trace_id));
    TraceRow row = found.value_or(TraceRow{.trace_id = info.trace_id});
    TextMap metadata = info.metadata;
    TextMap tags = info.tags;
    row.experiment = experiment;
    row.request_time_ms = info.request_time_ms;
    row.execution_ms = info.execution_ms;
    row.state = info.state;
    row.client_request_id = info.client_request_id;
    if (info.request_preview) row.request_preview = info.request_preview;
    if (info.response_preview) row.response_preview = info.response_preview;
    row.artifact_location = trace_artifacts(root, row.trace_id);
    row.finalized = true;
    take_columns(row, metadata, tags);
    RETURN_IF_ERROR(check_name(row.name));
    if (found) {
      RETURN_IF_ERROR(update_trace(connection, row));
    } else {
      ASSIGN_OR_RETURN(row.id, insert_trace(connection, row));
    }
    RETURN_IF_ERROR(write_texts(connection, row.id, metadata, tags));
    for (const Assessment& assessment : info.assessments) {
      RETURN_IF_ERROR(write_assessment(connection, row.id, assessment));
    }
    return read_info(connection, row);
  };
  co_return co_await database_.write<TraceInfo>(std::move(work));
}

Task<Result<TraceInfo>> Traces::begin(TraceInfo info) {
  ASSIGN_OR_CO_RETURN(int64_t experiment, experiment_number(info.experiment_id));
  info.trace_id = new_id("");
  auto work = [this, experiment, info](Connection& connection) -> Result<TraceInfo> {
    ASSIGN_OR_RETURN(std::string root, around_.artifact_root(connection, info.experiment_id));
    TraceRow row{.trace_id = info.trace_id,
                 .experiment = experiment,
                 .request_time_ms = info.request_time_ms,
                 .state = TraceState::kInProgress,
                 .artifact_location = trace_artifacts(root, info.trace_id)};
    TextMap metadata = info.metadata;
    TextMap tags = info.tags;
    take_columns(row, metadata, tags);
    RETURN_IF_ERROR(check_name(row.name));
    ASSIGN_OR_RETURN(row.id, insert_trace(connection, row));
    RETURN_IF_ERROR(write_texts(connection, row.id, metadata, tags));
    return read_info(connection, row);
  };
  co_return co_await database_.write<TraceInfo>(std::move(work));
}

Task<Result<TraceInfo>> Traces::end(std::string trace_id, TraceEnd end) {
  auto work = [trace_id, end](Connection& connection) -> Result<TraceInfo> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    TextMap metadata = end.metadata;
    TextMap tags = end.tags;
    row.execution_ms = end.at_ms - row.request_time_ms;
    row.state = end.state;
    take_columns(row, metadata, tags);
    RETURN_IF_ERROR(check_name(row.name));
    RETURN_IF_ERROR(update_trace(connection, row));
    RETURN_IF_ERROR(write_texts(connection, row.id, metadata, tags));
    return read_info(connection, row);
  };
  co_return co_await database_.write<TraceInfo>(std::move(work));
}

Task<Result<TraceInfo>> Traces::info(std::string trace_id) {
  auto work = [trace_id](Connection& connection) -> Result<TraceInfo> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    return read_info(connection, row);
  };
  co_return co_await database_.read<TraceInfo>(std::move(work));
}

Task<Result<std::vector<TraceInfo>>> Traces::infos(std::vector<std::string> trace_ids,
                                                   std::optional<std::vector<std::string>> experiment_ids) {
  CO_RETURN_IF_ERROR(check_count(trace_ids));
  using Infos = std::vector<TraceInfo>;
  auto work = [trace_ids, experiment_ids](Connection& connection) -> Result<Infos> {
    ASSIGN_OR_RETURN(std::vector<TraceRow> rows, find_within(connection, trace_ids, experiment_ids));
    return read_infos(connection, rows);
  };
  co_return co_await database_.read<Infos>(std::move(work));
}

Task<Result<Trace>> Traces::get(std::string trace_id, bool partial) {
  auto work = [trace_id, partial](Connection& connection) -> Result<Trace> {
    ASSIGN_OR_RETURN(std::optional<TraceRow> row, find_trace(connection, trace_id));
    if (!row) return Failure(Error::not_found("Trace with ID " + trace_id + " is not found."));
    ASSIGN_OR_RETURN(std::optional<Trace> trace, read_trace(connection, *row, partial));
    if (trace) return std::move(*trace);
    return Failure(
        Error::not_found("Trace with ID " + trace_id + " is not fully exported yet, please try again later.",
                         std::string(kIncompleteTrace)));
  };
  co_return co_await database_.read<Trace>(std::move(work));
}

Task<Result<std::vector<Trace>>> Traces::get_many(std::vector<std::string> trace_ids,
                                                  std::optional<std::vector<std::string>> experiment_ids) {
  CO_RETURN_IF_ERROR(check_count(trace_ids));
  using Whole = std::vector<Trace>;
  auto work = [trace_ids, experiment_ids](Connection& connection) -> Result<Whole> {
    ASSIGN_OR_RETURN(std::vector<TraceRow> rows, find_within(connection, trace_ids, experiment_ids));
    Whole traces;
    for (const TraceRow& row : rows) {
      ASSIGN_OR_RETURN(std::optional<Trace> trace, read_trace(connection, row, false));
      if (trace) traces.push_back(std::move(*trace));
    }
    return traces;
  };
  co_return co_await database_.read<Whole>(std::move(work));
}

Task<Result<std::vector<std::string>>> Traces::spans(std::string trace_id, int64_t offset,
                                                     int64_t spans_max) {
  using Contents = std::vector<std::string>;
  auto work = [trace_id, offset, spans_max](Connection& connection) -> Result<Contents> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    return read_contents(connection, row.id, offset, std::min(spans_max, kSpansPerTraceMax));
  };
  co_return co_await database_.read<Contents>(std::move(work));
}

Task<Result<void>> Traces::set_tag(std::string trace_id, std::string key, std::string value) {
  if (key.empty() || character_prefix(key, kTagKeyMax).size() != key.size()) {
    co_return invalid("'key' exceeds the maximum length of " + std::to_string(kTagKeyMax) + " characters");
  }
  value = std::string(character_prefix(value, kTagStoredMax));
  auto work = [trace_id, key, value](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    if (key != kNameTag) return traces::set_tag(connection, row.id, key, value);
    row.name = value;
    RETURN_IF_ERROR(check_name(row.name));
    return update_trace(connection, row);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Traces::delete_tag(std::string trace_id, std::string key) {
  auto work = [trace_id, key](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::optional<TraceRow> row, find_trace(connection, trace_id));
    bool deleted = row && key == kNameTag && row->name;
    if (deleted) {
      row->name.reset();
      RETURN_IF_ERROR(update_trace(connection, *row));
    } else if (row) {
      ASSIGN_OR_RETURN(deleted, traces::delete_tag(connection, row->id, key));
    }
    if (deleted) return {};
    return Failure(
        Error::not_found("No trace tag with key '" + key + "' for trace with ID '" + trace_id + "'"));
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<int64_t>> Traces::remove(TraceDeletion deletion) {
  CO_RETURN_IF_ERROR(check_deletion(deletion));
  ASSIGN_OR_CO_RETURN(int64_t experiment, experiment_number(deletion.experiment_id));
  int64_t deleted = 0;
  for (const std::string& trace_id : deletion.trace_ids) {
    std::function<Result<int64_t>(Connection&)> one = [experiment, trace_id](Connection& connection) {
      const Value values[] = {experiment, trace_id};
      return delete_selected(connection, kIsNamed, values);
    };
    ASSIGN_OR_CO_RETURN(int64_t count, co_await database_.write<int64_t>(std::move(one)));
    deleted += count;
  }
  if (!deletion.until_ms) co_return deleted;
  for (int64_t left = deletion.count_max.value_or(INT64_MAX); left > 0;) {
    int64_t wanted = std::min(left, kDeletedAtOnceMax);
    std::function<Result<int64_t>(Connection&)> some = [experiment, until = *deletion.until_ms,
                                                        wanted](Connection& connection) {
      const Value values[] = {experiment, until, wanted};
      return delete_selected(connection, kOldest, values);
    };
    ASSIGN_OR_CO_RETURN(int64_t count, co_await database_.write<int64_t>(std::move(some)));
    deleted += count;
    left -= count;
    if (count < wanted) break;
  }
  co_return deleted;
}

Task<Result<void>> Traces::link_to_run(std::vector<std::string> trace_ids, std::string run_id) {
  if (trace_ids.size() > kLinksPerCallMax) {
    co_return invalid("Cannot link more than " + std::to_string(kLinksPerCallMax) +
                      " traces to a run in a single request. Provided " + std::to_string(trace_ids.size()) +
                      " traces.");
  }
  auto work = [trace_ids, run_id](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<TraceRow> rows, find_traces(connection, trace_ids));
    for (const TraceRow& row : rows) RETURN_IF_ERROR(add_link(connection, row.id, LinkKind::kRun, run_id));
    return {};
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<void>> Traces::link_prompts(std::string trace_id, std::vector<std::string> prompts) {
  auto work = [trace_id, prompts](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    for (const std::string& prompt : prompts) {
      RETURN_IF_ERROR(add_link(connection, row.id, LinkKind::kPrompt, prompt));
    }
    return {};
  };
  co_return co_await database_.write<void>(std::move(work));
}

}  // namespace penstock::traces
