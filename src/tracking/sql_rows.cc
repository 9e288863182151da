#include "tracking/sql_rows.h"

#include <algorithm>
#include <array>

namespace penstock::tracking {
namespace {

constexpr std::array<size_t, 3> kInsertSizes = {32, 8, 1};
constexpr size_t kSelectIds = 64;

void append_parameters(std::string& sql, size_t first, size_t count) {
  sql += '(';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) sql += ", ";
    sql += '$';
    sql += std::to_string(first + i);
  }
  sql += ')';
}

}  // namespace

RowInsert::RowInsert(std::string_view head, size_t columns, std::string_view tail) : columns_(columns) {
  for (size_t rows : kInsertSizes) {
    std::string sql(head);
    sql += " VALUES ";
    for (size_t row = 0; row < rows; ++row) {
      if (row > 0) sql += ", ";
      append_parameters(sql, row * columns + 1, columns);
    }
    sql += ' ';
    sql += tail;
    sizes_.push_back({rows, std::move(sql)});
  }
}

Result<int64_t> RowInsert::run(database::Connection& connection,
                               std::span<const database::Value> values) const {
  int64_t changed = 0;
  for (const Sized& size : sizes_) {
    size_t count = size.rows * columns_;
    while (values.size() >= count) {
      ASSIGN_OR_RETURN(int64_t rows, connection.execute(size.sql, values.first(count)));
      changed += rows;
      values = values.subspan(count);
    }
  }
  return changed;
}

RowSelect::RowSelect(std::string_view head, std::string_view tail) : many_(head), one_(head) {
  append_parameters(many_, 1, kSelectIds);
  append_parameters(one_, 1, 1);
  for (std::string* sql : {&many_, &one_}) {
    *sql += ' ';
    *sql += tail;
  }
}

Result<void> RowSelect::run(database::Connection& connection, std::span<const int64_t> ids,
                            const std::function<void(const database::Row&)>& on_row) const {
  auto take = [&](const database::Row& row) {
    on_row(row);
    return true;
  };
  while (!ids.empty()) {
    size_t count = std::min(ids.size(), kSelectIds);
    if (count == 1) {
      const std::array<database::Value, 1> value = {ids.front()};
      RETURN_IF_ERROR(connection.query(one_, value, take));
    } else {
      // A short chunk repeats its last id, which finds nothing more.
      std::vector<database::Value> values(kSelectIds, ids[count - 1]);
      for (size_t i = 0; i < count; ++i) values[i] = ids[i];
      RETURN_IF_ERROR(connection.query(many_, values, take));
    }
    ids = ids.subspan(count);
  }
  return {};
}

}  // namespace penstock::tracking
