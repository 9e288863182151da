#pragma once

#include <filesystem>
#include <memory>

#include "app/command_line.h"
#include "datasets/expectations/data_file.h"
#include "storage/duckdb/duckdb.h"

namespace penstock::app {

// What the commands that read data files share: their flags, and the engine that reads.
inline constexpr Flag kFormatFlag = {"format", "NAME",
                                     "csv, jsonl or parquet, where the file's name does not say"};
inline constexpr Flag kDelimiterFlag = {"delimiter", "CHAR",
                                        "What separates the columns of a CSV file (default ,)"};
inline constexpr Flag kMemoryFlag = {"memory", "MIB",
                                     "For buffers (default 1024); what needs more goes to disk"};
inline constexpr Flag kThreadsFlag = {"threads", "N", "How many (default: one per core)"};

// The file that the command's first positional argument names, as its flags describe it.
Result<datasets::FileOptions> data_file(const Arguments& arguments);

// DuckDB in memory, with a directory of its own to spill into, removed at the end.
class DataEngine {
 public:
  static Result<std::unique_ptr<DataEngine>> open(const Arguments& arguments);
  ~DataEngine();
  DataEngine(const DataEngine&) = delete;
  DataEngine& operator=(const DataEngine&) = delete;

  duckdb::Connection& connection() { return *connection_; }

 private:
  explicit DataEngine(std::filesystem::path spill) : spill_(std::move(spill)) {}

  std::filesystem::path spill_;
  std::unique_ptr<duckdb::Connection> connection_;
};

// Shows on a terminal's standard error how far the engine's statements are, while it lives.
class ProgressLine {
 public:
  explicit ProgressLine(const duckdb::Connection& connection);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::app
