#include <iostream>

#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/migrations.h"
#include "app/terminal.h"
#include "core/file.h"
#include "core/json_writer.h"
#include "storage/database/copy.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

using CopiedTables = std::vector<database::CopiedTable>;

// An SQLite database for the time of one command.
struct Scratch {
  fs::path path;
  ~Scratch() {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(path.string() + ending, ignored);
  }
};

Result<CopiedTables> copy(const Arguments& arguments) {
  fs::path data = data_directory(arguments);
  ASSIGN_OR_RETURN(gateway::StateConfig state,
                   load_state(config_file(arguments, data), process_environment()));
  if (state.database_url.empty()) {
    return Failure(Error::invalid("state.database",
                                  "the configuration names no PostgreSQL server to copy to: "
                                  "set state.database, see docs/postgresql.md"));
  }
  fs::path file = data / "penstock.db";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return Failure(Error::not_found("there is no database " + file.string()));
  auto lock = lock_file(data / "lock", LockKind::kExclusive, LockWait::kTry);
  if (!lock) {
    return Failure(Error{.code = ErrorCode::kConflict,
                         .message = "stop the server that uses " + data.string() + " first"});
  }
  ASSIGN_OR_RETURN(auto from, database::Database::open_sqlite({.path = file}, migrations()));
  ASSIGN_OR_RETURN(auto to, open_database(data, state));
  const Scratch scratch{data / "as_made.db"};
  ASSIGN_OR_RETURN(auto as_made, database::Database::open_sqlite({.path = scratch.path}, migrations()));
  return database::copy_rows(*from, *to, *as_made);
}

void print(const CopiedTables& tables, const Arguments& arguments) {
  if (arguments.has("json")) {
    JsonWriter json;
    json.begin_object().key("tables").begin_array();
    for (const auto& [name, rows] : tables) {
      json.begin_object().field("name", name).field("rows", rows).end_object();
    }
    std::cout << json.end_array().end_object().text() << "\n";
    return;
  }
  std::vector<std::vector<std::string>> lines = {{"TABLE", "ROWS"}};
  for (const auto& [name, rows] : tables) lines.push_back({name, std::to_string(rows)});
  std::cout << table(lines, {1}) << "The file stays where it is; the next start uses PostgreSQL.\n";
}

ExitCode run(const Arguments& arguments) {
  Result<CopiedTables> copied = copy(arguments);
  if (!copied) return fail(copied.error());
  print(*copied, arguments);
  return ExitCode::kOk;
}

}  // namespace

Command database_copy_command() {
  return {.name = "database copy",
          .summary = "Take the rows of DATA/penstock.db to the PostgreSQL server of the configuration",
          .positional = {},
          .positional_max = 0,
          .flags = {kDataFlag, kConfigFlag, {"json", "", "As one JSON object"}},
          .details =
              "All or nothing, in one transaction, while no server uses the data directory. A database "
              "that has rows already\nis refused. See docs/postgresql.md.",
          .examples = "  penstock database copy --config penstock.yaml",
          .run = run};
}

}  // namespace penstock::app
