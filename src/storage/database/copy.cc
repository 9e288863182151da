#include "storage/database/copy.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace penstock::database {
namespace {

constexpr std::string_view kTables =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    " AND name <> 'schema_migrations' ORDER BY name";
constexpr std::string_view kReferences = R"(SELECT DISTINCT "table" FROM pragma_foreign_key_list($1))";
constexpr std::string_view kColumns = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
constexpr std::string_view kIdentities =
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE is_identity = 'YES' AND table_schema = current_schema()";

struct Column {
  std::string name;
  std::string type;  // INTEGER, REAL, TEXT or BLOB: every table is STRICT
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::string> references;
};

// Statements here name tables and columns as SQLite lists them, all of which come from our own migrations.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string sql;
  for (std::string_view part : parts) sql.append(part);
  return sql;
}
std::string sql_name(std::string_view name) { return joined({"\"", name, "\""}); }

std::string read_text(const Row& row) { return std::string(row.text(0)); }
Column read_column(const Row& row) {
  return {.name = std::string(row.text(0)), .type = std::string(row.text(1))};
}

std::string column_list(const Table& table) {
  std::string list;
  for (const Column& column : table.columns) {
    list.append(list.empty() ? "" : ", ").append(sql_name(column.name));
  }
  return list;
}

std::string select_of(const Table& table) {
  return joined({"SELECT ", column_list(table), " FROM ", sql_name(table.name)});
}

std::string insert_of(const Table& table) {
  std::string values;
  for (size_t i = 1; i <= table.columns.size(); ++i) {
    values.append(i == 1 ? "$" : ", $").append(std::to_string(i));
  }
  return joined({"INSERT INTO ", sql_name(table.name), " (", column_list(table), ") VALUES (", values, ")"});
}

Value value_of(const Row& row, int column, std::string_view type) {
  if (row.is_null(column)) return std::monostate();
  if (type == "TEXT") return std::string(row.text(column));
  if (type == "REAL") return row.real(column);
  if (type == "BLOB") {
    std::span<const std::byte> bytes = row.blob(column);
    return Blob(bytes.begin(), bytes.end());
  }
  return row.integer(column);
}

// In an order in which each comes after those that it refers to. A circle stays in the order of names, and is
// then refused by its foreign keys.
std::vector<Table> in_order(std::vector<Table> tables) {
  std::vector<Table> ordered;
  auto is_placed = [&](const std::string& name) {
    return std::ranges::find(ordered, name, &Table::name) != ordered.end();
  };
  while (!tables.empty()) {
    auto next = std::ranges::find_if(tables, [&](const Table& table) {
      return std::ranges::all_of(
          table.references, [&](const std::string& name) { return name == table.name || is_placed(name); });
    });
    if (next == tables.end()) next = tables.begin();
    ordered.push_back(std::move(*next));
    tables.erase(next);
  }
  return ordered;
}

Result<std::vector<Table>> tables_of(Connection& from) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, rows<std::string>(from, kTables, {}, read_text));
  std::vector<Table> tables;
  for (const std::string& name : names) {
    const Value values[] = {name};
    Table table{.name = name};
    ASSIGN_OR_RETURN(table.columns, rows<Column>(from, kColumns, values, read_column));
    ASSIGN_OR_RETURN(table.references, rows<std::string>(from, kReferences, values, read_text));
    tables.push_back(std::move(table));
  }
  return in_order(std::move(tables));
}

Result<int64_t> count_of(Connection& connection, const Table& table) {
  int64_t count = 0;
  RETURN_IF_ERROR(
      connection.query(joined({"SELECT COUNT(*) FROM ", sql_name(table.name)}), {}, [&](const Row& row) {
        count = row.integer(0);
        return false;
      }));
  return count;
}

// Empties the target of what its migrations put there, which the source has as well.
Result<void> make_room(Connection& to, Connection& as_made, const std::vector<Table>& tables) {
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
    ASSIGN_OR_RETURN(int64_t found, count_of(to, *table));
    ASSIGN_OR_RETURN(int64_t made, count_of(as_made, *table));
    if (found > made) {
      return Failure(Error{.code = ErrorCode::kConflict,
                           .message = "the table " + table->name +
                                      " has rows already: copy to a database that no gateway has used yet"});
    }
    RETURN_IF_ERROR(to.execute(joined({"DELETE FROM ", sql_name(table->name)})));
  }
  return {};
}

Result<int64_t> copy_table(Connection& from, Connection& to, const Table& table) {
  const std::string insert = insert_of(table);
  int64_t copied = 0;
  Result<void> inserted;
  RETURN_IF_ERROR(from.query(select_of(table), {}, [&](const Row& row) {
    std::vector<Value> values;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      values.push_back(value_of(row, static_cast<int>(i), table.columns[i].type));
    }
    Result<int64_t> one = to.execute(insert, values);
    if (!one) {
      inserted = Failure(std::move(one).error());
      return false;
    }
    ++copied;
    return true;
  }));
  RETURN_IF_ERROR(inserted);
  return copied;
}

// Rows that come later are numbered after those that were copied.
Result<void> advance_identities(Connection& to) {
  struct Identity {
    std::string table;
    std::string column;
  };
  auto read = +[](const Row& row) { return Identity{std::string(row.text(0)), std::string(row.text(1))}; };
  ASSIGN_OR_RETURN(std::vector<Identity> identities, rows<Identity>(to, kIdentities, {}, read));
  for (const auto& [table, column] : identities) {
    const Value values[] = {sql_name(table), column};
    const std::string sql =
        joined({"SELECT setval(CAST(pg_get_serial_sequence($1, $2) AS regclass), (SELECT MAX(",
                sql_name(column), ") FROM ", sql_name(table), "))"});
    RETURN_IF_ERROR(to.query(sql, values, [](const Row&) { return true; }));
  }
  return {};
}

}  // namespace

Result<std::vector<CopiedTable>> copy_rows(Database& from, Database& to, Database& as_made) {
  std::vector<CopiedTable> copied;
  auto copy = [&](Connection& source, Connection& target, Connection& fresh) -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<Table> tables, tables_of(source));
    RETURN_IF_ERROR(make_room(target, fresh, tables));
    for (const Table& table : tables) {
      ASSIGN_OR_RETURN(int64_t count, copy_table(source, target, table));
      copied.push_back({.name = table.name, .rows = count});
    }
    return advance_identities(target);
  };
  RETURN_IF_ERROR(to.write_now([&](Connection& target) {
    return from.read_now([&](Connection& source) {
      return as_made.read_now([&](Connection& fresh) { return copy(source, target, fresh); });
    });
  }));
  return copied;
}

}  // namespace penstock::database
