#include "app/commands/data_files.h"

#include <unistd.h>

#include <array>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <system_error>
#include <thread>

#include "app/terminal.h"

namespace penstock::app {
namespace {

constexpr int64_t kMemoryMibMax = 1 << 20;
constexpr std::chrono::milliseconds kProgressInterval{200};

Result<datasets::FileFormat> format_named(std::string_view name) {
  if (name == "csv") return datasets::FileFormat::kCsv;
  if (name == "jsonl") return datasets::FileFormat::kJsonLines;
  if (name == "parquet") return datasets::FileFormat::kParquet;
  return Failure(Error::invalid("format", "--format must be csv, jsonl or parquet"));
}

}  // namespace

Result<datasets::FileOptions> data_file(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    return Failure(
        Error::invalid("", "name a file: penstock data validate users.parquet --suite suite.json"));
  }
  datasets::FileOptions out{.path = arguments.positional()[0]};
  if (arguments.has("format")) {
    ASSIGN_OR_RETURN(out.format, format_named(arguments.text("format")));
  }
  std::string delimiter = arguments.text("delimiter");
  if (delimiter == "\\t") delimiter = "\t";
  if (delimiter.size() > 1) return Failure(Error::invalid("delimiter", "--delimiter must be one character"));
  if (!delimiter.empty()) out.delimiter = delimiter[0];
  return out;
}

Result<std::unique_ptr<DataEngine>> DataEngine::open(const Arguments& arguments) {
  ASSIGN_OR_RETURN(int64_t memory_mib, arguments.integer("memory", 1024, 64, kMemoryMibMax));
  ASSIGN_OR_RETURN(int64_t threads, arguments.integer("threads", 0, 0, 1024));
  std::error_code failed;
  std::filesystem::path spill = std::filesystem::temp_directory_path(failed);
  if (failed)
    return Failure(Error::internal("there is no directory for temporary files: " + failed.message()));
  spill /= "penstock-data-" + std::to_string(getpid());
  std::unique_ptr<DataEngine> engine(new DataEngine(spill));
  ASSIGN_OR_RETURN(engine->connection_,
                   duckdb::Connection::open(
                       {.memory_bytes_max = memory_mib << 20, .threads = threads, .spill_directory = spill}));
  return engine;
}

DataEngine::~DataEngine() {
  connection_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(spill_, ignored);
}

struct ProgressLine::State {
  std::mutex mutex;
  std::condition_variable ended;
  bool end = false;
  std::jthread thread;
};

ProgressLine::ProgressLine(const duckdb::Connection& connection) {
  if (!is_terminal(STDERR_FILENO)) return;
  state_ = std::make_unique<State>();
  state_->thread = std::jthread([state = state_.get(), &connection] {
    std::unique_lock lock(state->mutex);
    while (!state->ended.wait_for(lock, kProgressInterval, [&] { return state->end; })) {
      double percent = connection.progress_percent();
      std::cerr << "\r\x1b[K"
                << (percent < 0 ? "reading ..."
                                : "reading " + std::to_string(static_cast<int>(percent)) + " %")
                << std::flush;
    }
    std::cerr << "\r\x1b[K" << std::flush;
  });
}

ProgressLine::~ProgressLine() {
  if (!state_) return;
  {
    std::lock_guard lock(state_->mutex);
    state_->end = true;
  }
  state_->ended.notify_all();
}

}  // namespace penstock::app
