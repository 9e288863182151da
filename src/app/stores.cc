#include "app/stores.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "app/migrations.h"
#include "core/digest.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kDayUs = 86'400'000'000;
constexpr size_t kSocketPathMax = 80;  // sockaddr_un holds 107 bytes; the file's own name needs some

// Everything in it is its owner's alone: records hold what people wrote.
Result<void> make_private_directory(const fs::path& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure)
    return Failure(Error::from_errno(failure.value(), "cannot make the directory " + path.string()));
  if (chmod(path.c_str(), 0700) != 0)
    return Failure(Error::from_errno(errno, "cannot protect " + path.string()));
  return {};
}

}  // namespace

fs::path default_data_directory() {
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg != nullptr && *xdg == '/')
    return fs::path(xdg) / "penstock";
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "/var/lib" : home) /
         (home == nullptr ? "penstock" : ".local/share/penstock");
}

Result<std::unique_ptr<database::Database>> open_database(const fs::path& data,
                                                          const gateway::StateConfig& state) {
  if (state.database_url.empty()) {
    return database::Database::open_sqlite({.path = data / "penstock.db"}, migrations());
  }
  return database::Database::open_postgresql({.url = state.database_url,
                                              .readers = static_cast<size_t>(state.database_connections - 1),
                                              .statement_timeout_ms = state.database_statement_timeout_ms},
                                             migrations());
}

Result<Registry> Registry::open(const fs::path& data, const gateway::StateConfig& state) {
  RETURN_IF_ERROR(make_private_directory(data));
  Registry registry;
  ASSIGN_OR_RETURN(registry.database, open_database(data, state));
  ASSIGN_OR_RETURN(registry.blobs, blobs::Blobs::open(data / "blobs"));
  registry.models = std::make_unique<registry::Models>(*registry.database, *registry.blobs);
  return registry;
}

Result<Stores> Stores::open(const fs::path& data, const Settings& settings) {
  RETURN_IF_ERROR(make_private_directory(data));
  auto lock = lock_file(data / "lock", LockKind::kExclusive, LockWait::kTry);
  if (!lock) {
    Error error = std::move(lock).error();
    if (error.code == ErrorCode::kConflict) {
      error.message = "another penstock serve uses the data directory " + data.string() +
                      "; stop it, or choose another one with --data";
    }
    return Failure(std::move(error));
  }
  Stores stores;
  stores.lock = std::move(*lock);
  ASSIGN_OR_RETURN(stores.registry, Registry::open(data, settings.state));
  bool strict = settings.durability == gateway::Durability::kStrict;
  ASSIGN_OR_RETURN(stores.requests,
                   journal::Journal::open({
                       .directory = data / "journal" / "requests",
                       .durability = strict ? journal::Durability::kStrict : journal::Durability::kProcess,
                       .retention_bytes_max = settings.records_bytes_max,
                       .retention_us_max = settings.records_days_max * kDayUs,
                   }));
  return stores;
}

Result<fs::path> socket_directory(const fs::path& data) {
  fs::path run = fs::absolute(data) / "run";
  if (run.string().size() > kSocketPathMax) {
    run = fs::path("/tmp") /
          ("penstock-" + std::to_string(getuid()) + "-" + Digest::of(run.string()).hex().substr(0, 16));
  }
  RETURN_IF_ERROR(make_private_directory(run));
  struct stat found{};
  if (lstat(run.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != getuid()) {
    return Failure(Error::internal(run.string() + " is not a directory of this user"));
  }
  return run;
}

}  // namespace penstock::app
