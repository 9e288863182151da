#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/duckdb/duckdb.h"

namespace penstock::datasets {

enum class Kind : uint8_t { kBoolean, kInteger, kFloat, kText, kDate, kTimestamp, kNested };

// How much of a CSV file is looked at to find its columns' types: the first rows, or all when these misled.
enum class Sample : uint8_t { kFirstRows, kWhole };

enum class FileFormat : uint8_t { kByName, kCsv, kJsonLines, kParquet };

// A column as expectations see it.
struct Column {
  std::string name;
  Kind kind = Kind::kText;
  std::string frame_type{};  // the type pandas gives it where no value is missing: "int64", "float32", "str"
};

inline bool is_numeric(const Column& column) {
  return column.kind == Kind::kInteger || column.kind == Kind::kFloat || column.kind == Kind::kBoolean;
}

struct FileOptions {
  std::string path;  // or a glob: "data/*.parquet"
  FileFormat format = FileFormat::kByName;
  char delimiter = '\0';  // of CSV; none: tab for .tsv, else comma
  Sample sample = Sample::kFirstRows;
};

// What stands in a file, readable as the view `data` of the connection it was opened on: NaN is NULL,
// decimals are floats, nested values are JSON text. CSV is typed as pandas types it: booleans, integers,
// floats, text; its usual words for a missing value ("", NA, null, nan, ...) are NULL. Dates in CSV and JSON
// stay text.
struct DataFile {
  std::string path;
  FileFormat format = FileFormat::kByName;
  std::vector<Column> columns;

  const Column* find(std::string_view name) const;

  // kNotFound when nothing is there; kInvalidArgument when it is malformed.
  static Result<DataFile> open(duckdb::Connection& connection, const FileOptions& options);
};

// A file as an SQL relation, its columns as they stand there.
Result<std::string> file_relation(const FileOptions& options);

Result<FileFormat> file_format(std::string_view path);  // by the end of its name

}  // namespace penstock::datasets
