#include "datasets/expectations/data_file.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

constexpr size_t kColumnsMax = 10'000;

// pandas' words for a missing value in CSV (io.parsers, STR_NA_VALUES).
constexpr std::array<std::string_view, 19> kMissing = {
    "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null"};

struct NamedFormat {
  std::string_view ending;
  FileFormat format;
};
constexpr std::array<NamedFormat, 10> kEndings = {{{".csv", FileFormat::kCsv},
                                                   {".csv.gz", FileFormat::kCsv},
                                                   {".tsv", FileFormat::kCsv},
                                                   {".tsv.gz", FileFormat::kCsv},
                                                   {".jsonl", FileFormat::kJsonLines},
                                                   {".jsonl.gz", FileFormat::kJsonLines},
                                                   {".ndjson", FileFormat::kJsonLines},
                                                   {".json", FileFormat::kJsonLines},
                                                   {".parquet", FileFormat::kParquet},
                                                   {".pq", FileFormat::kParquet}}};

struct TypeRow {
  std::string_view sql;
  Kind kind;
  std::string_view frame_type;
};
constexpr std::array<TypeRow, 20> kTypes = {{{"BOOLEAN", Kind::kBoolean, "bool"},
                                             {"NULL", Kind::kFloat, "float64"},
                                             {"TINYINT", Kind::kInteger, "int8"},
                                             {"SMALLINT", Kind::kInteger, "int16"},
                                             {"INTEGER", Kind::kInteger, "int32"},
                                             {"BIGINT", Kind::kInteger, "int64"},
                                             {"UTINYINT", Kind::kInteger, "uint8"},
                                             {"USMALLINT", Kind::kInteger, "uint16"},
                                             {"UINTEGER", Kind::kInteger, "uint32"},
                                             {"UBIGINT", Kind::kInteger, "uint64"},
                                             {"HUGEINT", Kind::kFloat, "object_"},
                                             {"FLOAT", Kind::kFloat, "float32"},
                                             {"DOUBLE", Kind::kFloat, "float64"},
                                             {"VARCHAR", Kind::kText, "str"},
                                             {"DATE", Kind::kDate, "object_"},
                                             {"TIMESTAMP", Kind::kTimestamp, "datetime64"},
                                             {"TIMESTAMP_S", Kind::kTimestamp, "datetime64"},
                                             {"TIMESTAMP_MS", Kind::kTimestamp, "datetime64"},
                                             {"TIMESTAMP_NS", Kind::kTimestamp, "datetime64"},
                                             {"TIMESTAMP WITH TIME ZONE", Kind::kTimestamp, "Timestamp"}}};

TypeRow type_row(std::string_view sql) {
  auto found = std::ranges::find(kTypes, sql, &TypeRow::sql);
  if (found != kTypes.end()) return *found;
  if (sql.starts_with("DECIMAL")) return {sql, Kind::kFloat, "object_"};
  if (sql.starts_with("ENUM") || sql == "UUID") return {sql, Kind::kText, "str"};
  return {sql, Kind::kNested, "object_"};
}

// The column of the view that has this column of the file.
std::string view_column(const std::string& name, std::string_view sql_type, const TypeRow& row) {
  std::string column = identifier(name);
  switch (row.kind) {
    case Kind::kFloat:
      if (sql_type != "DOUBLE" && sql_type != "FLOAT") column = "CAST(" + column + " AS DOUBLE)";
      return "nullif(" + column + ", CAST('nan' AS DOUBLE)) AS " + identifier(name);
    case Kind::kText:
      return sql_type == "VARCHAR" ? column : "CAST(" + column + " AS VARCHAR) AS " + column;
    case Kind::kTimestamp:
      return sql_type == "TIMESTAMP" ? column : "CAST(" + column + " AS TIMESTAMP) AS " + column;
    case Kind::kNested:
      return "CAST(to_json(" + column + ") AS VARCHAR) AS " + column;
    default:
      return column;
  }
}

std::string csv_call(const FileOptions& options) {
  char delimiter = options.delimiter;
  if (delimiter == '\0') delimiter = options.path.contains(".tsv") ? '\t' : ',';
  std::string missing;
  for (std::string_view word : kMissing) missing += (missing.empty() ? "" : ", ") + literal(word);
  return "read_csv(" + literal(options.path) +
         ", header = true, quote = '\"', escape = '\"', delim = " + literal(std::string_view(&delimiter, 1)) +
         ", auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR'], nullstr = [" + missing +
         "], sample_size = " + (options.sample == Sample::kWhole ? "-1" : "20480") + ")";
}

using TypedNames = std::vector<std::pair<std::string, std::string>>;

Result<TypedNames> describe(duckdb::Connection& connection, const std::string& call) {
  ASSIGN_OR_RETURN(duckdb::Rows rows, connection.run("DESCRIBE SELECT * FROM " + call));
  ASSIGN_OR_RETURN(auto cells, rows.all(kColumnsMax));
  TypedNames out;
  for (const auto& row : cells) {
    out.emplace_back(std::get<std::string>(row[0]), std::get<std::string>(row[1]));
  }
  return out;
}

// Dates are text in JSON, as they are for pandas: DuckDB is told the columns it has found, with its guesses
// of dates taken back.
std::string json_call(const std::string& path, const TypedNames* columns) {
  std::string call = "read_json(" + literal(path) + ", format = 'newline_delimited'";
  if (columns == nullptr) return call + ", sample_size = -1)";
  std::string types;
  for (const auto& [name, type] : *columns) {
    bool guessed = type == "DATE" || type == "TIME" || type == "UUID" || type.starts_with("TIMESTAMP");
    types += (types.empty() ? "" : ", ") + literal(name) + ": " +
             literal(guessed ? std::string_view("VARCHAR") : std::string_view(type));
  }
  return call + ", columns = {" + types + "})";
}

// Of these columns those that have no value in the first `rows_max` rows (0: in any row).
Result<std::vector<std::string>> without_values(duckdb::Connection& connection, const std::string& call,
                                                const std::vector<std::string>& names, size_t rows_max) {
  std::string sql = "SELECT ";
  for (const std::string& name : names) sql += "count(" + identifier(name) + "), ";
  sql += "count(*) FROM (FROM " + call + (rows_max == 0 ? "" : " LIMIT " + std::to_string(rows_max)) + ")";
  ASSIGN_OR_RETURN(duckdb::Rows rows, connection.run(sql));
  ASSIGN_OR_RETURN(auto cells, rows.all(1));
  std::vector<std::string> out;
  bool rowless = cells.at(0).back() == duckdb::Value(int64_t{0});
  for (size_t i = 0; i < names.size() && !rowless; ++i) {
    if (cells[0][i] == duckdb::Value(int64_t{0})) out.push_back(names[i]);
  }
  return out;
}

// A CSV column without any value is one of floats for pandas. Most columns show a value early.
Result<void> type_empty_columns(duckdb::Connection& connection, const std::string& call,
                                TypedNames& columns) {
  constexpr size_t kFirstRows = 2'048;
  std::vector<std::string> names;
  for (const auto& [name, type] : columns) {
    if (type == "VARCHAR") names.push_back(name);
  }
  for (size_t rows_max : {kFirstRows, size_t{0}}) {
    if (names.empty()) return {};
    ASSIGN_OR_RETURN(names, without_values(connection, call, names, rows_max));
  }
  for (auto& [name, type] : columns) {
    if (std::ranges::find(names, name) != names.end()) type = "NULL";
  }
  return {};
}

Result<FileFormat> format_of(const FileOptions& options) {
  if (options.format != FileFormat::kByName) return options.format;
  return file_format(options.path);
}

Error readable(const FileOptions& options, const Error& error) {
  bool absent = error.message.contains("No files found");
  return Error{.code = absent ? ErrorCode::kNotFound : error.code,
               .message = options.path + ": " + (absent ? std::string("no such file") : error.message)};
}

Result<std::pair<std::string, TypedNames>> source_of(duckdb::Connection& connection,
                                                     const FileOptions& options, FileFormat format) {
  ASSIGN_OR_RETURN(std::string call, file_relation(options));
  Result<TypedNames> names = describe(connection, call);
  if (!names) return Failure(readable(options, names.error()));
  if (format == FileFormat::kJsonLines && !names->empty()) call = json_call(options.path, &*names);
  if (format == FileFormat::kJsonLines) {
    for (auto& [name, type] : *names) {
      if (type == "DATE" || type == "TIME" || type == "UUID" || type.starts_with("TIMESTAMP"))
        type = "VARCHAR";
    }
  }
  if (format == FileFormat::kCsv) RETURN_IF_ERROR(type_empty_columns(connection, call, *names));
  return std::pair(std::move(call), std::move(*names));
}

}  // namespace

Result<std::string> file_relation(const FileOptions& options) {
  ASSIGN_OR_RETURN(FileFormat format, format_of(options));
  if (format == FileFormat::kParquet) return "read_parquet(" + literal(options.path) + ")";
  return format == FileFormat::kCsv ? csv_call(options) : json_call(options.path, nullptr);
}

Result<FileFormat> file_format(std::string_view path) {
  std::string name = to_lower(path);
  for (const NamedFormat& row : kEndings) {
    if (name.ends_with(row.ending)) return row.format;
  }
  return Failure(Error::invalid("path", std::string(path) +
                                            ": .csv, .tsv, .jsonl and .parquet are read; say "
                                            "--format csv, jsonl or parquet for other names"));
}

const Column* DataFile::find(std::string_view name) const {
  auto found = std::ranges::find(columns, name, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

Result<DataFile> DataFile::open(duckdb::Connection& connection, const FileOptions& options) {
  ASSIGN_OR_RETURN(FileFormat format, format_of(options));
  DataFile file{.path = options.path, .format = format, .columns = {}};
  ASSIGN_OR_RETURN(auto source, source_of(connection, options, format));
  std::string selected;
  for (const auto& [name, type] : source.second) {
    TypeRow row = type_row(type);
    file.columns.push_back({.name = name, .kind = row.kind, .frame_type = std::string(row.frame_type)});
    selected += (selected.empty() ? "" : ", ") + view_column(name, type, row);
  }
  if (selected.empty()) return Failure(Error::invalid("path", options.path + ": there are no columns"));
  std::string view = "CREATE OR REPLACE TEMP VIEW data AS SELECT ";
  view += selected + " FROM " + source.first;
  RETURN_IF_ERROR(connection.run(view));
  return file;
}

}  // namespace penstock::datasets
