#include "tracking/evaluation_datasets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/digest.h"
#include "core/filter_expression.h"
#include "core/text.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr size_t kDigestDigits = 8;
constexpr size_t kNameBytesMax = 1'000;
constexpr std::string_view kUserTag = "mlflow.user";

constexpr std::array kMigrations = {
    database::Migration{
        .number = 61,
        .name = "evaluation datasets and scorers",
        .sql =
            "CREATE TABLE tracking_evaluation_datasets (dataset_id TEXT PRIMARY KEY, name TEXT NOT NULL,"
            " schema TEXT NOT NULL, profile TEXT NOT NULL, digest TEXT NOT NULL, created_ms INTEGER NOT NULL,"
            " updated_ms INTEGER NOT NULL, created_by TEXT, updated_by TEXT) STRICT;"
            "CREATE INDEX tracking_evaluation_datasets_by_time ON tracking_evaluation_datasets (created_ms);"
            "CREATE TABLE tracking_evaluation_tags (dataset_id TEXT NOT NULL, key TEXT NOT NULL,"
            " value TEXT NOT NULL, PRIMARY KEY (dataset_id, key)) WITHOUT ROWID, STRICT;"
            "CREATE TABLE tracking_evaluation_experiments (experiment_id TEXT NOT NULL, dataset_id TEXT NOT "
            "NULL,"
            " PRIMARY KEY (experiment_id, dataset_id)) WITHOUT ROWID, STRICT;"
            "CREATE INDEX tracking_evaluation_experiments_of ON tracking_evaluation_experiments (dataset_id);"
            "CREATE TABLE tracking_evaluation_records (record_id TEXT PRIMARY KEY, dataset_id TEXT NOT NULL,"
            " input_hash TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL, expectations TEXT NOT "
            "NULL,"
            " tags TEXT NOT NULL, source TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT "
            "NULL,"
            " created_by TEXT, updated_by TEXT) STRICT;"
            "CREATE UNIQUE INDEX tracking_evaluation_records_by_inputs"
            " ON tracking_evaluation_records (dataset_id, input_hash);"
            "CREATE INDEX tracking_evaluation_records_by_time"
            " ON tracking_evaluation_records (dataset_id, created_ms, record_id);"
            "CREATE TABLE tracking_scorers (scorer_id TEXT PRIMARY KEY, experiment_id INTEGER NOT NULL,"
            " name TEXT NOT NULL, UNIQUE (experiment_id, name)) STRICT;"
            "CREATE TABLE tracking_scorer_versions (scorer_id TEXT NOT NULL, version INTEGER NOT NULL,"
            " serialized TEXT NOT NULL, created_ms INTEGER NOT NULL, PRIMARY KEY (scorer_id, version))"
            " WITHOUT ROWID, STRICT"},
};

#define PENSTOCK_DATASET_COLUMNS                                                                    \
  "d.dataset_id, d.name, d.schema, d.profile, d.digest, d.created_ms, d.updated_ms, d.created_by, " \
  "d.updated_by"
constexpr std::string_view kSelect =
    "SELECT " PENSTOCK_DATASET_COLUMNS " FROM tracking_evaluation_datasets d WHERE 1 = 1";
constexpr std::string_view kGet =
    "SELECT " PENSTOCK_DATASET_COLUMNS " FROM tracking_evaluation_datasets d WHERE d.dataset_id = $1";
#undef PENSTOCK_DATASET_COLUMNS
constexpr std::string_view kInsert =
    "INSERT INTO tracking_evaluation_datasets (dataset_id, name, schema, profile, digest, created_ms, "
    "updated_ms,"
    " created_by, updated_by) VALUES ($1, $2, '', '', $3, $4, $4, $5, $5)";
constexpr std::string_view kRefresh =
    "UPDATE tracking_evaluation_datasets SET schema = $2, profile = $3, digest = $4, updated_ms = $5,"
    " updated_by = $6 WHERE dataset_id = $1";
constexpr std::string_view kTouch =
    "UPDATE tracking_evaluation_datasets SET updated_ms = $2 WHERE dataset_id = $1";
constexpr std::array<std::string_view, 4> kDelete = {
    "DELETE FROM tracking_evaluation_tags WHERE dataset_id = $1",
    "DELETE FROM tracking_evaluation_experiments WHERE dataset_id = $1",
    "DELETE FROM tracking_evaluation_records WHERE dataset_id = $1",
    "DELETE FROM tracking_evaluation_datasets WHERE dataset_id = $1"};
constexpr std::string_view kTags = "SELECT key, value FROM tracking_evaluation_tags WHERE dataset_id = $1";
constexpr std::string_view kSetTag =
    "INSERT INTO tracking_evaluation_tags (dataset_id, key, value) VALUES ($1, $2, $3)"
    " ON CONFLICT (dataset_id, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteTag =
    "DELETE FROM tracking_evaluation_tags WHERE dataset_id = $1 AND key = $2";
constexpr std::string_view kExperiments =
    "SELECT experiment_id FROM tracking_evaluation_experiments WHERE dataset_id = $1 ORDER BY experiment_id";
constexpr std::string_view kAddExperiment =
    "INSERT INTO tracking_evaluation_experiments (experiment_id, dataset_id) VALUES ($1, $2)"
    " ON CONFLICT (experiment_id, dataset_id) DO NOTHING";
constexpr std::string_view kRemoveExperiment =
    "DELETE FROM tracking_evaluation_experiments WHERE experiment_id = $1 AND dataset_id = $2";

struct Column {
  std::string_view key;
  std::string_view sql;
  bool is_number = false;
};
constexpr std::array kColumns = {
    Column{"name", "d.name"}, Column{"created_by", "d.created_by"}, Column{"last_updated_by", "d.updated_by"},
    Column{"created_time", "d.created_ms", true}, Column{"last_update_time", "d.updated_ms", true}};
// In the order in which messages list them.
constexpr std::array<std::string_view, 5> kKeys = {"created_by", "created_time", "last_update_time",
                                                   "last_updated_by", "name"};
constexpr std::array<std::string_view, 3> kOrderKeys = {"created_time", "last_update_time", "name"};
constexpr std::array<std::string_view, 4> kTextComparators = {"=", "!=", "LIKE", "ILIKE"};
constexpr std::array<std::string_view, 6> kNumberComparators = {">", ">=", "!=", "=", "<", "<="};

std::optional<std::string> text_or_null(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(std::string(row.text(column)));
}
Value optional_text(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

EvaluationDataset read_dataset(const Row& row) {
  return {.dataset_id = std::string(row.text(0)),
          .name = std::string(row.text(1)),
          .tags = {},
          .schema = std::string(row.text(2)),
          .profile = std::string(row.text(3)),
          .digest = std::string(row.text(4)),
          .created_ms = row.integer(5),
          .updated_ms = row.integer(6),
          .created_by = text_or_null(row, 7),
          .updated_by = text_or_null(row, 8)};
}

Result<void> load_tags(Connection& connection, EvaluationDataset& dataset) {
  const Value values[] = {dataset.dataset_id};
  return connection.query(kTags, values, [&](const Row& row) {
    dataset.tags.emplace(row.text(0), row.text(1));
    return true;
  });
}

std::string digest_of(std::string_view name, int64_t now_ms) {
  return Digest::of(std::string(name) + ":" + std::to_string(now_ms)).hex().substr(0, kDigestDigits);
}

// A statement made of this file's fragments, with values numbered as they come.
struct Statement {
  std::string sql;
  std::vector<Value> values;

  Statement& add(std::string_view fragment) {
    sql += fragment;
    return *this;
  }
  Statement& bind(Value value) {
    values.push_back(std::move(value));
    sql.append("$").append(std::to_string(values.size()));
    return *this;
  }
};

Failure unknown_key(std::string_view key, std::span<const std::string_view> valid) {
  return Failure(Error::invalid("filter_string", "Invalid attribute key '" + std::string(key) +
                                                     "' specified. Valid keys are: " + python_set(valid)));
}

// Some calls say it otherwise than the reading of a dataset does.
Result<EvaluationDataset> find_to_change(Connection& connection, std::string_view dataset_id) {
  Result<EvaluationDataset> found = get_evaluation_dataset(connection, dataset_id);
  if (found || found.error().code != ErrorCode::kNotFound) return found;
  return Failure(Error::not_found("Dataset '" + std::string(dataset_id) + "' not found"));
}

Result<void> add_text(Statement& statement, std::string_view expression, const FilterClause& clause) {
  RETURN_IF_ERROR(check_comparator(clause, kTextComparators));
  ASSIGN_OR_RETURN(std::string text, filter_text(clause.value, "Expected a quoted string value. Got value "));
  if (clause.comparator == "LIKE") {
    statement.add(expression).add(" LIKE ").bind(escaped_like(text)).add(" ESCAPE '~'");
  } else if (clause.comparator == "ILIKE") {
    statement.add("LOWER(").add(expression).add(") LIKE LOWER(").bind(escaped_like(text)).add(") ESCAPE '~'");
  } else {
    statement.add(expression).add(clause.comparator == "=" ? " = " : " <> ").bind(std::move(text));
  }
  return {};
}

Result<void> add_clause(Statement& statement, const FilterClause& clause) {
  statement.add(" AND ");
  if (clause.entity == "tags" || clause.entity == "tag") {
    statement.add(
        "EXISTS (SELECT 1 FROM tracking_evaluation_tags g WHERE g.dataset_id = d.dataset_id AND g.key = ");
    statement.bind(clause.key).add(" AND ");
    RETURN_IF_ERROR(add_text(statement, "g.value", clause));
    statement.add(")");
    return {};
  }
  if (!clause.entity.empty()) {
    return Failure(
        Error::invalid("filter_string", "Invalid identifier token '" + clause.entity + "' specified"));
  }
  auto column = std::ranges::find(kColumns, clause.key, &Column::key);
  if (column == kColumns.end()) return unknown_key(clause.key, kKeys);
  if (column->is_number) {
    RETURN_IF_ERROR(check_comparator(clause, kNumberComparators));
    ASSIGN_OR_RETURN(double number,
                     filter_number(clause.value, "Expected numeric value type for numeric attribute: " +
                                                     clause.key + ". Found "));
    std::string_view comparator = clause.comparator == "!=" ? "<>" : std::string_view(clause.comparator);
    statement.add(column->sql).add(" ").add(comparator).add(" ").bind(static_cast<int64_t>(number));
    return {};
  }
  if (clause.key == "name" && clause.comparator == "IN") {
    ASSIGN_OR_RETURN(std::vector<std::string> names, filter_list(clause.value));
    statement.add("d.name IN (");
    for (size_t i = 0; i < names.size(); ++i) statement.add(i > 0 ? ", " : "").bind(names[i]);
    statement.add(")");
    return {};
  }
  return add_text(statement, column->sql, clause);
}

Result<void> add_order(Statement& statement, const std::vector<std::string>& order_by) {
  statement.add(" ORDER BY ");
  for (const std::string& order : order_by) {
    ASSIGN_OR_RETURN(OrderClause clause, parse_order_by(order));
    auto column = std::ranges::find(kColumns, clause.key, &Column::key);
    if (!clause.entity.empty() || column == kColumns.end() || clause.key.ends_with("_by")) {
      return unknown_key(clause.key, kOrderKeys);
    }
    statement.add(column->sql).add(clause.ascending ? " ASC, " : " DESC, ");
  }
  statement.add(order_by.empty() ? "d.created_ms DESC, d.dataset_id DESC" : "d.dataset_id DESC");
  return {};
}

Result<Statement> search_statement(const DatasetSearch& search) {
  Statement statement{.sql = std::string(kSelect), .values = {}};
  if (!search.experiment_ids.empty()) {
    statement.add(
        " AND d.dataset_id IN (SELECT x.dataset_id FROM tracking_evaluation_experiments x"
        " WHERE x.experiment_id IN (");
    for (size_t i = 0; i < search.experiment_ids.size(); ++i) {
      statement.add(i > 0 ? ", " : "").bind(search.experiment_ids[i]);
    }
    statement.add("))");
  }
  ASSIGN_OR_RETURN(std::vector<FilterClause> clauses, parse_filter(search.filter));
  for (const FilterClause& clause : clauses) RETURN_IF_ERROR(add_clause(statement, clause));
  RETURN_IF_ERROR(add_order(statement, search.order_by));
  statement.add(" LIMIT ").bind(search.results_max + 1).add(" OFFSET ").bind(search.offset);
  return statement;
}

Result<void> check_experiments(size_t count) {
  if (count <= kDatasetExperimentsMax) return {};
  return Failure(Error::invalid("experiment_ids", "at most " + std::to_string(kDatasetExperimentsMax) +
                                                      " experiments can be named at once"));
}

std::string new_dataset_id(Random& random) {
  std::array<uint64_t, 2> bits = {random.next_u64(), random.next_u64()};
  return "d-" + hex(std::as_bytes(std::span(bits)));
}

}  // namespace

std::span<const database::Migration> evaluation_migrations() { return kMigrations; }

Result<EvaluationDataset> create_evaluation_dataset(Connection& connection, Random& random,
                                                    const NewEvaluationDataset& dataset, int64_t now_ms) {
  RETURN_IF_ERROR(check_experiments(dataset.experiment_ids.size()));
  if (dataset.name.size() > kNameBytesMax) {
    return Failure(Error::invalid("name", "name has at most " + std::to_string(kNameBytesMax) + " bytes"));
  }
  EvaluationDataset made{.dataset_id = new_dataset_id(random),
                         .name = dataset.name,
                         .tags = dataset.tags,
                         .digest = digest_of(dataset.name, now_ms),
                         .created_ms = now_ms,
                         .updated_ms = now_ms};
  if (auto user = dataset.tags.find(kUserTag); user != dataset.tags.end()) made.created_by = user->second;
  made.updated_by = made.created_by;
  const Value values[] = {made.dataset_id, made.name, made.digest, now_ms, optional_text(made.created_by)};
  RETURN_IF_ERROR(connection.execute(kInsert, values));
  RETURN_IF_ERROR(set_evaluation_dataset_tags(connection, made.dataset_id, dataset.tags));
  for (const std::string& experiment : dataset.experiment_ids) {
    const Value link[] = {experiment, made.dataset_id};
    RETURN_IF_ERROR(connection.execute(kAddExperiment, link));
  }
  return made;
}

Result<EvaluationDataset> get_evaluation_dataset(Connection& connection, std::string_view dataset_id) {
  std::optional<EvaluationDataset> found;
  const Value values[] = {std::string(dataset_id)};
  RETURN_IF_ERROR(connection.query(kGet, values, [&](const Row& row) {
    found = read_dataset(row);
    return false;
  }));
  if (!found) {
    return Failure(
        Error::not_found("Evaluation dataset with id '" + std::string(dataset_id) + "' not found"));
  }
  RETURN_IF_ERROR(load_tags(connection, *found));
  return std::move(*found);
}

Result<void> delete_evaluation_dataset(Connection& connection, std::string_view dataset_id) {
  const Value values[] = {std::string(dataset_id)};
  for (std::string_view sql : kDelete) RETURN_IF_ERROR(connection.execute(sql, values));
  return {};
}

Result<DatasetPage> search_evaluation_datasets(Connection& connection, const DatasetSearch& search) {
  if (search.results_max < 1 || search.results_max > kDatasetResultsMax) {
    return Failure(
        Error::invalid("max_results", "Invalid value " + std::to_string(search.results_max) +
                                          " for parameter 'max_results' supplied. It must be a positive "
                                          "integer of at most " +
                                          std::to_string(kDatasetResultsMax) + "."));
  }
  RETURN_IF_ERROR(check_experiments(search.experiment_ids.size()));
  ASSIGN_OR_RETURN(Statement statement, search_statement(search));
  DatasetPage page;
  ASSIGN_OR_RETURN(page.datasets, database::rows<EvaluationDataset>(connection, statement.sql,
                                                                    statement.values, read_dataset));
  page.more = std::cmp_greater(page.datasets.size(), search.results_max);
  if (page.more) page.datasets.pop_back();
  for (EvaluationDataset& dataset : page.datasets) RETURN_IF_ERROR(load_tags(connection, dataset));
  return page;
}

Result<void> set_evaluation_dataset_tags(Connection& connection, std::string_view dataset_id,
                                         const DatasetTags& tags) {
  if (Result<EvaluationDataset> found = get_evaluation_dataset(connection, dataset_id); !found) {
    if (found.error().code != ErrorCode::kNotFound) return Failure(found.error());
    return Failure(Error::not_found("Could not find evaluation dataset with ID " + std::string(dataset_id)));
  }
  for (const auto& [key, value] : tags) {
    const Value values[] = {std::string(dataset_id), key, value};
    RETURN_IF_ERROR(connection.execute(kSetTag, values));
  }
  return {};
}

Result<void> delete_evaluation_dataset_tag(Connection& connection, std::string_view dataset_id,
                                           std::string_view key) {
  const Value values[] = {std::string(dataset_id), std::string(key)};
  RETURN_IF_ERROR(connection.execute(kDeleteTag, values));
  return {};
}

Result<std::vector<std::string>> dataset_experiments(Connection& connection, std::string_view dataset_id) {
  const Value values[] = {std::string(dataset_id)};
  return database::rows<std::string>(connection, kExperiments, values,
                                     [](const Row& row) { return std::string(row.text(0)); });
}

Result<EvaluationDataset> add_dataset_to_experiments(Connection& connection, std::string_view dataset_id,
                                                     std::span<const std::string> experiment_ids,
                                                     int64_t now_ms) {
  RETURN_IF_ERROR(check_experiments(experiment_ids.size()));
  ASSIGN_OR_RETURN(EvaluationDataset dataset, find_to_change(connection, dataset_id));
  for (const std::string& experiment : experiment_ids) {
    const Value values[] = {experiment, dataset.dataset_id};
    RETURN_IF_ERROR(connection.execute(kAddExperiment, values));
  }
  dataset.updated_ms = now_ms;
  const Value values[] = {dataset.dataset_id, now_ms};
  RETURN_IF_ERROR(connection.execute(kTouch, values));
  return dataset;
}

Result<EvaluationDataset> remove_dataset_from_experiments(Connection& connection, std::string_view dataset_id,
                                                          std::span<const std::string> experiment_ids,
                                                          int64_t now_ms) {
  RETURN_IF_ERROR(check_experiments(experiment_ids.size()));
  ASSIGN_OR_RETURN(EvaluationDataset dataset, find_to_change(connection, dataset_id));
  int64_t removed = 0;
  for (const std::string& experiment : experiment_ids) {
    const Value values[] = {experiment, dataset.dataset_id};
    ASSIGN_OR_RETURN(int64_t count, connection.execute(kRemoveExperiment, values));
    removed += count;
  }
  if (removed == 0) return dataset;
  dataset.updated_ms = now_ms;
  const Value values[] = {dataset.dataset_id, now_ms};
  RETURN_IF_ERROR(connection.execute(kTouch, values));
  return dataset;
}

Result<void> refresh_dataset(Connection& connection, const EvaluationDataset& dataset,
                             const std::string& schema, const std::string& profile,
                             const std::optional<std::string>& by, int64_t now_ms) {
  const Value values[] = {dataset.dataset_id, schema, profile, digest_of(dataset.name, now_ms), now_ms,
                          optional_text(by)};
  RETURN_IF_ERROR(connection.execute(kRefresh, values));
  return {};
}

}  // namespace penstock::tracking
