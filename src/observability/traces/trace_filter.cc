#include "observability/traces/trace_filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/filter_expression.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/trace.h"
#include "storage/database/pattern.h"

namespace penstock::traces {
namespace {

enum class Entity : uint8_t { kAttribute, kTag, kMetadata, kSpan, kFeedback, kExpectation, kIssue };

struct EntityName {
  std::string_view name;
  Entity entity;
};
constexpr std::array kEntities = {EntityName{"", Entity::kAttribute},
                                  EntityName{"attribute", Entity::kAttribute},
                                  EntityName{"attributes", Entity::kAttribute},
                                  EntityName{"expectation", Entity::kExpectation},
                                  EntityName{"feedback", Entity::kFeedback},
                                  EntityName{"issue", Entity::kIssue},
                                  EntityName{"metadata", Entity::kMetadata},
                                  EntityName{"request_metadata", Entity::kMetadata},
                                  EntityName{"span", Entity::kSpan},
                                  EntityName{"tag", Entity::kTag},
                                  EntityName{"tags", Entity::kTag},
                                  EntityName{"trace", Entity::kAttribute}};
// By Entity, as messages name them.
constexpr std::array<std::string_view, 7> kEntityNames = {
    "attribute", "tag", "request_metadata", "span", "feedback", "expectation", "issue"};

// Attributes that are columns of t.
struct Column {
  std::string_view key;
  std::string_view sql;
  bool is_number = false;
};
#define PENSTOCK_TRACE_END "(t.request_time_ms + COALESCE(t.execution_ms, 0))"
constexpr std::array kColumns = {Column{"request_id", "t.trace_id"},
                                 Column{"status", "t.status"},
                                 Column{"client_request_id", "t.client_request_id"},
                                 Column{"timestamp", "t.request_time_ms", true},
                                 Column{"timestamp_ms", "t.request_time_ms", true},
                                 Column{"execution_time", "t.execution_ms", true},
                                 Column{"execution_time_ms", "t.execution_ms", true},
                                 Column{"end_time", PENSTOCK_TRACE_END, true},
                                 Column{"end_time_ms", PENSTOCK_TRACE_END, true}};
constexpr std::array kOrderColumns = {Column{"experiment_id", "t.experiment_id", true},
                                      Column{"request_id", "t.trace_id"},
                                      Column{"status", "t.status"},
                                      Column{"timestamp", "t.request_time_ms", true},
                                      Column{"timestamp_ms", "t.request_time_ms", true},
                                      Column{"execution_time", "t.execution_ms", true},
                                      Column{"execution_time_ms", "t.execution_ms", true},
                                      Column{"end_time", PENSTOCK_TRACE_END, true},
                                      Column{"end_time_ms", PENSTOCK_TRACE_END, true}};
#undef PENSTOCK_TRACE_END

// Tags and metadata that are columns of t, or follow from them.
constexpr std::array kTagColumns = {
    Column{kNameTag, "t.name"}, Column{kArtifactLocationTag, "t.artifact_location"},
    Column{kSpansLocationTag, "CASE WHEN t.spans_here = 1 THEN 'TRACKING_STORE' END"}};
constexpr std::array kMetadataColumns = {Column{kSessionKey, "t.session"},
                                         Column{kFinalizedKey, "CASE WHEN t.finalized = 1 THEN 'true' END"}};
constexpr std::array kSpanColumns = {Column{"name", "s.name"}, Column{"type", "s.type"},
                                     Column{"status", "s.status"}};

using Names = std::span<const std::string_view>;

struct TraceClause : FilterClause {
  std::string expected;  // how the message begins where its value is no text
};

// In the order in which messages list them.
constexpr std::array<std::string_view, 13> kAttributeKeys = {"client_request_id",
                                                             "end_time",
                                                             "end_time_ms",
                                                             "execution_time",
                                                             "execution_time_ms",
                                                             "name",
                                                             "prompt",
                                                             "request_id",
                                                             "run_id",
                                                             "status",
                                                             "text",
                                                             "timestamp",
                                                             "timestamp_ms"};
constexpr std::array<std::string_view, 11> kOrderKeys = {
    "end_time",   "end_time_ms", "execution_time", "execution_time_ms", "experiment_id", "name",
    "request_id", "run_id",      "status",         "timestamp",         "timestamp_ms"};
constexpr std::array<std::string_view, 6> kNumberComparators = {">", ">=", "!=", "=", "<", "<="};
constexpr std::array<std::string_view, 7> kTextComparators = {"!=",   "=",      "ILIKE", "IN",
                                                              "LIKE", "NOT IN", "RLIKE"};
constexpr std::array<std::string_view, 7> kTagComparators = {"!=",      "=",    "ILIKE", "IS NOT NULL",
                                                             "IS NULL", "LIKE", "RLIKE"};
constexpr std::array<std::string_view, 2> kContentComparators = {"ILIKE", "LIKE"};
constexpr std::array<std::string_view, 11> kAssessmentComparators = {
    "!=", "<", "<=", "=", ">", ">=", "ILIKE", "IS NOT NULL", "IS NULL", "LIKE", "RLIKE"};
constexpr std::array<std::string_view, 1> kEqual = {"="};
constexpr std::string_view kAttributesPrefix = "attributes.";

Failure invalid(std::string message) { return Failure(Error::invalid("filter", std::move(message))); }

Result<Entity> entity_of(std::string_view name) {
  auto found = std::ranges::find(kEntities, name, &EntityName::name);
  if (found != kEntities.end()) return found->entity;
  std::vector<std::string_view> names;
  for (const EntityName& one : kEntities) {
    if (!one.name.empty()) names.push_back(one.name);
  }
  return invalid("Invalid entity type '" + std::string(name) + "'. Valid values are " + python_set(names));
}

std::string expected_value(Entity entity) {
  if (entity == Entity::kAttribute) {
    return "Expected a quoted string value or a list of quoted string values for attributes. Got value ";
  }
  return "Expected a quoted string value for " + std::string(kEntityNames[std::to_underlying(entity)]) +
         " (e.g. 'my-value'). Got value ";
}

// `subject`: "span.name comparator", or "Invalid comparator". MLflow forgets the last quote of some.
Result<void> check(const TraceClause& clause, Names allowed, std::string_view subject,
                   std::string_view last_quote = "'") {
  if (std::ranges::find(allowed, clause.comparator) != allowed.end()) return {};
  std::string message(subject);
  Names listed = allowed.empty() ? Names(kTextComparators) : allowed;
  message.append(" '").append(clause.comparator).append("' not one of '").append(python_set(listed));
  return invalid(message.append(last_quote));
}
constexpr std::string_view kInvalidComparator = "Invalid comparator";

// MLflow lists here what texts are compared by.
Result<void> check_number_comparator(const TraceClause& clause) {
  bool known = std::ranges::find(kNumberComparators, clause.comparator) != kNumberComparators.end();
  return known ? Result<void>{} : check(clause, {}, kInvalidComparator, "");
}

template <class Columns>
const Column* column_of(const Columns& columns, std::string_view key) {
  auto found = std::ranges::find(columns, key, &Column::key);
  return found == columns.end() ? nullptr : &*found;
}

bool is_null_test(std::string_view comparator) { return comparator.starts_with("IS "); }

std::string unquoted_key(std::string_view key) {
  bool quoted = key.size() >= 2 && key.front() == key.back() && std::string_view("`\"").contains(key.front());
  return std::string(quoted ? key.substr(1, key.size() - 2) : key);
}

// "LIKE" and "ILIKE" of one expression.
void add_like(SqlText& sql, std::string_view expression, bool any_case, std::string pattern) {
  if (any_case) {
    sql.add("LOWER(").add(expression).add(") LIKE LOWER(").bind(std::move(pattern)).add(") ESCAPE '~'");
  } else {
    sql.add(expression).add(" LIKE ").bind(std::move(pattern)).add(" ESCAPE '~'");
  }
}

// A text expression compared with the clause's value. The comparator has been checked.
Result<void> add_text(SqlText& sql, std::string_view expression, const TraceClause& clause) {
  const std::string& comparator = clause.comparator;
  if (is_null_test(comparator)) {
    sql.add(expression).add(" ").add(comparator);
    return {};
  }
  if (comparator == "IN" || comparator == "NOT IN") {
    ASSIGN_OR_RETURN(std::vector<std::string> texts, filter_list(clause.value));
    sql.add(expression).add(comparator == "IN" ? " IN " : " NOT IN ").bind_list(texts);
    return {};
  }
  ASSIGN_OR_RETURN(std::string text, filter_text(clause.value, clause.expected));
  if (comparator == "LIKE" || comparator == "ILIKE") {
    add_like(sql, expression, comparator == "ILIKE", escaped_like(text));
  } else if (comparator == "RLIKE") {
    RETURN_IF_ERROR(database::check_pattern(text));
    sql.add(expression).add(" REGEXP ").bind(std::move(text));
  } else {
    sql.add(expression).add(comparator == "=" ? " = " : " <> ").bind(std::move(text));
  }
  return {};
}

Result<void> add_number(SqlText& sql, std::string_view expression, const TraceClause& clause) {
  std::string subject = clause.entity.empty() ? "attributes" : clause.entity;
  std::string expected = "Expected a numeric value for " + subject + " when using comparator '";
  ASSIGN_OR_RETURN(double number,
                   filter_number(clause.value, expected + clause.comparator + "'. Got value "));
  std::string_view comparator = clause.comparator == "!=" ? "<>" : std::string_view(clause.comparator);
  sql.add(expression).add(" ").add(comparator).add(" ");
  std::optional<int64_t> whole = parse_int(clause.value.written);
  sql.bind(whole ? database::Value(*whole) : database::Value(number));
  return {};
}

Result<void> add_attribute(SqlText& sql, const TraceClause& clause) {
  const Column* column = column_of(kColumns, clause.key);
  if (column == nullptr) return Failure(invalid_key("attribute", clause.key, kAttributeKeys));
  sql.add(" AND ");
  if (column->is_number) {
    RETURN_IF_ERROR(check_number_comparator(clause));
    return add_number(sql, column->sql, clause);
  }
  RETURN_IF_ERROR(check(clause, kTextComparators, kInvalidComparator));
  return add_text(sql, column->sql, clause);
}

// Tags and metadata: a row with that key and such a value; "IS NULL" where there is no such row.
Result<void> add_entry(SqlText& sql, std::string_view table, const TraceClause& clause) {
  bool absent = clause.comparator == "IS NULL";
  sql.add(absent ? " AND NOT EXISTS (SELECT 1 FROM " : " AND EXISTS (SELECT 1 FROM ").add(table);
  sql.add(" e WHERE e.trace = t.id AND e.key = ").bind(clause.key);
  if (!is_null_test(clause.comparator)) {
    sql.add(" AND ");
    RETURN_IF_ERROR(add_text(sql, "e.value", clause));
  }
  sql.add(")");
  return {};
}

void add_link(SqlText& sql, std::string_view kind, std::string target) {
  sql.add("EXISTS (SELECT 1 FROM trace_links l WHERE l.trace = t.id AND l.kind = ").bind(std::string(kind));
  sql.add(" AND l.target = ").bind(std::move(target)).add(")");
}

Result<void> add_prompt(SqlText& sql, const TraceClause& clause) {
  if (clause.comparator != "=") {
    return invalid("Invalid comparator '" + clause.comparator +
                   "' for prompts filter. Only '=' is supported with format: prompt = \"name/version\"");
  }
  ASSIGN_OR_RETURN(std::string prompt, filter_text(clause.value, clause.expected));
  if (std::ranges::count(prompt, '/') != 1) {
    return invalid("Invalid prompts filter value '" + prompt +
                   "'. Expected format: prompt = \"name/version\"");
  }
  sql.add(" AND ");
  add_link(sql, "prompt", std::move(prompt));
  return {};
}

Result<void> add_tag(SqlText& sql, const TraceClause& clause) {
  if (clause.key == kLinkedPromptsTag) return add_prompt(sql, clause);
  RETURN_IF_ERROR(check(clause, kTagComparators, kInvalidComparator, ""));
  if (const Column* column = column_of(kTagColumns, clause.key)) {
    sql.add(" AND ");
    return add_text(sql, column->sql, clause);
  }
  return add_entry(sql, "trace_tags", clause);
}

Result<void> add_metadata(SqlText& sql, const TraceClause& clause) {
  RETURN_IF_ERROR(check(clause, kTagComparators, kInvalidComparator));
  if (const Column* column = column_of(kMetadataColumns, clause.key)) {
    sql.add(" AND ");
    return add_text(sql, column->sql, clause);
  }
  if (clause.key != kSourceRunKey || clause.comparator != "=")
    return add_entry(sql, "trace_metadata", clause);
  // A trace is a run's by its metadata, or because it was linked to it later.
  ASSIGN_OR_RETURN(std::string run, filter_text(clause.value, clause.expected));
  sql.add(" AND (");
  add_link(sql, "run", run);
  sql.add(" OR EXISTS (SELECT 1 FROM trace_metadata e WHERE e.trace = t.id AND e.key = ");
  sql.bind(std::string(kSourceRunKey)).add(" AND e.value = ").bind(std::move(run)).add("))");
  return {};
}

// The text of an attribute as it stands within a span's content: a JSON string within a JSON string.
std::string attribute_text(std::string_view name, std::string_view value) {
  return json_quoted(name) + ": " + json_quoted(json_quoted(value));
}

std::string contains_pattern(std::string_view text) {
  std::string pattern = "%";
  for (char c : text) {
    if (c == '%' || c == '_' || c == '~') pattern += '~';
    pattern += c;
  }
  return pattern + "%";
}

// A regular expression about an attribute's value as one about the content.
std::string attribute_expression(std::string_view name, std::string_view value) {
  bool from_start = value.starts_with('^');
  bool to_end = value.ends_with('$') && !value.ends_with("\\$");
  if (from_start) value.remove_prefix(1);
  if (to_end) value.remove_suffix(1);
  std::string expression = "\"";
  for (char c : name) {
    if (std::string_view(".+*?()[]{}|^$\\").contains(c)) expression += '\\';
    expression += c;
  }
  return expression.append("\": \"\\\\\"")
      .append(from_start ? "" : ".*")
      .append(value)
      .append(to_end ? "\\\\\"" : "");
}

Result<void> add_span_attribute(SqlText& sql, const TraceClause& clause) {
  std::string name = unquoted_key(std::string_view(clause.key).substr(kAttributesPrefix.size()));
  if (name.empty()) return invalid("Span attribute name cannot be empty after 'attributes.'");
  const std::string& comparator = clause.comparator;
  if (comparator == "RLIKE") {
    ASSIGN_OR_RETURN(std::string text, filter_text(clause.value, clause.expected));
    std::string expression = attribute_expression(name, text);
    RETURN_IF_ERROR(database::check_pattern(expression));
    sql.add("s.content REGEXP ").bind(std::move(expression));
    return {};
  }
  if (comparator == "LIKE" || comparator == "ILIKE") {
    ASSIGN_OR_RETURN(std::string text, filter_text(clause.value, clause.expected));
    std::string pattern = contains_pattern(json_quoted(name));
    add_like(sql, "s.content", comparator == "ILIKE",
             pattern.substr(0, pattern.size() - 1) + escaped_like(text) + "%");
    return {};
  }
  std::vector<std::string> values;
  if (comparator == "IN" || comparator == "NOT IN") {
    ASSIGN_OR_RETURN(values, filter_list(clause.value));
  } else {
    ASSIGN_OR_RETURN(values.emplace_back(), filter_text(clause.value, clause.expected));
  }
  bool negated = comparator == "!=" || comparator == "NOT IN";
  sql.add(negated ? "NOT (" : "(");
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) sql.add(" OR ");
    add_like(sql, "s.content", false, contains_pattern(attribute_text(name, values[i])));
  }
  sql.add(")");
  return {};
}

Result<void> add_span(SqlText& sql, const TraceClause& clause) {
  sql.add(" AND ");
  std::string subject = "span." + clause.key + " comparator";
  if (clause.key == "content") {
    RETURN_IF_ERROR(check(clause, kContentComparators, subject));
    return add_text(sql, "s.content", clause);
  }
  if (clause.key.starts_with(kAttributesPrefix)) {
    RETURN_IF_ERROR(check(clause, kTextComparators, subject));
    return add_span_attribute(sql, clause);
  }
  const Column* column = column_of(kSpanColumns, clause.key);
  if (column == nullptr) {
    return invalid("Invalid span attribute '" + clause.key +
                   "'. Supported attributes: name, status, type, attributes.<attribute_name>.");
  }
  RETURN_IF_ERROR(check(clause, kTextComparators, subject));
  return add_text(sql, column->sql, clause);
}

// " AND a..." about one assessment.
Result<void> add_assessment_value(SqlText& sql, const TraceClause& clause) {
  const std::string& comparator = clause.comparator;
  sql.add(" AND a.name = ").bind(clause.key);
  if (is_null_test(comparator)) return {};
  sql.add(" AND ");
  if (comparator.starts_with('<') || comparator.starts_with('>')) {
    // Booleans and yes/no have numbers to average, and none to compare.
    sql.add("a.value NOT IN ('true', 'false') AND a.value NOT LIKE '\"%' ESCAPE '~' AND ");
    return add_number(sql, "a.number", clause);
  }
  if (comparator != "=" && comparator != "!=") return add_text(sql, "a.value", clause);
  ASSIGN_OR_RETURN(std::string text, filter_text(clause.value, clause.expected));
  sql.add(comparator == "!=" ? "NOT (" : "(").add("a.value = ").bind(text);
  sql.add(" OR a.value = ").bind(json_quoted(text)).add(")");
  return {};
}

// A valid assessment of the trace, or of another trace of its session that speaks of the whole session.
Result<void> add_assessment(SqlText& sql, Entity entity, const TraceClause& clause) {
  RETURN_IF_ERROR(check(clause, kAssessmentComparators, "assessment." + clause.key + " comparator"));
  std::string kind(entity == Entity::kFeedback ? kind_name(AssessmentKind::kFeedback)
                                               : kind_name(AssessmentKind::kExpectation));
  sql.add(clause.comparator == "IS NULL" ? " AND NOT (" : " AND (");
  sql.add("EXISTS (SELECT 1 FROM trace_assessments a WHERE a.trace = t.id AND a.valid = 1 AND a.kind = ")
      .bind(kind);
  RETURN_IF_ERROR(add_assessment_value(sql, clause));
  sql.add(
         ") OR (t.session IS NOT NULL AND EXISTS (SELECT 1 FROM trace_infos o JOIN trace_assessments a"
         " ON a.trace = o.id WHERE o.experiment_id = t.experiment_id AND o.session = t.session"
         " AND a.of_session = 1 AND a.valid = 1 AND a.kind = ")
      .bind(kind);
  RETURN_IF_ERROR(add_assessment_value(sql, clause));
  sql.add(")))");
  return {};
}

Result<void> add_issue(SqlText& sql, const TraceClause& clause) {
  if (clause.key != "id") {
    return invalid("Invalid issue attribute '" + clause.key + "'. Supported attributes: id");
  }
  RETURN_IF_ERROR(check(clause, kEqual, "issue.id comparator"));
  ASSIGN_OR_RETURN(std::string id, filter_text(clause.value, clause.expected));
  sql.add(
      " AND EXISTS (SELECT 1 FROM trace_assessments a WHERE a.trace = t.id AND a.kind = 'issue' AND a.name "
      "= ");
  sql.bind(std::move(id)).add(")");
  return {};
}

struct Named {
  Entity entity;
  std::string key;
};

// Keys that stand for a tag, for metadata or for spans' text. As MLflow has it, whatever entity they are of.
Named resolve(Entity entity, std::string_view key) {
  if (entity == Entity::kSpan) return {entity, std::string(key)};
  std::string lower = to_lower(key);
  if (lower == "name") return {Entity::kTag, std::string(kNameTag)};
  if (lower == "prompt") return {Entity::kTag, std::string(kLinkedPromptsTag)};
  if (lower == "run_id") return {Entity::kMetadata, std::string(kSourceRunKey)};
  if (lower == "text") return {Entity::kSpan, "content"};
  return {entity, std::string(key)};
}

Result<void> add_clause(SqlText& sql, Entity entity, const TraceClause& clause) {
  switch (entity) {
    case Entity::kTag:
      return add_tag(sql, clause);
    case Entity::kMetadata:
      return add_metadata(sql, clause);
    case Entity::kFeedback:
    case Entity::kExpectation:
      return add_assessment(sql, entity, clause);
    case Entity::kIssue:
      return add_issue(sql, clause);
    default:
      return add_attribute(sql, clause);
  }
}

// The expression that is ordered by, appended.
Result<void> add_order_expression(SqlText& sql, const Named& named) {
  if (named.entity == Entity::kTag || named.entity == Entity::kMetadata) {
    bool tag = named.entity == Entity::kTag;
    const Column* column = tag ? column_of(kTagColumns, named.key) : column_of(kMetadataColumns, named.key);
    if (column != nullptr) {
      sql.add(column->sql);
      return {};
    }
    sql.add(tag ? "(SELECT e.value FROM trace_tags e WHERE e.trace = t.id AND e.key = "
                : "(SELECT e.value FROM trace_metadata e WHERE e.trace = t.id AND e.key = ");
    sql.bind(named.key).add(")");
    return {};
  }
  if (named.entity != Entity::kAttribute) {
    return invalid("Invalid identifier type '" + std::string(kEntityNames[std::to_underlying(named.entity)]) +
                   "'");
  }
  const Column* column = column_of(kOrderColumns, named.key);
  if (column == nullptr) return Failure(invalid_key("attribute", named.key, kOrderKeys));
  sql.add(column->sql);
  return {};
}

}  // namespace

Result<void> add_filter(SqlText& sql, std::string_view filter) {
  ASSIGN_OR_RETURN(std::vector<FilterClause> clauses, parse_filter(filter, InvalidClauses::kQuoted));
  std::vector<TraceClause> of_spans;
  for (FilterClause& parsed : clauses) {
    ASSIGN_OR_RETURN(Entity entity, entity_of(parsed.entity));
    Named named = resolve(entity, parsed.key);
    TraceClause clause{std::move(parsed), expected_value(entity)};
    clause.key = std::move(named.key);
    if (named.entity == Entity::kSpan) {
      of_spans.push_back(std::move(clause));
    } else {
      RETURN_IF_ERROR(add_clause(sql, named.entity, clause));
    }
  }
  if (of_spans.empty()) return {};
  sql.add(" AND EXISTS (SELECT 1 FROM trace_spans s WHERE s.trace = t.id");
  for (const TraceClause& clause : of_spans) RETURN_IF_ERROR(add_span(sql, clause));
  sql.add(")");
  return {};
}

Result<void> add_order(SqlText& sql, std::span<const std::string> order_by) {
  std::vector<std::pair<Entity, std::string>> seen;
  sql.add(" ORDER BY ");
  for (const std::string& order : order_by) {
    ASSIGN_OR_RETURN(OrderClause clause, parse_order_by(order));
    ASSIGN_OR_RETURN(Entity entity, entity_of(clause.entity));
    Named named = resolve(entity, clause.key);
    if (std::ranges::find(seen, std::pair(named.entity, named.key)) != seen.end()) {
      return Failure(Error::invalid("order_by", "`order_by` contains duplicate fields: " + named.key));
    }
    seen.emplace_back(named.entity, named.key);
    sql.add("CASE WHEN ");
    RETURN_IF_ERROR(add_order_expression(sql, named));
    sql.add(" IS NULL THEN 1 ELSE 0 END, ");
    RETURN_IF_ERROR(add_order_expression(sql, named));
    sql.add(clause.ascending ? " ASC, " : " DESC, ");
  }
  sql.add("t.request_time_ms DESC, t.trace_id ASC");
  return {};
}

}  // namespace penstock::traces
