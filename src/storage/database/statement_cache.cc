#include "storage/database/statement_cache.h"

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "storage/database/sqlite_error.h"

namespace penstock::database {
namespace {

Error misuse(std::string_view sql, std::string_view what) {
  return Error::internal(std::string(what) + " in: " + std::string(sql));
}

// SQLite numbers named parameters in order of appearance, so that $2 may be its first: the names say which is
// meant.
Result<void> number_parameters(Statement& statement) {
  int count = sqlite3_bind_parameter_count(statement.handle.get());
  for (int i = 1; i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement.handle.get(), i);
    std::optional<int64_t> number = name != nullptr && *name == '$' ? parse_int(name + 1) : std::nullopt;
    if (!number || *number < 1)
      return Failure(misuse(statement.sql, "parameters are $1, $2 ..., not otherwise"));
    statement.values.push_back(static_cast<size_t>(*number - 1));
    statement.value_count = std::max(statement.value_count, static_cast<size_t>(*number));
  }
  return {};
}

int bind_one(sqlite3_stmt* handle, int parameter, const Value& value) {
  struct Binder {
    sqlite3_stmt* handle;
    int at;
    int operator()(std::monostate) const { return sqlite3_bind_null(handle, at); }
    int operator()(int64_t integer) const { return sqlite3_bind_int64(handle, at, integer); }
    int operator()(double real) const { return sqlite3_bind_double(handle, at, real); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(handle, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const Blob& bytes) const {
      // A null pointer would bind NULL.
      const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
      return sqlite3_bind_blob64(handle, at, data, bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{handle, parameter}, value);
}

}  // namespace

StatementCache::Lease::~Lease() {
  if (statement_ == nullptr) return;
  sqlite3_reset(handle());
  sqlite3_clear_bindings(handle());
  statement_->in_use = false;
}

Result<void> StatementCache::Lease::bind(std::span<const Value> values) {
  if (values.size() != statement_->value_count) {
    return Failure(misuse(statement_->sql, std::to_string(values.size()) + " values for " +
                                               std::to_string(statement_->value_count) + " parameters"));
  }
  for (size_t i = 0; i < statement_->values.size(); ++i) {
    int code = bind_one(handle(), static_cast<int>(i) + 1, values[statement_->values[i]]);
    if (code != SQLITE_OK) return Failure(sqlite_error(sqlite3_db_handle(handle()), code, statement_->sql));
  }
  return {};
}

Result<StatementCache::Lease> StatementCache::get(std::string_view sql) {
  if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
    by_age_.splice(by_age_.begin(), by_age_, found->second);
    if (!by_age_.front()->in_use) return Lease(by_age_.front().get());
    ASSIGN_OR_RETURN(auto second, prepare(sql));
    return Lease(std::move(second));
  }
  ASSIGN_OR_RETURN(auto statement, prepare(sql));
  if (by_sql_.size() >= kStatementsMax) drop_oldest();
  by_age_.push_front(std::move(statement));
  by_sql_.emplace(by_age_.front()->sql, by_age_.begin());
  return Lease(by_age_.front().get());
}

Result<std::unique_ptr<Statement>> StatementCache::prepare(std::string_view sql) {
  auto statement = std::make_unique<Statement>();
  statement->sql = sql;
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  int code =
      sqlite3_prepare_v3(connection_, statement->sql.c_str(), static_cast<int>(statement->sql.size() + 1),
                         SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  statement->handle.reset(handle);
  if (code != SQLITE_OK) return Failure(sqlite_error(connection_, code, statement->sql));
  if (handle == nullptr) return Failure(misuse(sql, "no statement"));
  if (!trim(tail).empty()) return Failure(misuse(sql, "more than one statement"));
  RETURN_IF_ERROR(number_parameters(*statement));
  return statement;
}

void StatementCache::drop_oldest() {
  auto oldest = std::find_if(by_age_.rbegin(), by_age_.rend(), [](const auto& one) { return !one->in_use; });
  if (oldest == by_age_.rend()) return;
  by_sql_.erase((*oldest)->sql);
  by_age_.erase(std::next(oldest).base());
}

}  // namespace penstock::database
