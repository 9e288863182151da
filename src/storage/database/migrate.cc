#include "storage/database/migrate.h"

#include <map>
#include <string>

#include "core/clock.h"
#include "core/digest.h"
#include "core/log.h"

namespace penstock::database {
namespace {

constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_us INTEGER NOT "
    "NULL) STRICT";
constexpr std::string_view kSelectApplied =
    "SELECT number, name, checksum FROM schema_migrations ORDER BY number";
constexpr std::string_view kInsertApplied =
    "INSERT INTO schema_migrations (number, name, checksum, applied_at_us) VALUES ($1, $2, $3, $4)";
struct Applied {
  int64_t number = 0;
  std::string name;
  std::string checksum;
};

std::string label(int64_t number, std::string_view name) {
  return "migration " + std::to_string(number) + " (" + std::string(name) + ")";
}

std::string checksum_of(const Migration& migration) { return Digest::of(migration.sql).hex(); }

Failure refuse(std::string_view database, const std::string& why) {
  return Failure(Error{.code = ErrorCode::kConflict, .message = std::string(database) + ": " + why});
}

Result<void> check_order(std::span<const Migration> migrations) {
  int before = 0;
  for (const Migration& migration : migrations) {
    if (migration.number <= before) {
      return Failure(Error::internal(label(migration.number, migration.name) + " must have a number above " +
                                     std::to_string(before)));
    }
    before = migration.number;
  }
  return {};
}

Result<std::vector<Applied>> read_applied(Session& session) {
  return rows<Applied>(session, kSelectApplied, {}, [](const Row& row) {
    return Applied{
        .number = row.integer(0), .name = std::string(row.text(1)), .checksum = std::string(row.text(2))};
  });
}

// What was applied must be the beginning of what this program knows, unchanged.
Result<void> check_applied(const std::vector<Applied>& applied, std::span<const Migration> migrations,
                           std::string_view database) {
  int64_t known_max = migrations.empty() ? 0 : migrations.back().number;
  for (size_t i = 0; i < applied.size(); ++i) {
    const Applied& one = applied[i];
    std::string its_label = label(one.number, one.name);
    if (one.number > known_max) {
      return refuse(database,
                    "its schema has " + its_label + " and this program knows migrations up to " +
                        std::to_string(known_max) +
                        ": run the newer version of penstock, or restore a backup made with this one");
    }
    if (i >= migrations.size() || migrations[i].number != one.number) {
      bool missing = i < migrations.size() && migrations[i].number < one.number;
      if (missing) {
        return refuse(database, label(migrations[i].number, migrations[i].name) + " was not applied before " +
                                    its_label + ": give new migrations the highest number");
      }
      return refuse(database, its_label + " was applied and is unknown to this program");
    }
    if (checksum_of(migrations[i]) != one.checksum) {
      return refuse(database,
                    its_label + " was edited after it was applied: put its SQL back and add a new migration");
    }
  }
  return {};
}

// In a transaction of its own, so that processes that start at once take turns.
Result<void> make_table(Session& session) {
  RETURN_IF_ERROR(session.begin());
  Result<int64_t> made = session.execute(kCreateTable);
  if (made) return session.commit();
  session.rollback();
  return Failure(std::move(made).error());
}

Result<void> run(Session& session, const Migration& migration) {
  RETURN_IF_ERROR(session.execute_script(migration.sql));
  if (!session.in_transaction()) return Failure(Error::internal("a migration must not end its transaction"));
  const Value values[] = {migration.number, std::string(migration.name), checksum_of(migration),
                          system_clock().now().us};
  RETURN_IF_ERROR(session.execute(kInsertApplied, values));
  return session.commit();
}

// Decides inside the transaction, where no other process can be applying the same.
Result<bool> apply_next(Session& session, std::span<const Migration> migrations, std::string_view database) {
  RETURN_IF_ERROR(session.begin());
  auto decide = [&]() -> Result<const Migration*> {
    ASSIGN_OR_RETURN(std::vector<Applied> applied, read_applied(session));
    RETURN_IF_ERROR(check_applied(applied, migrations, database));
    return applied.size() < migrations.size() ? &migrations[applied.size()] : nullptr;
  };
  Result<const Migration*> next = decide();
  Result<void> done;
  if (next && *next != nullptr) {
    done = run(session, **next);
    if (!done) {
      Error& error = done.error();
      error.message = std::string(database) + ": " + label((*next)->number, (*next)->name) +
                      " failed and the schema is as before it: " + error.message;
    }
  }
  session.rollback();
  if (!next) return Failure(std::move(next).error());
  if (!done) return Failure(std::move(done).error());
  if (*next != nullptr) log_info("schema updated", {{"migration", label((*next)->number, (*next)->name)}});
  return *next != nullptr;
}

}  // namespace

Result<void> migrate(Session& session, std::span<const Migration> migrations, std::string_view database) {
  RETURN_IF_ERROR(check_order(migrations));
  RETURN_IF_ERROR(make_table(session));
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(more, apply_next(session, migrations, database));
  }
  return {};
}

}  // namespace penstock::database
