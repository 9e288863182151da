#include "observability/traces/assessment_store.h"

#include <cmath>

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/trace_store.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;
using database::Value;

// Columns in the order of read_row, after the trace.
#define PENSTOCK_ASSESSMENT_COLUMNS                                                                \
  "assessment_id, name, kind, value, error, source_type, source_id, span_id, rationale, metadata," \
  " overrides, valid, created_ms, updated_ms"

constexpr std::string_view kWrite =
    "INSERT INTO trace_assessments (trace, number, of_session, " PENSTOCK_ASSESSMENT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    " ON CONFLICT (assessment_id) DO UPDATE SET trace = excluded.trace, number = excluded.number,"
    " of_session = excluded.of_session, name = excluded.name, kind = excluded.kind, value = excluded.value,"
    " error = excluded.error, source_type = excluded.source_type, source_id = excluded.source_id,"
    " span_id = excluded.span_id, rationale = excluded.rationale, metadata = excluded.metadata,"
    " overrides = excluded.overrides, valid = excluded.valid, created_ms = excluded.created_ms,"
    " updated_ms = excluded.updated_ms";
constexpr std::string_view kFind = "SELECT trace, " PENSTOCK_ASSESSMENT_COLUMNS
                                   " FROM trace_assessments WHERE trace = $1 AND assessment_id = $2";
constexpr std::string_view kSetValid =
    "UPDATE trace_assessments SET valid = $3 WHERE trace = $1 AND assessment_id = $2";
constexpr std::string_view kRemove = "DELETE FROM trace_assessments WHERE trace = $1 AND assessment_id = $2";

const std::string& list_sql() {
  static const std::string kSql =
      std::string("SELECT trace, " PENSTOCK_ASSESSMENT_COLUMNS " FROM trace_assessments WHERE trace IN ") +
      std::string(id_list()) + " ORDER BY trace, created_ms, assessment_id";
  return kSql;
}
#undef PENSTOCK_ASSESSMENT_COLUMNS

AssessmentKind kind_of(std::string_view name) {
  if (name == kind_name(AssessmentKind::kExpectation)) return AssessmentKind::kExpectation;
  return name == kind_name(AssessmentKind::kIssue) ? AssessmentKind::kIssue : AssessmentKind::kFeedback;
}

std::optional<std::string> text_or_null(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(std::string(row.text(column)));
}

TextMap parse_texts(std::string_view json) {
  TextMap texts;
  Result<Json> value = parse_json(json);
  if (!value || !value->is_object()) return texts;
  for (const auto& [key, text] : value->get_object()) {
    if (text.is_string()) texts.emplace(std::string_view(key), std::string_view(text.get_string()));
  }
  return texts;
}

std::string texts_json(const TextMap& texts) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [key, text] : texts) json.field(key, text);
  return json.end_object().take();
}

Assessment read_row(const Row& row) {
  return {.id = std::string(row.text(1)),
          .trace_id = {},
          .name = std::string(row.text(2)),
          .kind = kind_of(row.text(3)),
          .value = std::string(row.text(4)),
          .error = std::string(row.text(5)),
          .source_type = std::string(row.text(6)),
          .source_id = std::string(row.text(7)),
          .span_id = text_or_null(row, 8),
          .rationale = text_or_null(row, 9),
          .metadata = parse_texts(row.text(10)),
          .overrides = std::string(row.text(11)),
          .valid = row.integer(12) != 0,
          .created_ms = row.integer(13),
          .updated_ms = row.integer(14)};
}

Value optional_text(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

}  // namespace

std::optional<double> number_of(const Assessment& assessment) {
  Result<Json> value = parse_json(assessment.value);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool() ? 1 : 0;
  if (value->is_number()) {
    double number = value->to_number<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  if (!value->is_string()) return std::nullopt;
  std::string text = to_lower(std::string_view(value->get_string()));
  if (text == "yes") return 1;
  return text == "no" ? std::optional<double>(0) : std::nullopt;
}

Result<void> write_assessment(Connection& connection, int64_t trace, const Assessment& a) {
  std::optional<double> number = number_of(a);
  const Value values[] = {trace,
                          number ? Value(*number) : Value(),
                          int64_t{a.metadata.contains(kSessionKey)},
                          a.id,
                          a.name,
                          std::string(kind_name(a.kind)),
                          a.value,
                          a.error,
                          a.source_type,
                          a.source_id,
                          optional_text(a.span_id),
                          optional_text(a.rationale),
                          texts_json(a.metadata),
                          a.overrides,
                          int64_t{a.valid},
                          a.created_ms,
                          a.updated_ms};
  RETURN_IF_ERROR(connection.execute(kWrite, values));
  return {};
}

Result<std::optional<Assessment>> find_assessment(Connection& connection, int64_t trace,
                                                  std::string_view id) {
  std::optional<Assessment> found;
  const Value values[] = {trace, std::string(id)};
  RETURN_IF_ERROR(connection.query(kFind, values, [&](const Row& row) {
    found = read_row(row);
    return false;
  }));
  return found;
}

Result<bool> set_valid(Connection& connection, int64_t trace, std::string_view id, bool valid) {
  const Value values[] = {trace, std::string(id), int64_t{valid}};
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(kSetValid, values));
  return changed > 0;
}

Result<void> remove_assessment(Connection& connection, int64_t trace, std::string_view id) {
  const Value values[] = {trace, std::string(id)};
  RETURN_IF_ERROR(connection.execute(kRemove, values));
  return {};
}

Result<void> read_assessments(Connection& connection, std::span<const int64_t> traces,
                              const std::function<void(int64_t, Assessment)>& on_assessment) {
  return in_groups(traces, [&](std::span<const Value> group) {
    return connection.query(list_sql(), group, [&](const Row& row) {
      on_assessment(row.integer(0), read_row(row));
      return true;
    });
  });
}

}  // namespace penstock::traces
