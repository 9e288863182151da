#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "core/filter_expression.h"
#include "core/json_writer.h"
#include "core/page_token.h"
#include "core/text.h"
#include "registry/among.h"
#include "registry/model_lookup.h"
#include "registry/model_registry.h"
#include "registry/model_rules.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Value;

// A column that a search may filter or order by.
struct Column {
  std::string_view key;
  std::string_view sql;
};

// What can be searched: its columns and SQL. The statement of a search is put together from these constants;
// what comes from outside is bound.
struct Subject {
  std::span<const Column> filters;
  std::span<const Column> orders;
  std::span<const std::string_view> list_keys;
  std::span<const std::string_view> number_keys;
  std::string_view select;
  std::string_view has_tag;  // up to the key's value
  std::string_view hide_prompts;
  std::string_view default_order;
  std::string_view list_keys_shown;
};

constexpr std::array kModelFilters = {Column{"name", "e.name"}};
constexpr std::array kModelOrders = {Column{"name", "e.name"}, Column{"timestamp", "e.updated_at_us"},
                                     Column{"last_updated_timestamp", "e.updated_at_us"}};
constexpr std::array<std::string_view, 1> kModelLists = {"name"};

constexpr std::array kVersionFilters = {Column{"name", "e.name"}, Column{"source_path", "v.source"},
                                        Column{"run_id", "v.run_id"}, Column{"version_number", "v.number"}};
constexpr std::array kVersionOrders = {Column{"name", "e.name"}, Column{"version_number", "v.number"},
                                       Column{"creation_timestamp", "v.created_at_us"},
                                       Column{"last_updated_timestamp", "v.updated_at_us"}};
constexpr std::array<std::string_view, 2> kVersionLists = {"name", "run_id"};
constexpr std::array<std::string_view, 3> kVersionNumbers = {"creation_timestamp", "last_updated_timestamp",
                                                             "version_number"};

constexpr Subject kModels = {
    .filters = kModelFilters,
    .orders = kModelOrders,
    .list_keys = kModelLists,
    .number_keys = {},
    .select = PENSTOCK_ENTRY_COLUMNS " WHERE e.kind IN ('model', 'prompt')",
    .has_tag = "EXISTS (SELECT 1 FROM registry_entry_tags AS t WHERE t.entry_id = e.id AND t.key = ",
    .hide_prompts =
        " AND e.id NOT IN (SELECT entry_id FROM registry_entry_tags"
        " WHERE key = 'mlflow.prompt.is_prompt' AND value = 'true')",
    .default_order = "e.name",
    .list_keys_shown = "['name']"};

constexpr Subject kVersions = {
    .filters = kVersionFilters,
    .orders = kVersionOrders,
    .list_keys = kVersionLists,
    .number_keys = kVersionNumbers,
    .select = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind IN ('model', 'prompt') AND v.deleted_at_us IS NULL",
    .has_tag = "EXISTS (SELECT 1 FROM registry_version_tags AS t WHERE t.version_id = v.id AND t.key = ",
    .hide_prompts =
        " AND v.entry_id NOT IN (SELECT w.entry_id FROM registry_version_tags AS t"
        " JOIN registry_versions AS w ON w.id = t.version_id"
        " WHERE t.key = 'mlflow.prompt.is_prompt' AND t.value = 'true')",
    .default_order = "e.name, v.number DESC",
    .list_keys_shown = "['name', 'run_id']"};

constexpr std::array<std::string_view, 4> kTextComparators = {"=", "!=", "LIKE", "ILIKE"};
constexpr std::array<std::string_view, 6> kNumberComparators = {"=", "!=", "<", "<=", ">", ">="};

Error bad_filter(std::string message) { return Error::invalid("filter", std::move(message)); }

const Column* find_column(std::span<const Column> columns, std::string_view key) {
  auto found = std::ranges::find(columns, key, &Column::key);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string_view> keys_of(std::span<const Column> columns) {
  std::vector<std::string_view> keys;
  for (const Column& column : columns) keys.push_back(column.key);
  return keys;
}

// One comparison, checked as far as MLflow checks it while it parses.
struct Term {
  bool tag = false;
  std::string key;
  std::string comparator;
  std::variant<std::string, std::vector<std::string>, int64_t, double> value;
};

Result<Term> tag_term(const FilterClause& clause) {
  Term term{.tag = true, .key = clause.key, .comparator = clause.comparator, .value = {}};
  ASSIGN_OR_RETURN(term.value, filter_text(clause.value,
                                           "Expected a quoted string value for tag (e.g. "
                                           "'my-value'). Got value "));
  return term;
}

Result<Term> attribute_term(const FilterClause& clause, const Subject& subject) {
  Term term{.key = clause.key, .comparator = clause.comparator, .value = {}};
  using Kind = FilterValue::Kind;
  const FilterValue& value = clause.value;
  if (value.kind == Kind::kList) {
    if (!is_among(subject.list_keys, clause.key)) {
      return Failure(bad_filter("Only " + std::string(subject.list_keys_shown) +
                                " attributes support comparison with a list of quoted string values."));
    }
    ASSIGN_OR_RETURN(term.value, filter_list(value));
    return term;
  }
  bool number = value.kind == Kind::kInteger || value.kind == Kind::kReal;
  if (!number || subject.number_keys.empty()) {
    ASSIGN_OR_RETURN(term.value,
                     filter_text(value,
                                 "Expected a quoted string value or a list of quoted string values "
                                 "for attributes. Got value "));
    return term;
  }
  if (!is_among(subject.number_keys, clause.key)) {
    return Failure(bad_filter("Only the '" + python_set(subject.number_keys) +
                              "' attributes support comparison with numeric values."));
  }
  ASSIGN_OR_RETURN(double real, filter_number(value, ""));
  if (value.kind == Kind::kReal) {
    term.value = real;
  } else {
    term.value = parse_int(value.written).value_or(static_cast<int64_t>(real));
  }
  return term;
}

Result<Term> term_of(const FilterClause& clause, const Subject& subject) {
  if (clause.entity == "tag" || clause.entity == "tags") return tag_term(clause);
  if (!clause.entity.empty() && clause.entity != "attribute") {
    return Failure(bad_filter("Invalid entity type '" + clause.entity +
                              "'. Valid entity types are ('attribute', 'tag', 'tags')"));
  }
  if (find_column(subject.filters, clause.key) == nullptr) {
    return Failure(invalid_key("attribute", clause.key, keys_of(subject.filters)));
  }
  return attribute_term(clause, subject);
}

// Whether prompts are asked for: the first mention of their mark decides.
bool asks_for_prompts(const std::vector<Term>& terms) {
  auto mark =
      std::ranges::find_if(terms, [](const Term& term) { return term.tag && term.key == kPromptTag; });
  if (mark == terms.end()) return false;
  const auto* value = std::get_if<std::string>(&mark->value);
  if (value == nullptr) return false;
  return (mark->comparator == "=" && equals_ignoring_case(*value, "true")) ||
         (mark->comparator == "!=" && equals_ignoring_case(*value, "false"));
}

// A statement and its values, grown side by side.
class Statement {
 public:
  explicit Statement(std::string_view start) : sql_(start) {}

  Statement& add(std::string_view text) {
    sql_ += text;
    return *this;
  }
  Statement& bind(Value value) {
    values_.push_back(std::move(value));
    sql_.append("$").append(std::to_string(values_.size()));
    return *this;
  }
  // `column` compared with a text by = != LIKE ILIKE.
  void compare(std::string_view column, std::string_view comparator, const std::string& text) {
    if (comparator == "LIKE") {
      add(column).add(" LIKE ").bind(escaped_like(text)).add(" ESCAPE '~'");
    } else if (comparator == "ILIKE") {
      add("LOWER(").add(column).add(") LIKE LOWER(").bind(escaped_like(text)).add(") ESCAPE '~'");
    } else {
      add(column).add(comparator == "=" ? " = " : " <> ").bind(text);
    }
  }
  void among(std::string_view column, bool negated, const std::vector<std::string>& texts) {
    add(column).add(negated ? " NOT IN (" : " IN (");
    for (size_t i = 0; i < texts.size(); ++i) add(i > 0 ? ", " : "").bind(texts[i]);
    add(")");
  }

  const std::string& sql() const { return sql_; }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string sql_;
  std::vector<Value> values_;
};

Result<void> add_number(Statement& statement, const Column& column, const Term& term) {
  if (!is_among(kNumberComparators, term.comparator)) {
    return Failure(bad_filter("Invalid comparator for attribute " + term.key + ": " + term.comparator));
  }
  std::optional<int64_t> number;
  std::string shown;
  if (const auto* integer = std::get_if<int64_t>(&term.value)) number = *integer;
  if (const auto* text = std::get_if<std::string>(&term.value)) {
    number = parse_int(trim(*text));
    shown = python_quoted(*text);
  }
  if (const auto* real = std::get_if<double>(&term.value)) append_json_number(shown, *real);
  if (!number) {
    return Failure(bad_filter("Invalid value for numeric attribute '" + term.key + "': " + shown));
  }
  std::string_view comparator = term.comparator == "!=" ? "<>" : std::string_view(term.comparator);
  statement.add(column.sql).add(" ").add(comparator).add(" ").bind(*number);
  return {};
}

Result<void> add_term(Statement& statement, const Subject& subject, const Term& term) {
  statement.add(" AND ");
  const auto* text = std::get_if<std::string>(&term.value);
  if (term.tag) {
    if (!is_among(kTextComparators, term.comparator) || text == nullptr) {
      return Failure(bad_filter("Invalid comparator for tag: " + term.comparator));
    }
    statement.add(subject.has_tag).bind(term.key).add(" AND ");
    statement.compare("t.value", term.comparator, *text);
    statement.add(")");
    return {};
  }
  const Column& column = *find_column(subject.filters, term.key);
  if (is_among(subject.number_keys, term.key)) return add_number(statement, column, term);
  const auto* list = std::get_if<std::vector<std::string>>(&term.value);
  if (list != nullptr && (term.comparator == "IN" || term.comparator == "NOT IN")) {
    statement.among(column.sql, term.comparator == "NOT IN", *list);
    return {};
  }
  if (text == nullptr || !is_among(kTextComparators, term.comparator)) {
    return Failure(bad_filter("Invalid comparator for attribute: " + term.comparator));
  }
  statement.compare(column.sql, term.comparator, *text);
  return {};
}

Error duplicate_order(const std::vector<std::string>& order_by) {
  std::string list;
  for (const std::string& one : order_by) list.append(list.empty() ? "" : ", ").append(python_quoted(one));
  return Error::invalid("order_by", "`order_by` contains duplicate fields: [" + list + "]");
}

Error bad_order_key(const Subject& subject, std::string_view key) {
  if (subject.number_keys.empty()) {
    return Error::invalid("order_by", "Invalid order by key '" + std::string(key) +
                                          "' specified. Valid keys are '{'name', 'timestamp'}'");
  }
  return invalid_key("attribute", key, keys_of(subject.orders));
}

Result<void> add_order(Statement& statement, const Subject& subject,
                       const std::vector<std::string>& order_by) {
  std::vector<std::string_view> seen;
  statement.add(" ORDER BY ");
  for (const std::string& text : order_by) {
    ASSIGN_OR_RETURN(OrderClause order, parse_order_by(text));
    bool attribute = order.entity.empty() || order.entity == "attribute";
    const Column* column = attribute ? find_column(subject.orders, order.key) : nullptr;
    if (column == nullptr) return Failure(bad_order_key(subject, order.key));
    if (is_among(seen, column->sql)) return Failure(duplicate_order(order_by));
    seen.push_back(column->sql);
    statement.add(column->sql).add(order.ascending ? ", " : " DESC, ");
  }
  statement.add(subject.default_order);
  return {};
}

struct Offset {
  int64_t rows = 0;
};

Result<Offset> read_offset(const std::string& token) {
  if (token.empty()) return Offset{};
  ASSIGN_OR_RETURN(JsonArray keys, read_page_token(token, 1));
  if (keys[0].is_int64() && keys[0].get_int64() >= 0) return Offset{keys[0].get_int64()};
  return Failure(Error::invalid("page_token", "Invalid page token, it is none that this server made"));
}

std::string next_token(Offset offset, size_t found, int64_t wanted) {
  if (found <= static_cast<size_t>(wanted)) return {};
  return make_page_token(JsonArray{Json(offset.rows + wanted)});
}

Result<Statement> statement_of(const Subject& subject, const ModelSearch& search, Offset offset) {
  ASSIGN_OR_RETURN(auto clauses, parse_filter(search.filter));
  std::vector<Term> terms;
  for (const FilterClause& clause : clauses) {
    ASSIGN_OR_RETURN(terms.emplace_back(), term_of(clause, subject));
  }
  Statement statement(subject.select);
  bool prompts = asks_for_prompts(terms);
  if (!prompts) statement.add(subject.hide_prompts);
  for (const Term& term : terms) {
    if (!prompts && term.tag && term.key == kPromptTag) continue;
    RETURN_IF_ERROR(add_term(statement, subject, term));
  }
  RETURN_IF_ERROR(add_order(statement, subject, search.order_by));
  // One more than wanted tells whether there is another page.
  statement.add(" LIMIT ").bind(search.results_max + 1).add(" OFFSET ").bind(offset.rows);
  return statement;
}

Result<ModelPage> read_models(Connection& connection, const Statement& statement, Offset offset,
                              int64_t wanted) {
  ASSIGN_OR_RETURN(auto entries, select_entries(connection, statement.sql(), statement.values()));
  ModelPage page{.models = {}, .next_token = next_token(offset, entries.size(), wanted)};
  entries.resize(std::min(entries.size(), static_cast<size_t>(wanted)));
  RETURN_IF_ERROR(read_details(connection, entries));
  std::vector<int64_t> ids;
  for (Entry& entry : entries) {
    ids.push_back(entry.id);
    page.models.push_back({.entry = std::move(entry), .latest = {}});
  }
  ASSIGN_OR_RETURN(auto latest, newest_by_stage(connection, ids));
  std::ranges::sort(latest, {}, &Version::stage);  // as MLflow's searches have them
  for (Version& version : latest) {
    auto place = std::ranges::find(ids, version.entry) - ids.begin();
    page.models[static_cast<size_t>(place)].latest.push_back(std::move(version));
  }
  return page;
}

}  // namespace

Task<Result<ModelPage>> ModelRegistry::search(ModelSearch search) {
  if (search.results_max > kModelsPageMax) {
    co_return Failure(
        Error::invalid("max_results",
                       "Invalid value for request parameter max_results. It must be at most 1000, "
                       "but got value " +
                           std::to_string(search.results_max)));
  }
  search.results_max = std::max<int64_t>(search.results_max, 0);
  ASSIGN_OR_CO_RETURN(Offset offset, read_offset(search.page_token));
  ASSIGN_OR_CO_RETURN(Statement statement, statement_of(kModels, search, offset));
  auto work = [statement = std::move(statement), offset, wanted = search.results_max](
                  Connection& connection) { return read_models(connection, statement, offset, wanted); };
  co_return co_await database_.read<ModelPage>(std::move(work));
}

Task<Result<VersionPage>> ModelRegistry::search_versions(ModelSearch search) {
  if (search.results_max < 1) {
    co_return Failure(Error::invalid(
        "max_results", "Invalid value for max_results. It must be a positive integer, but got " +
                           std::to_string(search.results_max)));
  }
  if (search.results_max > kVersionsPageMax) {
    co_return Failure(
        Error::invalid("max_results",
                       "Invalid value for request parameter max_results. It must be at most 200000, "
                       "but got value " +
                           std::to_string(search.results_max)));
  }
  if (search.order_by.empty()) search.order_by = {"last_updated_timestamp DESC"};
  ASSIGN_OR_CO_RETURN(Offset offset, read_offset(search.page_token));
  ASSIGN_OR_CO_RETURN(Statement statement, statement_of(kVersions, search, offset));
  auto work = [statement = std::move(statement), offset,
               wanted = search.results_max](Connection& connection) -> Result<VersionPage> {
    VersionPage page;
    ASSIGN_OR_RETURN(page.versions, select_versions(connection, statement.sql(), statement.values()));
    page.next_token = next_token(offset, page.versions.size(), wanted);
    page.versions.resize(std::min(page.versions.size(), static_cast<size_t>(wanted)));
    return page;
  };
  co_return co_await database_.read<VersionPage>(std::move(work));
}

}  // namespace penstock::registry
