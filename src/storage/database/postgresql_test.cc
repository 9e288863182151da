// What only PostgreSQL has: a server that stops, stalls, refuses, and that several processes share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>

#include "core/random.h"
#include "core/text.h"
#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PostgresqlTest : public DatabaseFixture {
 protected:
  // On a server of the test's own, to stop and to stall.
  void start_own_server() {
    own_ = std::make_unique<TestPostgresql>();
    own_name_ = own_->make_database();
  }
  PostgresqlOptions own_options() const {
    return {
        .url = own_->url(own_name_), .readers = 1, .connect_timeout_ms = 2000, .statement_timeout_ms = 5000};
  }
  std::unique_ptr<Database> open_own(const PostgresqlOptions& options) {
    auto database = Database::open_postgresql(options, migrations());
    EXPECT_TRUE(database) << database.error().message;
    return database ? std::move(*database) : nullptr;
  }
  std::unique_ptr<Database> open_own() { return open_own(own_options()); }

  static Result<void> select_one(Connection& connection) {
    return connection.query("SELECT 1", {}, [](const Row&) { return true; });
  }

  // Until it is reachable again for writes and reads.
  static void wait_for(Database& database) {
    while (!database.write_now(select_one) || !database.read_now(select_one)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  Error refusal(const PostgresqlOptions& options) {
    auto refused = Database::open_postgresql(options, migrations());
    EXPECT_FALSE(refused);
    return refused ? Error() : refused.error();
  }

  std::unique_ptr<TestPostgresql> own_;
  std::string own_name_;
};
INSTANTIATE_TEST_SUITE_P(On, PostgresqlTest, testing::Values(Engine::kPostgresql), engine_name);

TEST_P(PostgresqlTest, SortsTextByItsBytes) {
  auto database = open();
  for (const char* name : {"b", "a", "B", "\xc3\xa4"}) ASSERT_TRUE(database->write_now(insert(name)));
  std::vector<std::string> sorted;
  ASSERT_TRUE(database->read_now([&](Connection& connection) {
    return connection.query("SELECT name FROM notes WHERE name > 'A' ORDER BY name", {}, [&](const Row& row) {
      sorted.emplace_back(row.text(0));
      return true;
    });
  }));
  EXPECT_THAT(sorted, ElementsAre("B", "a", "b", "\xc3\xa4"));
}

TEST_P(PostgresqlTest, ReadsWhatSqliteCallsIntegersAsSuch) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("a")));
  auto read = database->read_now([](Connection& connection) {
    const Value values[] = {int64_t{3'000'000'000}, std::monostate()};
    return connection.query(
        "SELECT SUM(id), COUNT(*), EXISTS (SELECT 1 FROM notes), 1, AVG(id), $1 > 0, $1 * 4, MAX(id) + 0.5"
        " FROM notes WHERE $2 IS NULL OR name = $2",
        values, [](const Row& row) {
          EXPECT_EQ(row.integer(0), 1);
          EXPECT_EQ(row.integer(1), 1);
          EXPECT_EQ(row.integer(2), 1);
          EXPECT_EQ(row.integer(3), 1);
          EXPECT_EQ(row.real(4), 1.0);
          EXPECT_EQ(row.integer(5), 1);
          EXPECT_EQ(row.integer(6), 12'000'000'000);
          EXPECT_EQ(row.real(7), 1.5);
          return true;
        });
  });
  EXPECT_TRUE(read) << read.error().message;
}

TEST_P(PostgresqlTest, ErrorsNeverQuoteValues) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("sesame")));
  auto failure_of = [&](std::string_view sql, std::vector<Value> values) {
    auto outcome = database->write_now([&](Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(connection.execute(sql, values));
      return {};
    });
    EXPECT_FALSE(outcome) << sql;
    return outcome ? "" : outcome.error().message;
  };
  EXPECT_EQ(failure_of(kInsert, {"sesame", std::monostate()}),
            std::string(kInsert) + ": UNIQUE constraint failed: notes.name");
  EXPECT_THAT(failure_of("SELECT CAST($1 AS BIGINT)", {"sesame"}), Not(HasSubstr("sesame")));
}

TEST_P(PostgresqlTest, AUrlThatIsNoneIsRefusedAndNeverQuoted) {
  for (std::string url :
       {"", "sqlite:/tmp/x", "postgresql://penstock:se/same@host/db", "postgresql://penstock:s@same@host/db",
        "postgresql://penstock:sesame@host:x/db", "postgresql://penstock:sesame@host/db?nonsense=1",
        "postgresql://penstock:sesame%4@host/db", "host=h port=sesame"}) {
    Error error = refusal({.url = url});
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << url;
    EXPECT_EQ(error.field, "state.database");
    EXPECT_THAT(error.message, AllOf(HasSubstr("postgresql://USER"), Not(HasSubstr("same"))));
  }
}

TEST_P(PostgresqlTest, AServerThatIsDownOrRefusesIsNamedWithoutThePassword) {
  TestPostgresql& server = TestPostgresql::shared();
  std::string wrong = server.url(name_);
  wrong.replace(wrong.find(TestPostgresql::kEscapedPassword), strlen(TestPostgresql::kEscapedPassword),
                "open%20sesame");
  Error denied = refusal({.url = wrong});
  EXPECT_EQ(denied.code, ErrorCode::kUnavailable);
  EXPECT_THAT(denied.message,
              AllOf(HasSubstr("password authentication failed"), HasSubstr(name_), Not(HasSubstr("sesame"))));
  EXPECT_THAT(refusal({.url = server.url("nowhere")}).message, HasSubstr("\"nowhere\" does not exist"));
  Error down = refusal({.url = "postgresql://penstock:sesame@127.0.0.1:1/db"});
  EXPECT_EQ(down.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(down.retry_after_ms);
  EXPECT_THAT(down.message, AllOf(HasSubstr("postgresql://127.0.0.1:1/db"), HasSubstr("Connection refused"),
                                  Not(HasSubstr("sesame"))));
  EXPECT_THAT(refusal({.url = server.url(name_) + "?sslmode=require"}).message,
              HasSubstr("does not support SSL"));
}

TEST_P(PostgresqlTest, ADatabaseThatCannotHoldAllCharactersIsRefused) {
  TestPostgresql& server = TestPostgresql::shared();
  server.execute("postgres", "CREATE DATABASE latin_" + name_ +
                                 " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc");
  EXPECT_THAT(refusal({.url = server.url("latin_" + name_)}).message, HasSubstr("encoding UTF8"));
}

TEST_P(PostgresqlTest, AConnectionLimitIsSaidAtTheStart) {
  TestPostgresql& server = TestPostgresql::shared();
  std::string role = "limited_" + name_;
  server.execute(name_, "CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 2 PASSWORD '" +
                            std::string(TestPostgresql::kPassword) + "'");
  server.execute(name_, "GRANT ALL ON SCHEMA public TO " + role);
  PostgresqlOptions options{.url = server.url(name_, role), .readers = 2};
  Error refused = refusal(options);
  EXPECT_EQ(refused.code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.message, HasSubstr("too many connections"));
  options.readers = 1;
  EXPECT_TRUE(Database::open_postgresql(options, migrations()));
}

TEST_P(PostgresqlTest, ConnectionsThatTheServerClosedAreMadeAnewUnnoticed) {
  auto database = open();
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(database->write_now(insert(std::to_string(round))));
    EXPECT_EQ(names(*database).size(), round + 1);
    TestPostgresql::shared().execute(
        "postgres", "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" +
                        name_ + "' AND pid <> pg_backend_pid()");
  }
}

TEST_P(PostgresqlTest, AConnectionLostInAWriteFailsItAndLeavesNoTrace) {
  auto database = open();
  auto loses = [&](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("half")(connection));
    TestPostgresql::shared().execute(
        "postgres",
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
    return insert("rest")(connection);
  };
  auto lost = database->write_now(loses);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(lost.error().retry_after_ms);
  EXPECT_EQ(database->read_now(loses).error().code, ErrorCode::kInternal);  // a read cannot insert
  ASSERT_TRUE(database->write_now(insert("after")));
  EXPECT_THAT(names(*database), ElementsAre("after"));
}

TEST_P(PostgresqlTest, ACommitThatFellWithItsConnectionIsLookedUp) {
  auto database = open();
  auto loses_before_commit = [&](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("half")(connection));
    TestPostgresql::shared().execute(
        "postgres",
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
    return {};
  };
  auto lost = database->write_now(loses_before_commit);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(lost.error().reason, "");  // known not to be committed
  EXPECT_TRUE(names(*database).empty());
}

TEST_P(PostgresqlTest, AStatementThatTakesTooLongIsEndedAndTheNextRuns) {
  auto database = Database::open_postgresql(
      {.url = TestPostgresql::shared().url(name_), .readers = 1, .statement_timeout_ms = 300}, migrations());
  ASSERT_TRUE(database);
  auto slow = (*database)->read_now([](Connection& connection) {
    return connection.query("SELECT 1 FROM pg_sleep(60)", {}, [](const Row&) { return true; });
  });
  EXPECT_EQ(slow.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE((*database)->read_now(select_one));
}

TEST_P(PostgresqlTest, AnotherProcessThatKeepsTheLockMakesWritesUnavailable) {
  TestPostgresql& server = TestPostgresql::shared();
  auto waiting = Database::open_postgresql(
      {.url = server.url(name_), .readers = 1, .statement_timeout_ms = 600}, migrations());
  ASSERT_TRUE(waiting);
  auto database = open();
  EXPECT_TRUE(database->write_now([&](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("first")(connection));
    auto refused = (*waiting)->write_now(insert("second"));
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("another process keeps the database locked"));
    EXPECT_TRUE((*waiting)->read_now(select_one));
    return {};
  }));
  EXPECT_TRUE((*waiting)->write_now(insert("second")));
}

TEST_P(PostgresqlTest, WritersOfTwoProcessesTakeTurns) {
  // Reads, then writes what it has read plus one: without turns, counts would be lost.
  auto first = open();
  auto second = open();
  ASSERT_TRUE(first->write_now(insert("0")));
  auto add_one = [](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(auto found, rows<int64_t>(connection, "SELECT CAST(name AS BIGINT) FROM notes", {},
                                               [](const Row& row) { return row.integer(0); }));
    const Value values[] = {std::to_string(found.at(0) + 1)};
    RETURN_IF_ERROR(connection.execute("UPDATE notes SET name = $1", values));
    return {};
  };
  std::vector<std::jthread> threads;
  for (Database* database : {first.get(), second.get(), first.get(), second.get()}) {
    threads.emplace_back([&, database] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(database->write_now(add_one));
    });
  }
  threads.clear();
  EXPECT_THAT(names(*first), ElementsAre("200"));
}

TEST_P(PostgresqlTest, ProcessesThatStartAtOnceMigrateOnce) {
  std::vector<Migration> steps;
  std::vector<std::string> texts;
  texts.reserve(20);
  for (int i = 1; i <= 20; ++i) {
    texts.push_back("CREATE TABLE t" + std::to_string(i) + " (id INTEGER PRIMARY KEY) STRICT");
    steps.push_back({i, "step", texts.back()});
  }
  std::string url = TestPostgresql::shared().url(name_);
  std::atomic<int> opened = 0;
  std::vector<std::jthread> processes;
  for (int i = 0; i < 4; ++i) {
    processes.emplace_back([&] {
      auto database = Database::open_postgresql({.url = url, .readers = 1}, steps);
      EXPECT_TRUE(database) << database.error().message;
      if (database) ++opened;
    });
  }
  processes.clear();
  EXPECT_EQ(opened, 4);
  EXPECT_EQ(TestPostgresql::shared().execute(name_, "SELECT COUNT(*) FROM schema_migrations"), "20");
}

TEST_P(PostgresqlTest, AServerKilledAmidWritesLosesNothingThatWasAcknowledged) {
  start_own_server();
  SeededRandom random(7);
  auto database = open_own();
  std::set<std::string> acknowledged;
  std::set<std::string> unknown;
  int next = 0;
  for (int round = 0; round < 3; ++round) {
    std::jthread killer([&, wait_ms = 20 + random.next_u64() % 80] {
      std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
      own_->kill();
    });
    bool failed = false;
    while (!failed) {
      std::string name = std::to_string(next++);
      auto written = database->write_now(insert(name));
      failed = !written;
      if (written) acknowledged.insert(name);
      if (failed) EXPECT_EQ(written.error().code, ErrorCode::kUnavailable) << written.error().message;
      if (failed && written.error().reason == kOutcomeUnknown) unknown.insert(name);
    }
    killer.join();
    auto refused = database->write_now(insert("down"));
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(database->problem(), refused.error().message);
    EXPECT_TRUE(refused.error().retry_after_ms);
    own_->start();
    wait_for(*database);
    EXPECT_EQ(database->problem(), "");
    std::set<std::string> found;
    for (std::string& name : names(*database)) {
      EXPECT_TRUE(acknowledged.contains(name) || unknown.contains(name)) << name;
      found.insert(std::move(name));
    }
    EXPECT_TRUE(std::ranges::includes(found, acknowledged)) << "an acknowledged write is lost";
  }
}

TEST_P(PostgresqlTest, AServerThatIsSilentIsGivenUpAndFoundAgain) {
  start_own_server();
  PostgresqlOptions options = own_options();
  options.connect_timeout_ms = 500;
  options.statement_timeout_ms = 500;
  auto database = open_own(options);
  ASSERT_TRUE(database->write_now(insert("before")));
  // Stops the sessions' own processes; the server's would go on accepting.
  std::string pids = own_->execute(own_name_,
                                   "SELECT string_agg(CAST(pid AS text), ' ') FROM pg_stat_activity"
                                   " WHERE datname = '" +
                                       own_name_ + "' AND pid <> pg_backend_pid()");
  std::vector<pid_t> sessions;
  for (std::string_view pid : split(pids, ' ')) sessions.push_back(static_cast<pid_t>(*parse_int(pid)));
  for (pid_t pid : sessions) ::kill(pid, SIGSTOP);
  ::kill(own_->pid(), SIGSTOP);
  auto silent = database->write_now(insert("silent"));
  EXPECT_EQ(silent.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(silent.error().message, HasSubstr("has not answered for 1000 ms"));
  auto no_connection = database->write_now(insert("silent"));
  EXPECT_EQ(no_connection.error().code, ErrorCode::kUnavailable);
  for (pid_t pid : sessions) ::kill(pid, SIGCONT);
  ::kill(own_->pid(), SIGCONT);
  wait_for(*database);
  ASSERT_TRUE(database->write_now(insert("after")));
  EXPECT_THAT(names(*database), ElementsAre("before", "after"));
}

}  // namespace
}  // namespace penstock::database
