#include "datasets/expectations/metrics.h"

namespace penstock::datasets {
namespace {

constexpr size_t kAggregatesPerStatementMax = 500;
constexpr size_t kRejectedPerInsertMax = 500;

// After these, asking again or asking for less is no use.
bool is_final(const Error& error) {
  return is_csv_error(error) || error.code == ErrorCode::kCancelled || error.code == ErrorCode::kTooLarge ||
         error.code == ErrorCode::kInternal || error.code == ErrorCode::kUnavailable;
}

}  // namespace

bool is_csv_error(const Error& error) { return error.message.contains("CSV Error"); }

Result<const duckdb::Value*> Metrics::scalar(const std::string& relation, const std::string& expression) {
  const auto& answer = scalars_[relation][expression];
  if (!answer.known) return nullptr;
  if (!answer.value) return Failure(answer.value.error());
  return &*answer.value;
}

Result<const std::string*> Metrics::groups(const std::vector<std::string>& columns,
                                           const std::string& condition) {
  std::string keys;
  std::string places;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string number = std::to_string(i);
    keys += columns[i] + " AS k" + number + ", ";
    places += (i == 0 ? "" : ", ") + std::to_string(i + 1);
  }
  std::string select = "SELECT ";
  select += keys + "count(*) AS n FROM data";
  if (!condition.empty()) select += " WHERE " + condition;
  select += " GROUP BY " + places;
  Grouping& grouping = groupings_[select];
  grouping.select = select;
  if (!grouping.table.known) return nullptr;
  if (!grouping.table.value) return Failure(grouping.table.value.error());
  return &*grouping.table.value;
}

Result<const std::vector<Row>*> Metrics::list(const std::string& select, size_t rows_max) {
  List& list = lists_[select];
  list.rows_max = rows_max;
  if (!list.rows.known) return nullptr;
  if (!list.rows.value) return Failure(list.rows.value.error());
  return &*list.rows.value;
}

size_t Metrics::open_questions() const {
  size_t open = 0;
  for (const auto& [relation, scalars] : scalars_) {
    for (const auto& [expression, answer] : scalars) open += answer.known ? 0 : 1;
  }
  for (const auto& [key, grouping] : groupings_) open += grouping.table.known ? 0 : 1;
  for (const auto& [key, list] : lists_) open += list.rows.known ? 0 : 1;
  return open;
}

Result<void> Metrics::run_round() {
  RETURN_IF_ERROR(run_groups());
  for (auto& [relation, scalars] : scalars_) RETURN_IF_ERROR(run_scalars(relation, scalars));
  return run_lists();
}

Result<duckdb::Rows> Metrics::run(const std::string& sql) {
  ++statements_;
  return connection_.run(sql);
}

Result<void> Metrics::run_scalars(const std::string& relation, Scalars& scalars) {
  std::vector<Scalars::value_type*> batch;
  for (auto& entry : scalars) {
    if (entry.second.known) continue;
    batch.push_back(&entry);
    if (batch.size() == kAggregatesPerStatementMax) {
      RETURN_IF_ERROR(run_batch(relation, batch));
      batch.clear();
    }
  }
  return batch.empty() ? Result<void>() : run_batch(relation, batch);
}

// A batch that fails is halved until those that cannot be computed stand alone.
Result<void> Metrics::run_batch(const std::string& relation, const std::vector<Scalars::value_type*>& batch) {
  std::string sql = "SELECT ";
  for (size_t i = 0; i < batch.size(); ++i) sql += (i == 0 ? "" : ", ") + batch[i]->first;
  sql += " FROM " + relation;
  Result<duckdb::Rows> rows = run(sql);
  if (rows) {
    ASSIGN_OR_RETURN(auto cells, rows->all(1));
    for (size_t i = 0; i < batch.size(); ++i) {
      batch[i]->second.value = cells.empty() ? duckdb::Value() : std::move(cells[0][i]);
      batch[i]->second.known = true;
    }
    return {};
  }
  if (is_final(rows.error())) return Failure(rows.error());
  if (batch.size() == 1) {
    batch[0]->second.value = Failure(rows.error());
    batch[0]->second.known = true;
    return {};
  }
  auto middle = batch.begin() + static_cast<ptrdiff_t>(batch.size() / 2);
  RETURN_IF_ERROR(run_batch(relation, {batch.begin(), middle}));
  return run_batch(relation, {middle, batch.end()});
}

Result<void> Metrics::run_groups() {
  size_t number = 0;
  for (auto& [key, grouping] : groupings_) {
    ++number;
    if (grouping.table.known) continue;
    // Numbered by time of creation: the map's order changes as questions come in.
    std::string table = "grouped_" + std::to_string(statements_) + "_" + std::to_string(number);
    std::string sql = "CREATE TEMP TABLE ";
    sql += table + " AS " + grouping.select;
    Result<duckdb::Rows> made = run(sql);
    if (!made && is_final(made.error())) return Failure(made.error());
    grouping.table.known = true;
    grouping.table.value = made ? Result<std::string>(table) : Failure(made.error());
  }
  return {};
}

Result<void> Metrics::run_lists() {
  for (auto& [select, list] : lists_) {
    if (list.rows.known) continue;
    Result<duckdb::Rows> rows = run(select);
    if (!rows && is_final(rows.error())) return Failure(rows.error());
    list.rows.known = true;
    if (!rows) {
      list.rows.value = Failure(rows.error());
      continue;
    }
    ASSIGN_OR_RETURN(list.rows.value, rows->all(list.rows_max));
  }
  return {};
}

Result<std::string> Metrics::rejected(const std::string& table, const std::string& check,
                                      const Judge& judge) {
  std::string key = table + " " + check;
  auto found = rejected_.find(key);
  if (found == rejected_.end()) found = rejected_.emplace(key, make_rejected(table, judge)).first;
  return found->second;
}

Result<std::string> Metrics::make_rejected(const std::string& table, const Judge& judge) {
  std::string name = "rejected_" + std::to_string(rejected_.size());
  RETURN_IF_ERROR(run("CREATE TEMP TABLE " + name + " (value VARCHAR)"));
  ASSIGN_OR_RETURN(duckdb::Rows rows, run("FROM (SELECT k0 FROM " + table + ")"));
  std::vector<duckdb::Value> batch;
  auto flush = [&]() -> Result<void> {
    if (batch.empty()) return {};
    std::string places;
    for (size_t i = 1; i <= batch.size(); ++i) places += (i == 1 ? "(?" : ", (?") + std::to_string(i) + ")";
    std::string sql = "INSERT INTO ";
    sql += name + " VALUES " + places;
    RETURN_IF_ERROR(connection_.run(sql, batch));
    batch.clear();
    return {};
  };
  while (true) {
    ASSIGN_OR_RETURN(const duckdb::Chunk* chunk, rows.fetch());
    if (chunk == nullptr) break;
    for (size_t row = 0; row < chunk->rows(); ++row) {
      std::string_view text = chunk->text(0, row);
      ASSIGN_OR_RETURN(bool accepted, judge(text));
      if (!accepted) batch.emplace_back(std::string(text));
      if (batch.size() == kRejectedPerInsertMax) RETURN_IF_ERROR(flush());
    }
  }
  RETURN_IF_ERROR(flush());
  return name;
}

}  // namespace penstock::datasets
