#include "tracking/run_terms.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "tracking/checks.h"

namespace penstock::tracking {
namespace {

using Kind = RunTerm::Kind;

constexpr std::pair<std::string_view, Kind> kEntities[] = {
    {"metric", Kind::kMetric},
    {"metrics", Kind::kMetric},
    {"parameter", Kind::kParam},
    {"parameters", Kind::kParam},
    {"param", Kind::kParam},
    {"params", Kind::kParam},
    {"tag", Kind::kTag},
    {"tags", Kind::kTag},
    {"attribute", Kind::kAttribute},
    {"attributes", Kind::kAttribute},
    {"attr", Kind::kAttribute},
    {"run", Kind::kAttribute},
    {"dataset", Kind::kDataset},
    {"datasets", Kind::kDataset},
};
constexpr std::string_view kEntityNames = "['metric', 'parameter', 'tag', 'attribute', 'dataset']";

struct Attribute {
  std::string_view name;
  std::string_view column;
  bool is_number = false;
  bool orders = true;
};
// Searched by; the last three are other names of run_name, which rows are not ordered by.
constexpr Attribute kAttributes[] = {
    {"artifact_uri", "r.artifact_uri"},
    {"created", "r.start_time_ms", true},
    {"Created", "r.start_time_ms", true},
    {"end_time", "r.end_time_ms", true},
    {"run_id", "r.run_id"},
    {"run_name", "r.name"},
    {"start_time", "r.start_time_ms", true},
    {"status", "r.status"},
    {"user_id", "r.user_id"},
    {"run name", "r.name", false, false},
    {"Run name", "r.name", false, false},
    {"Run Name", "r.name", false, false},
};

constexpr std::pair<std::string_view, std::string_view> kDatasetColumns[] = {
    {"name", "x.name"}, {"digest", "x.digest"}, {"context", "i.context"}};
constexpr std::string_view kDatasetKeys[] = {"name", "digest", "context"};

constexpr std::string_view kNumberComparators[] = {"<", "<=", ">", ">=", "=", "!="};
constexpr std::string_view kKeyedComparators[] = {"=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"};
constexpr std::string_view kTextComparators[] = {"=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"};

Result<Kind> kind_of(std::string_view entity) {
  if (entity.empty()) return Kind::kAttribute;
  auto found = std::ranges::find(kEntities, entity, &std::pair<std::string_view, Kind>::first);
  if (found != std::end(kEntities)) return found->second;
  return Failure(Error::invalid("filter", "Invalid entity type '" + std::string(entity) +
                                              "'. Valid values are " + std::string(kEntityNames)));
}

Result<const Attribute*> attribute_of(std::string_view key, bool to_order) {
  auto found = std::ranges::find(kAttributes, key, &Attribute::name);
  if (found != std::end(kAttributes) && (found->orders || !to_order)) return &*found;
  std::vector<std::string_view> names;
  for (const Attribute& attribute : kAttributes) {
    if (attribute.orders || !to_order) names.push_back(attribute.name);
  }
  return Failure(invalid_key("attribute", key, names));
}

Result<std::string> dataset_column(std::string_view key) {
  for (const auto& [name, column] : kDatasetColumns) {
    if (name == key) return std::string(column);
  }
  return Failure(invalid_key("dataset", key, kDatasetKeys));
}

// As check_comparator, with the message of MLflow for all but params and texts: it leaves its quote open.
Result<void> check_comparator_openly(const FilterClause& clause, std::span<const std::string_view> allowed) {
  Result<void> checked = check_comparator(clause, allowed);
  if (checked) return {};
  Error error = std::move(checked).error();
  error.message.pop_back();
  return Failure(std::move(error));
}

// A text, or a list of them, for = and LIKE or IN.
Result<void> take_text(RunTerm& term, const FilterClause& clause, std::string_view expected) {
  if (clause.value.kind == FilterValue::Kind::kList) {
    ASSIGN_OR_RETURN(term.items, filter_list(clause.value));
  } else {
    ASSIGN_OR_RETURN(term.value, filter_text(clause.value, expected));
  }
  RETURN_IF_ERROR(term.kind == Kind::kDataset ? check_comparator_openly(clause, kTextComparators)
                                              : check_comparator(clause, kTextComparators));
  bool wants_list = clause.comparator == "IN" || clause.comparator == "NOT IN";
  if (wants_list != term.items.empty()) return {};
  return Failure(Error::invalid("filter", std::string(expected) + clause.value.written));
}

Result<void> take_attribute(RunTerm& term, const FilterClause& clause) {
  ASSIGN_OR_RETURN(const Attribute* attribute, attribute_of(clause.key, false));
  term.column = attribute->column;
  if (attribute->is_number) {
    ASSIGN_OR_RETURN(double number,
                     filter_number(clause.value, "Expected numeric value type for numeric attribute: " +
                                                     clause.key + ". Found "));
    RETURN_IF_ERROR(check_comparator_openly(clause, kNumberComparators));
    WholeComparison whole = whole_comparison(clause.comparator, number, clause.value.written);
    term.comparator = whole.comparator;
    term.value = whole.value;
    return {};
  }
  if (clause.value.kind == FilterValue::Kind::kList && clause.key != "run_id") {
    return Failure(
        Error::invalid("filter",
                       "Only ['run_id'] attributes support comparison with a list of quoted string "
                       "values."));
  }
  return take_text(term, clause, "Expected a quoted string value for attributes. Got value ");
}

Result<void> take_metric(RunTerm& term, const FilterClause& clause) {
  ASSIGN_OR_RETURN(double number,
                   filter_number(clause.value, "Expected numeric value type for metric. Found "));
  term.value = number;
  return check_comparator_openly(clause, kNumberComparators);
}

Result<void> take_keyed(RunTerm& term, const FilterClause& clause) {
  if (clause.comparator == "IS NULL" || clause.comparator == "IS NOT NULL") return {};
  std::string_view name = term.kind == Kind::kParam ? "parameter" : "tag";
  ASSIGN_OR_RETURN(term.value,
                   filter_text(clause.value, "Expected a quoted string value for " + std::string(name) +
                                                 " (e.g. 'my-value'). Got value "));
  return term.kind == Kind::kTag ? check_comparator_openly(clause, kKeyedComparators)
                                 : check_comparator(clause, kKeyedComparators);
}

Result<void> refuse_null_test(Kind kind, const FilterClause& clause) {
  bool tests_null = clause.comparator == "IS NULL" || clause.comparator == "IS NOT NULL";
  if (!tests_null || kind == Kind::kTag || kind == Kind::kParam) return {};
  std::string_view name = kind == Kind::kMetric ? "metric" : kind == Kind::kDataset ? "dataset" : "attribute";
  return Failure(
      Error::invalid("filter", "IS NULL / IS NOT NULL is only supported for tags and params, not for '" +
                                   std::string(name) + "' '" + clause.key + "'"));
}

Result<RunTerm> term_of(const FilterClause& clause) {
  ASSIGN_OR_RETURN(Kind kind, kind_of(clause.entity));
  RETURN_IF_ERROR(refuse_null_test(kind, clause));
  RunTerm term{.kind = kind, .key = clause.key, .column = {}, .comparator = clause.comparator, .value = {}};
  switch (kind) {
    case Kind::kAttribute:
      RETURN_IF_ERROR(take_attribute(term, clause));
      break;
    case Kind::kMetric:
      RETURN_IF_ERROR(take_metric(term, clause));
      break;
    case Kind::kParam:
    case Kind::kTag:
      RETURN_IF_ERROR(take_keyed(term, clause));
      break;
    case Kind::kDataset: {
      ASSIGN_OR_RETURN(term.column, dataset_column(clause.key));
      RETURN_IF_ERROR(
          take_text(term, clause, "Expected a quoted string value for dataset attributes. Got value "));
      break;
    }
  }
  return term;
}

void add_value_condition(SqlText& sql, std::string_view column, const RunTerm& term) {
  if (!term.items.empty()) {
    add_list(sql, column, term.comparator, term.items);
  } else {
    add_comparison(sql, column, term.comparator, term.value);
  }
}

// NaN, which is NULL, differs from every number and compares with none.
void add_metric_condition(SqlText& sql, std::string_view column, const RunTerm& term) {
  if (term.comparator != "!=") return add_comparison(sql, column, term.comparator, term.value);
  sql.add("(");
  add_comparison(sql, column, term.comparator, term.value);
  sql.add(" OR ").add(column).add(" IS NULL)");
}

void add_keyed_term(SqlText& sql, const RunTerm& term) {
  bool tests_null = term.comparator == "IS NULL" || term.comparator == "IS NOT NULL";
  sql.add(term.comparator == "IS NULL" ? "NOT EXISTS (" : "EXISTS (");
  sql.add(term.kind == Kind::kParam ? "SELECT 1 FROM tracking_params AS x WHERE x.run = r.id AND x.key = "
                                    : "SELECT 1 FROM tracking_tags AS x WHERE x.run = r.id AND x.key = ");
  sql.value(term.key);
  if (!tests_null) {
    sql.add(" AND ");
    add_value_condition(sql, "x.value", term);
  }
  sql.add(")");
}

}  // namespace

Result<std::vector<RunTerm>> parse_run_filter(std::string_view filter) {
  ASSIGN_OR_RETURN(auto clauses, parse_filter(filter, InvalidClauses::kQuoted));
  std::vector<RunTerm> terms;
  for (const FilterClause& clause : clauses) {
    ASSIGN_OR_RETURN(terms.emplace_back(), term_of(clause));
  }
  return terms;
}

Result<std::vector<RunOrder>> parse_run_orders(std::span<const std::string> orders) {
  std::vector<RunOrder> out;
  std::set<std::pair<Kind, std::string>> seen;
  for (const std::string& text : orders) {
    ASSIGN_OR_RETURN(OrderClause clause, parse_order_by(text));
    ASSIGN_OR_RETURN(Kind kind, kind_of(clause.entity));
    RunOrder order{.kind = kind, .key = clause.key, .column = {}, .ascending = clause.ascending};
    if (kind == Kind::kDataset)
      return Failure(Error::invalid("order_by", "Invalid identifier type 'dataset'"));
    if (kind == Kind::kAttribute) {
      ASSIGN_OR_RETURN(const Attribute* attribute, attribute_of(clause.key, true));
      order.column = attribute->column;
    }
    bool fresh = seen.emplace(kind, kind == Kind::kAttribute ? order.column : order.key).second;
    if (!fresh || out.size() == kOrdersMax) {
      std::string list;
      for (const std::string& one : orders) list += (list.empty() ? "" : ", ") + python_repr(one);
      return Failure(Error::invalid(
          "order_by", !fresh ? "`order_by` contains duplicate fields: [" + list + "]"
                             : "`order_by` may have at most " + std::to_string(kOrdersMax) + " fields."));
    }
    out.push_back(std::move(order));
  }
  return out;
}

void add_term(SqlText& sql, const RunTerm& term, bool on_driving) {
  switch (term.kind) {
    case Kind::kAttribute:
      return add_value_condition(sql, term.column, term);
    case Kind::kMetric:
      if (on_driving) return add_metric_condition(sql, "d.value", term);
      sql.add(
          "EXISTS (SELECT 1 FROM tracking_latest_metrics AS x WHERE x.experiment = r.experiment AND x.run = "
          "r.id"
          " AND x.key = ");
      sql.value(term.key).add(" AND ");
      add_metric_condition(sql, "x.value", term);
      sql.add(")");
      return;
    case Kind::kParam:
    case Kind::kTag:
      return add_keyed_term(sql, term);
    case Kind::kDataset:
      sql.add(
          "EXISTS (SELECT 1 FROM tracking_inputs AS i JOIN tracking_datasets AS x ON x.id = i.dataset"
          " WHERE i.run = r.id AND ");
      add_value_condition(sql, term.column, term);
      sql.add(")");
      return;
  }
}

void add_order_join(SqlText& sql, const RunOrder& order, std::string_view table) {
  switch (order.kind) {
    case Kind::kMetric:
      sql.add(" LEFT JOIN tracking_latest_metrics AS ").add(table).add(" ON ").add(table);
      sql.add(".experiment = r.experiment AND ").add(table);
      break;
    case Kind::kParam:
      sql.add(" LEFT JOIN tracking_params AS ").add(table).add(" ON ").add(table);
      break;
    default:
      sql.add(" LEFT JOIN tracking_tags AS ").add(table).add(" ON ").add(table);
      break;
  }
  sql.add(".run = r.id AND ").add(table).add(".key = ").value(order.key);
}

SortColumn sort_column(const RunOrder& order, std::string_view table) {
  std::string name(table);
  using Type = SortColumn::Type;
  if (order.kind == Kind::kMetric) {
    return {
        .expression = name + ".value",
        .rank = "CASE WHEN " + name + ".run IS NULL THEN 2 WHEN " + name + ".value IS NULL THEN 1 ELSE 0 END",
        .ascending = order.ascending,
        .type = Type::kReal};
  }
  if (order.kind != Kind::kAttribute) {
    return {.expression = name + ".value",
            .rank = "CASE WHEN " + name + ".run IS NULL THEN 1 ELSE 0 END",
            .ascending = order.ascending,
            .type = Type::kText};
  }
  bool is_time = order.column.ends_with("_ms");
  return {.expression = order.column,
          .rank = order.column == "r.end_time_ms" ? "CASE WHEN r.end_time_ms IS NULL THEN 1 ELSE 0 END" : "",
          .ascending = order.ascending,
          .type = is_time ? Type::kInteger : Type::kText};
}

}  // namespace penstock::tracking
