#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"

// Statements on several rows at once: a few fixed sizes of each, so that all of them stay prepared, and few
// round trips where the database is another machine.
namespace penstock::tracking {

// INSERT of rows of `columns` values, given one after the other.
class RowInsert {
 public:
  // `head` ends before VALUES; `tail` is what follows the rows, such as ON CONFLICT ...
  RowInsert(std::string_view head, size_t columns, std::string_view tail = {});

  // `values.size()` is a multiple of `columns`. The number of rows changed.
  Result<int64_t> run(database::Connection& connection, std::span<const database::Value> values) const;

 private:
  struct Sized {
    size_t rows;
    std::string sql;
  };
  size_t columns_;
  std::vector<Sized> sizes_;  // greatest first, the last of one row
};

// SELECT of the rows that belong to one of many ids, in chunks.
class RowSelect {
 public:
  // `head` ends before the parenthesis of IN (...); `tail` follows it.
  RowSelect(std::string_view head, std::string_view tail = {});

  Result<void> run(database::Connection& connection, std::span<const int64_t> ids,
                   const std::function<void(const database::Row&)>& on_row) const;

 private:
  std::string many_;
  std::string one_;
};

}  // namespace penstock::tracking
