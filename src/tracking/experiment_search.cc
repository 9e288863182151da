#include "tracking/experiment_search.h"

#include <algorithm>

#include "core/filter_expression.h"
#include "core/page_token.h"
#include "tracking/experiments.h"
#include "tracking/search_terms.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;

constexpr int kExperimentColumnCount = 6;
constexpr size_t kOrdersMax = 16;

struct Attribute {
  std::string_view name;
  std::string_view column;
  SortColumn::Type type;
};
constexpr Attribute kAttributes[] = {
    {"name", "e.name", SortColumn::Type::kText},
    {"experiment_id", "e.id", SortColumn::Type::kInteger},
    {"creation_time", "e.created_at_ms", SortColumn::Type::kInteger},
    {"last_update_time", "e.updated_at_ms", SortColumn::Type::kInteger},
};

// Known ones; a name takes no list all the same.
constexpr std::string_view kTextComparators[] = {"=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"};

Failure invalid(std::string message) { return Failure(Error::invalid("filter", std::move(message))); }

Result<const Attribute*> attribute_of(std::string_view key) {
  auto found = std::ranges::find(kAttributes, key, &Attribute::name);
  if (found != std::end(kAttributes)) return &*found;
  std::vector<std::string_view> names;
  for (const Attribute& attribute : kAttributes) names.push_back(attribute.name);
  return Failure(invalid_key("attribute", key, names));
}

// Whether the entity is a tag rather than an attribute.
Result<bool> is_tag(std::string_view entity) {
  if (entity.empty() || entity == "attribute") return false;
  if (entity == "tag" || entity == "tags") return true;
  return invalid("Invalid entity type '" + std::string(entity) +
                 "'. Valid entity types are ('attribute', 'tag', 'tags')");
}

bool one_of(std::string_view comparator, std::initializer_list<std::string_view> allowed) {
  return std::ranges::find(allowed, comparator) != allowed.end();
}

Result<void> add_tag_term(SqlText& sql, const FilterClause& clause) {
  bool tests_null = one_of(clause.comparator, {"IS NULL", "IS NOT NULL"});
  std::string text;
  if (!tests_null) {
    ASSIGN_OR_RETURN(
        text,
        filter_text(clause.value, "Expected a quoted string value for tag (e.g. 'my-value'). Got value "));
    if (!one_of(clause.comparator, {"=", "!=", "LIKE", "ILIKE"})) {
      return invalid("Invalid comparator for tag: " + clause.comparator);
    }
  }
  sql.add(clause.comparator == "IS NULL" ? " AND NOT EXISTS (" : " AND EXISTS (");
  sql.add("SELECT 1 FROM tracking_experiment_tags AS x WHERE x.experiment = e.id AND x.key = ")
      .value(clause.key);
  if (!tests_null) {
    sql.add(" AND ");
    add_comparison(sql, "x.value", clause.comparator, std::move(text));
  }
  sql.add(")");
  return {};
}

// experiment_id with = != IN NOT IN; the ids are texts.
Result<void> add_id_term(SqlText& sql, const FilterClause& clause) {
  std::vector<std::string> ids;
  if (clause.value.kind == FilterValue::Kind::kList) {
    ASSIGN_OR_RETURN(ids, filter_list(clause.value));
  } else {
    ASSIGN_OR_RETURN(ids.emplace_back(),
                     filter_text(clause.value, "Expected a quoted string value for attributes. Got value "));
  }
  bool wants_list = one_of(clause.comparator, {"IN", "NOT IN"});
  if (!wants_list && !one_of(clause.comparator, {"=", "!="})) {
    return invalid("Invalid comparator for experiment_id: " + clause.comparator);
  }
  sql.add(clause.comparator == "!=" || clause.comparator == "NOT IN" ? " AND e.id NOT IN ("
                                                                     : " AND e.id IN (");
  for (size_t i = 0; i < ids.size(); ++i) {
    ASSIGN_OR_RETURN(int64_t row, experiment_row(ids[i]));
    if (i > 0) sql.add(", ");
    sql.value(row);
  }
  sql.add(")");
  return {};
}

Result<void> add_time_term(SqlText& sql, const FilterClause& clause, const Attribute& attribute) {
  ASSIGN_OR_RETURN(double number,
                   filter_number(clause.value, "Expected numeric value type for numeric attribute: " +
                                                   clause.key + ". Found "));
  if (!one_of(clause.comparator, {"=", "!=", "<", "<=", ">", ">="})) {
    return invalid("Invalid comparator for numeric attribute: " + clause.comparator);
  }
  if (clause.value.kind != FilterValue::Kind::kInteger) {
    return invalid("Invalid value for numeric attribute '" + clause.key + "': '" + clause.value.written +
                   "'");
  }
  sql.add(" AND ");
  WholeComparison whole = whole_comparison(clause.comparator, number, clause.value.written);
  add_comparison(sql, attribute.column, whole.comparator, whole.value);
  return {};
}

Result<void> add_name_term(SqlText& sql, const FilterClause& clause) {
  if (clause.value.kind == FilterValue::Kind::kList) {
    return invalid(
        "Only ['experiment_id'] attributes support comparison with a list of quoted string values.");
  }
  ASSIGN_OR_RETURN(std::string text,
                   filter_text(clause.value, "Expected a quoted string value for attributes. Got value "));
  RETURN_IF_ERROR(check_comparator(clause, kTextComparators));
  if (!one_of(clause.comparator, {"=", "!=", "LIKE", "ILIKE"})) {
    return invalid("Invalid comparator for string attribute: " + clause.comparator);
  }
  sql.add(" AND ");
  add_comparison(sql, "e.name", clause.comparator, std::move(text));
  return {};
}

Result<void> add_term(SqlText& sql, const FilterClause& clause) {
  ASSIGN_OR_RETURN(bool tag, is_tag(clause.entity));
  if (tag) return add_tag_term(sql, clause);
  ASSIGN_OR_RETURN(const Attribute* attribute, attribute_of(clause.key));
  if (one_of(clause.comparator, {"IS NULL", "IS NOT NULL"})) {
    return invalid("IS NULL / IS NOT NULL is only supported for tags, not for attribute '" + clause.key +
                   "'");
  }
  if (attribute->name == "experiment_id") return add_id_term(sql, clause);
  if (attribute->type == SortColumn::Type::kInteger) return add_time_term(sql, clause, *attribute);
  return add_name_term(sql, clause);
}

Result<std::vector<SortColumn>> sort_columns(const std::vector<std::string>& order_by) {
  if (order_by.size() > kOrdersMax) return invalid("`order_by` may have at most 16 fields.");
  std::vector<SortColumn> columns;
  for (const std::string& text : order_by) {
    ASSIGN_OR_RETURN(OrderClause clause, parse_order_by(text));
    ASSIGN_OR_RETURN(bool tag, is_tag(clause.entity));
    if (tag) return invalid("Invalid order_by entity: tag");
    ASSIGN_OR_RETURN(const Attribute* attribute, attribute_of(clause.key));
    columns.push_back({.expression = std::string(attribute->column),
                       .ascending = clause.ascending,
                       .type = attribute->type});
  }
  bool by_default = columns.empty();
  if (by_default) columns.push_back({.expression = "e.created_at_ms", .ascending = false});
  if (std::ranges::find(columns, "e.id", &SortColumn::expression) == columns.end()) {
    columns.push_back({.expression = "e.id", .ascending = by_default});
  }
  return columns;
}

}  // namespace

Result<Page<Experiment>> search_experiments(Connection& connection, const ExperimentSearch& search) {
  RETURN_IF_ERROR(check_max_results(search.max_results));
  ASSIGN_OR_RETURN(auto clauses, parse_filter(search.filter));
  ASSIGN_OR_RETURN(auto columns, sort_columns(search.order_by));
  SqlText sql;
  sql.add("SELECT ").add(kExperimentColumns);
  add_sort_values(sql, columns);
  sql.add(" FROM tracking_experiments AS e WHERE ");
  sql.add(search.view == View::kAll          ? "1 = 1"
          : search.view == View::kActiveOnly ? "e.deleted = 0"
                                             : "e.deleted = 1");
  for (const FilterClause& clause : clauses) RETURN_IF_ERROR(add_term(sql, clause));
  if (!search.page_token.empty()) RETURN_IF_ERROR(add_after(sql, columns, search.page_token));
  add_order(sql, columns);
  sql.add(" LIMIT ").value(search.max_results + 1);
  Page<Experiment> page;
  std::vector<int64_t> rows;
  JsonArray last;
  auto limit = static_cast<size_t>(search.max_results);
  bool more = false;
  RETURN_IF_ERROR(connection.query(sql.text(), sql.values(), [&](const Row& row) {
    more = rows.size() == limit;
    if (more) return false;
    rows.push_back(row.integer(0));
    page.items.push_back(read_experiment(row));
    if (rows.size() == limit) last = sort_values(row, kExperimentColumnCount, columns);
    return true;
  }));
  if (more) page.next_page_token = make_page_token(last);
  RETURN_IF_ERROR(load_experiment_tags(connection, rows, page.items));
  return page;
}

}  // namespace penstock::tracking
