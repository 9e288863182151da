#include "api/mlflow/trace_render.h"

#include <algorithm>
#include <array>

#include "api/mlflow/proto_time.h"
#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

constexpr std::array<std::string_view, 4> kSourceTypes = {"SOURCE_TYPE_UNSPECIFIED", "HUMAN", "LLM_JUDGE",
                                                          "CODE"};
constexpr std::string_view kJsonFormat = "JSON_FORMAT";

std::optional<std::string> optional_text(const Fields& fields, std::string_view name) {
  if (!fields.has(name)) return std::nullopt;
  return std::string(fields.text(name));
}

traces::TextMap read_texts(const Fields& fields, std::string_view name) {
  traces::TextMap texts;
  const Json* object = fields.json(name);
  if (object == nullptr) return texts;
  for (const auto& [key, value] : object->get_object()) {
    texts.emplace(std::string_view(key), std::string_view(value.get_string()));
  }
  return texts;
}

Result<int64_t> read_time(const Fields& fields, std::string_view name) {
  if (!fields.has(name)) return 0;
  std::optional<int64_t> ms = parse_timestamp_ms(fields.text(name));
  if (ms) return *ms;
  return Failure(invalid_value(std::string(name), *fields.json(name), "It must be an RFC 3339 timestamp."));
}

Result<std::string> read_source_type(std::string_view given) {
  std::string type(given);
  for (char& c : type) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (type == "AI_JUDGE") type = "LLM_JUDGE";  // its old name
  if (std::ranges::find(kSourceTypes, type) != kSourceTypes.end()) return type;
  return Failure(Error::invalid("source.source_type", "Invalid assessment source type: " + type +
                                                          ". Valid source types: ['SOURCE_TYPE_UNSPECIFIED', "
                                                          "'LLM_JUDGE', 'HUMAN', 'CODE']"));
}

std::string error_json(const Fields& error) {
  JsonWriter json;
  json.begin_object();
  for (std::string_view name : {"error_code", "error_message", "stack_trace"}) {
    if (error.has(name)) json.field(name, error.text(name));
  }
  return json.end_object().take();
}

// A google.protobuf.Value, in which every number is a double. Bounded by the depth of a body.
void append_value(std::string& out, const Json& value) {
  if (value.is_number()) {
    traces::append_double(out, value.to_number<double>());
  } else if (value.is_array()) {
    out += '[';
    for (const Json& item : value.get_array()) {
      if (!out.ends_with('[')) out += ", ";
      append_value(out, item);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    for (const auto& [key, item] : value.get_object()) {
      if (!out.ends_with('{')) out += ", ";
      out.append(json_quoted(std::string_view(key))).append(": ");
      append_value(out, item);
    }
    out += '}';
  } else {
    out += to_json(value);
  }
}

std::string value_json(const Fields& fields) {
  const Json* value = fields.json("value");
  std::string out;
  append_value(out, value == nullptr ? Json() : *value);
  return out;
}

Result<void> read_expectation(traces::Assessment& assessment, const Fields& expectation) {
  assessment.kind = traces::AssessmentKind::kExpectation;
  assessment.value = value_json(expectation);
  std::optional<Fields> serialized = expectation.message("serialized_value");
  if (serialized) {
    std::string format(serialized->text("serialization_format"));
    if (format != kJsonFormat) {
      return Failure(
          Error::invalid("expectation.serialized_value.serialization_format",
                         "Unknown serialization format: " + format + ". Only JSON_FORMAT is supported."));
    }
    ASSIGN_OR_RETURN(Json value, parse_json(serialized->text("value")));
    assessment.value = to_json(value);
  }
  if (assessment.value != "null") return {};
  return Failure(Error::invalid("expectation.value", "The `value` field must be specified."));
}

Result<void> read_value(traces::Assessment& assessment, const Fields& fields) {
  if (std::optional<Fields> expectation = fields.message("expectation")) {
    return read_expectation(assessment, *expectation);
  }
  if (std::optional<Fields> feedback = fields.message("feedback")) {
    assessment.kind = traces::AssessmentKind::kFeedback;
    assessment.value = value_json(*feedback);
    std::optional<Fields> error = feedback->message("error");
    if (!error) error = fields.message("error");
    if (error) assessment.error = error_json(*error);
    return {};
  }
  if (std::optional<Fields> issue = fields.message("issue")) {
    assessment.kind = traces::AssessmentKind::kIssue;
    JsonWriter json;
    json.begin_object().field("issue_name", issue->text("issue_name")).end_object();
    assessment.value = json.take();
    return {};
  }
  return Failure(Error::invalid("assessment",
                                "Unknown assessment type: None. One of feedback, expectation and "
                                "issue must be given."));
}

void write_texts(JsonWriter& json, std::string_view name, const traces::TextMap& texts, size_t value_max) {
  if (texts.empty()) return;
  json.key(name).begin_object();
  for (const auto& [key, value] : texts) {
    json.field(traces::character_prefix(key, traces::kTagKeyMax), traces::character_prefix(value, value_max));
  }
  json.end_object();
}

void write_entries(JsonWriter& json, std::string_view name, const traces::TextMap& texts, size_t value_max) {
  json.key(name).begin_array();
  for (const auto& [key, value] : texts) {
    json.begin_object().field("key", traces::character_prefix(key, traces::kTagKeyMax));
    json.field("value", traces::character_prefix(value, value_max)).end_object();
  }
  json.end_array();
}

bool is_compound(std::string_view json) { return json.starts_with('{') || json.starts_with('['); }

}  // namespace

Result<traces::Assessment> read_assessment(const Fields& fields) {
  traces::Assessment assessment{.id = std::string(fields.text("assessment_id")),
                                .trace_id = std::string(fields.text("trace_id")),
                                .name = std::string(fields.text("assessment_name"))};
  RETURN_IF_ERROR(read_value(assessment, fields));
  std::optional<Fields> source = fields.message("source");
  ASSIGN_OR_RETURN(assessment.source_type,
                   read_source_type(source ? source->text("source_type", "SOURCE_TYPE_UNSPECIFIED")
                                           : "SOURCE_TYPE_UNSPECIFIED"));
  if (source) assessment.source_id = source->text("source_id");
  if (!fields.text("span_id").empty()) assessment.span_id = std::string(fields.text("span_id"));
  if (!fields.text("rationale").empty()) assessment.rationale = std::string(fields.text("rationale"));
  assessment.metadata = read_texts(fields, "metadata");
  assessment.overrides = fields.text("overrides");
  ASSIGN_OR_RETURN(assessment.created_ms, read_time(fields, "create_time"));
  ASSIGN_OR_RETURN(assessment.updated_ms, read_time(fields, "last_update_time"));
  return assessment;
}

Result<traces::TraceInfo> read_trace_info(const Fields& fields) {
  traces::TraceInfo info{
      .trace_id = std::string(fields.text("trace_id")),
      .state = traces::parse_state(fields.text("state")).value_or(traces::TraceState::kUnspecified),
      .client_request_id = optional_text(fields, "client_request_id"),
      .request_preview = optional_text(fields, "request_preview"),
      .response_preview = optional_text(fields, "response_preview"),
      .metadata = read_texts(fields, "trace_metadata"),
      .tags = read_texts(fields, "tags")};
  std::optional<Fields> location = fields.message("trace_location");
  std::optional<Fields> experiment = location ? location->message("mlflow_experiment") : std::nullopt;
  if (!experiment) {
    return Failure(Error::invalid("trace.trace_info.trace_location",
                                  "Missing value for required parameter "
                                  "'trace.trace_info.trace_location.mlflow_experiment'."));
  }
  info.experiment_id = experiment->text("experiment_id");
  ASSIGN_OR_RETURN(info.request_time_ms, read_time(fields, "request_time"));
  if (fields.has("execution_duration")) {
    info.execution_ms = parse_duration_ms(fields.text("execution_duration"));
    if (!info.execution_ms) {
      return Failure(invalid_value("execution_duration", *fields.json("execution_duration"),
                                   "It must be a duration such as '1.5s'."));
    }
  }
  for (const Fields& assessment : fields.messages("assessments")) {
    ASSIGN_OR_RETURN(info.assessments.emplace_back(), read_assessment(assessment));
  }
  return info;
}

void write_assessment(JsonWriter& json, const traces::Assessment& a) {
  json.begin_object()
      .field("assessment_id", a.id)
      .field("assessment_name", a.name)
      .field("trace_id", a.trace_id);
  if (a.span_id) json.field("span_id", *a.span_id);
  json.key("source")
      .begin_object()
      .field("source_type", a.source_type)
      .field("source_id", a.source_id)
      .end_object();
  json.field("create_time", timestamp_text(a.created_ms))
      .field("last_update_time", timestamp_text(a.updated_ms));
  if (a.kind == traces::AssessmentKind::kIssue) {
    json.raw_field("issue", a.value);
  } else if (a.kind == traces::AssessmentKind::kFeedback) {
    json.key("feedback").begin_object().raw_field("value", a.value);
    if (!a.error.empty()) json.raw_field("error", a.error);
    json.end_object();
  } else if (is_compound(a.value)) {
    json.key("expectation").begin_object().key("serialized_value").begin_object();
    json.field("serialization_format", kJsonFormat).field("value", a.value).end_object().end_object();
  } else {
    json.key("expectation").begin_object().raw_field("value", a.value).end_object();
  }
  if (a.rationale) json.field("rationale", *a.rationale);
  if (!a.metadata.empty()) {
    json.key("metadata").begin_object();
    for (const auto& [key, value] : a.metadata) json.field(key, value);
    json.end_object();
  }
  if (!a.overrides.empty()) json.field("overrides", a.overrides);
  json.field("valid", a.valid).end_object();
}

void write_trace_info(JsonWriter& json, const traces::TraceInfo& info) {
  json.begin_object().field("trace_id", info.trace_id);
  if (info.client_request_id) json.field("client_request_id", *info.client_request_id);
  json.key("trace_location").begin_object().field("type", "MLFLOW_EXPERIMENT").key("mlflow_experiment");
  json.begin_object().field("experiment_id", info.experiment_id).end_object().end_object();
  if (info.request_preview) json.field("request_preview", *info.request_preview);
  if (info.response_preview) json.field("response_preview", *info.response_preview);
  json.field("request_time", timestamp_text(info.request_time_ms));
  if (info.execution_ms) json.field("execution_duration", duration_text(*info.execution_ms));
  json.field("state", traces::state_name(info.state));
  write_texts(json, "trace_metadata", info.metadata, traces::kMetadataMax);
  if (!info.assessments.empty()) {
    json.key("assessments").begin_array();
    for (const traces::Assessment& assessment : info.assessments) write_assessment(json, assessment);
    json.end_array();
  }
  write_texts(json, "tags", info.tags, traces::kTagValueMax);
  json.end_object();
}

void write_trace_info_v2(JsonWriter& json, const traces::TraceInfo& info) {
  std::string_view status = info.state == traces::TraceState::kUnspecified ? "TRACE_STATUS_UNSPECIFIED"
                                                                           : traces::state_name(info.state);
  json.begin_object().field("request_id", info.trace_id).field("experiment_id", info.experiment_id);
  json.field("timestamp_ms", info.request_time_ms).field("execution_time_ms", info.execution_ms.value_or(0));
  json.field("status", status);
  write_entries(json, "request_metadata", info.metadata, traces::kMetadataMax);
  write_entries(json, "tags", info.tags, traces::kTagValueMax);
  json.end_object();
}

Result<void> write_trace(JsonWriter& json, const traces::Trace& trace) {
  json.begin_object().key("trace_info");
  write_trace_info(json, trace.info);
  if (!trace.spans.empty()) {
    json.key("spans").begin_array();
    for (const std::string& content : trace.spans) RETURN_IF_ERROR(write_span(json, content));
    json.end_array();
  }
  json.end_object();
  return {};
}

}  // namespace penstock::api::mlflow
