#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace penstock::duckdb {

// A value of a parameter or of a cell; empty is NULL.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string>;

struct Options {
  std::filesystem::path file{};             // empty: in memory
  int64_t memory_bytes_max = 1LL << 30;     // of buffers; more is spilled to `spill_directory` or is an error
  int64_t threads = 0;                      // 0: as many as there are cores
  std::filesystem::path spill_directory{};  // empty: nothing is spilled. Made and emptied by DuckDB
};

// Some thousand rows of a result, column by column. Lives as long as its Rows, until the next fetch.
class Chunk {
 public:
  size_t rows() const { return rows_; }
  bool is_null(size_t column, size_t row) const;
  // Widths are widened: int64 for every integer that fits (larger ones are a double), double for floats.
  Value value(size_t column, size_t row) const;
  // Of a VARCHAR column; empty for NULL. Points into the chunk.
  std::string_view text(size_t column, size_t row) const;

 private:
  friend class Rows;
  struct Column {
    const void* data = nullptr;
    const uint64_t* valid = nullptr;  // nullptr: no NULL
    int type = 0;
  };
  std::vector<Column> columns_;
  size_t rows_ = 0;
};

// The result of one statement. Move-only. Thread rule: one thread.
class Rows {
 public:
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  const std::vector<std::string>& columns() const;
  // nullptr at the end.
  Result<const Chunk*> fetch();
  // Everything that is left, row by row; kTooLarge beyond `rows_max`. For small results.
  Result<std::vector<std::vector<Value>>> all(size_t rows_max);

 private:
  friend class Connection;
  struct State;
  explicit Rows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One connection to a database of its own. `run` is for one thread at a time; `interrupt` and `progress` are
// for any. Cells are booleans, integers, floats and text: cast other types to VARCHAR in the statement.
class Connection {
 public:
  // kUnavailable without the library. Extensions are never fetched or loaded by themselves.
  static Result<std::unique_ptr<Connection>> open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Prepares and runs one statement; `values` are its parameters ?1, ?2, ... Errors: kInvalidArgument with
  // DuckDB's message for what it refuses (syntax, types, malformed files), kTooLarge when memory does not
  // suffice and cannot be spilled, kCancelled after `interrupt`, kInternal for failed input or output.
  Result<Rows> run(std::string_view sql, std::span<const Value> values = {});

  // Ends the statement that runs now, if any.
  void interrupt();
  // Percent of the statement that runs now; negative where it is not known.
  double progress_percent() const;

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// `name` as an SQL identifier, and `text` as an SQL string: the only two ways by which names and values from
// outside come into a statement that has no parameter in that place. A zero byte, which SQL cannot hold, is
// left out.
std::string identifier(std::string_view name);
std::string literal(std::string_view text);
// A number as SQL that reads back as the same value and type.
std::string literal(int64_t number);
std::string literal(double number);

}  // namespace penstock::duckdb
