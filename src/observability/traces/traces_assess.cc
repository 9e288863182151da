#include <utility>

#include "observability/traces/assessment_store.h"
#include "observability/traces/traces.h"

namespace penstock::traces {
namespace {

using database::Connection;

Result<Assessment> get_assessment(Connection& connection, const std::string& trace_id,
                                  const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<TraceRow> row, find_trace(connection, trace_id));
  if (!row) return Failure(Error::not_found("Trace with request_id '" + trace_id + "' not found"));
  ASSIGN_OR_RETURN(std::optional<Assessment> found, find_assessment(connection, row->id, id));
  if (!found) {
    return Failure(
        Error::not_found("Assessment with ID '" + id + "' not found for trace '" + trace_id + "'"));
  }
  found->trace_id = trace_id;
  return std::move(*found);
}

Result<void> check_kind(AssessmentKind stored, AssessmentKind changed) {
  if (stored == changed) return {};
  bool expectation = changed == AssessmentKind::kExpectation;
  return Failure(Error::invalid("", expectation
                                        ? "Cannot update expectation value on a Feedback assessment."
                                        : "Cannot update feedback value on an Expectation assessment."));
}

}  // namespace

Task<Result<Assessment>> Traces::assess(Assessment assessment) {
  assessment.id = new_id("a-");
  if (assessment.created_ms == 0) assessment.created_ms = now_ms();
  if (assessment.updated_ms == 0) assessment.updated_ms = now_ms();
  assessment.valid = true;
  auto work = [assessment](Connection& connection) -> Result<Assessment> {
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, assessment.trace_id));
    if (!assessment.overrides.empty()) {
      ASSIGN_OR_RETURN(bool found, set_valid(connection, row.id, assessment.overrides, false));
      if (!found) {
        return Failure(Error::not_found("Assessment with ID '" + assessment.overrides +
                                        "' not found for trace '" + assessment.trace_id + "'"));
      }
    }
    RETURN_IF_ERROR(write_assessment(connection, row.id, assessment));
    return assessment;
  };
  co_return co_await database_.write<Assessment>(std::move(work));
}

Task<Result<Assessment>> Traces::assessment(std::string trace_id, std::string id) {
  auto work = [trace_id, id](Connection& connection) { return get_assessment(connection, trace_id, id); };
  co_return co_await database_.read<Assessment>(std::move(work));
}

Task<Result<Assessment>> Traces::change_assessment(std::string trace_id, std::string id,
                                                   AssessmentChange change) {
  int64_t now = now_ms();
  auto work = [trace_id, id, change, now](Connection& connection) -> Result<Assessment> {
    ASSIGN_OR_RETURN(Assessment assessment, get_assessment(connection, trace_id, id));
    if (change.kind) {
      RETURN_IF_ERROR(check_kind(assessment.kind, *change.kind));
      assessment.value = change.value;
      assessment.error = change.error;
    }
    if (change.name) assessment.name = *change.name;
    if (change.rationale && assessment.kind == AssessmentKind::kFeedback) {
      assessment.rationale = change.rationale;
    }
    for (const auto& [key, value] : change.metadata) assessment.metadata.insert_or_assign(key, value);
    assessment.updated_ms = now;
    ASSIGN_OR_RETURN(TraceRow row, get_trace(connection, trace_id));
    RETURN_IF_ERROR(write_assessment(connection, row.id, assessment));
    return assessment;
  };
  co_return co_await database_.write<Assessment>(std::move(work));
}

Task<Result<void>> Traces::remove_assessment(std::string trace_id, std::string id) {
  auto work = [trace_id, id](Connection& connection) -> Result<void> {
    // Gone already is what was asked.
    ASSIGN_OR_RETURN(std::optional<TraceRow> row, find_trace(connection, trace_id));
    if (!row) return {};
    ASSIGN_OR_RETURN(std::optional<Assessment> found, find_assessment(connection, row->id, id));
    if (!found) return {};
    if (!found->overrides.empty()) {
      RETURN_IF_ERROR(set_valid(connection, row->id, found->overrides, true));
    }
    return traces::remove_assessment(connection, row->id, id);
  };
  co_return co_await database_.write<void>(std::move(work));
}

}  // namespace penstock::traces
