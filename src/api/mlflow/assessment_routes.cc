#include <utility>

#include "api/mlflow/trace_messages.h"
#include "api/mlflow/trace_render.h"
#include "api/mlflow/trace_routes.h"
#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;

std::string assessment_json(const traces::Assessment& assessment) {
  JsonWriter json(512);
  json.begin_object().key("assessment");
  write_assessment(json, assessment);
  return json.end_object().take();
}

std::string trace_id_of(const Call& call) { return std::string(call.in.text("trace_id")); }
std::string assessment_id_of(const Call& call) { return std::string(call.in.text("assessment_id")); }

Task<Result<std::string>> create(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::Assessment assessment, read_assessment(*call.in.message("assessment")));
  assessment.trace_id = trace_id_of(call);
  ASSIGN_OR_CO_RETURN(traces::Assessment stored, co_await services.traces.assess(std::move(assessment)));
  co_return assessment_json(stored);
}

Task<Result<std::string>> get(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::Assessment stored,
                      co_await services.traces.assessment(trace_id_of(call), assessment_id_of(call)));
  co_return assessment_json(stored);
}

// Names of update_mask, as they are or in protobuf's JSON spelling.
Result<traces::AssessmentChange> read_change(const Fields& fields, std::string_view mask) {
  traces::AssessmentChange change;
  for (std::string_view path : split(mask, ',')) {
    if (path == "assessment_name" || path == "assessmentName") {
      change.name = std::string(fields.text("assessment_name"));
    } else if (path == "rationale") {
      change.rationale = std::string(fields.text("rationale"));
    } else if (path == "metadata") {
      const Json* metadata = fields.json("metadata");
      if (metadata == nullptr) continue;
      for (const auto& [key, value] : metadata->get_object()) {
        change.metadata.emplace(std::string_view(key), std::string_view(value.get_string()));
      }
    } else if (path == "feedback" || path == "expectation") {
      if (change.kind) {
        return Failure(
            Error::invalid("update_mask", "Cannot specify both `expectation` and `feedback` parameters."));
      }
      if (!fields.has(path)) return Failure(missing_value("assessment." + std::string(path)));
      ASSIGN_OR_RETURN(traces::Assessment given, read_assessment(fields));
      change.kind = given.kind;
      change.value = given.value;
      change.error = given.error;
    } else if (path == "valid") {
      return Failure(
          Error::invalid("update_mask", "'valid' follows from overriding an assessment and cannot be set"));
    }
  }
  return change;
}

Task<Result<std::string>> update(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::AssessmentChange change,
                      read_change(*call.in.message("assessment"), call.in.text("update_mask")));
  ASSIGN_OR_CO_RETURN(traces::Assessment stored,
                      co_await services.traces.change_assessment(trace_id_of(call), assessment_id_of(call),
                                                                 std::move(change)));
  co_return assessment_json(stored);
}

Task<Result<std::string>> remove(TraceServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.traces.remove_assessment(trace_id_of(call), assessment_id_of(call)));
  co_return std::string("{}");
}

}  // namespace

void add_assessment_routes(Contract contract, TraceServices& services) {
  constexpr std::string_view kAll = "3.0/mlflow/traces/{trace_id}/assessments";
  constexpr std::string_view kOne = "3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}";
  static const Route<TraceServices> kRoutes[] = {
      {"POST", kAll, &kCreateAssessment, Capability::kAnnotate, create},
      {"GET", kOne, &kAssessmentId, Capability::kReadRuns, get},
      {"PATCH", kOne, &kUpdateAssessment, Capability::kAnnotate, update},
      {"DELETE", kOne, &kAssessmentId, Capability::kAnnotate, remove},
  };
  add_routes<TraceServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
