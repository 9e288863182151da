#include "gateway/lease_store.h"

#include <array>

namespace penstock::gateway {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::array kMigrations = {
    database::Migration{.number = 20,
                        .name = "budget leases",
                        .sql = "CREATE TABLE budget_leases (holder TEXT NOT NULL, per TEXT NOT NULL,"
                               " starts_at_us INTEGER NOT NULL, node TEXT NOT NULL,"
                               " leased_nano_usd INTEGER NOT NULL, spent_nano_usd INTEGER NOT NULL,"
                               " PRIMARY KEY (holder, per, starts_at_us, node)) STRICT;"
                               "CREATE INDEX budget_leases_by_node ON budget_leases (node);"
                               "CREATE TABLE gateway_nodes (node TEXT PRIMARY KEY,"
                               " seen_at_us INTEGER NOT NULL) STRICT"},
    database::Migration{.number = 21,
                        .name = "price versions",
                        .sql = "CREATE TABLE price_versions (number INTEGER PRIMARY KEY,"
                               " at_us INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT NOT NULL,"
                               " models INTEGER NOT NULL, prices TEXT NOT NULL) STRICT;"
                               "CREATE TABLE price_imports (number INTEGER PRIMARY KEY,"
                               " at_us INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT NOT NULL,"
                               " prices TEXT NOT NULL) STRICT"},
};

constexpr std::string_view kOwn =
    "SELECT leased_nano_usd, spent_nano_usd FROM budget_leases"
    " WHERE holder = $1 AND per = $2 AND starts_at_us = $3 AND node = $4";
constexpr std::string_view kOthers =
    "SELECT CAST(COALESCE(SUM(leased_nano_usd), 0) AS BIGINT),"
    " CAST(COALESCE(SUM(spent_nano_usd), 0) AS BIGINT) FROM budget_leases"
    " WHERE holder = $1 AND per = $2 AND starts_at_us = $3 AND node <> $4";
constexpr std::string_view kWriteLease =
    "INSERT INTO budget_leases (holder, per, starts_at_us, node, leased_nano_usd, spent_nano_usd)"
    " VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (holder, per, starts_at_us, node)"
    " DO UPDATE SET leased_nano_usd = excluded.leased_nano_usd";
constexpr std::string_view kAddSpent =
    "INSERT INTO budget_leases (holder, per, starts_at_us, node, leased_nano_usd, spent_nano_usd)"
    " VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (holder, per, starts_at_us, node)"
    " DO UPDATE SET spent_nano_usd = budget_leases.spent_nano_usd + excluded.spent_nano_usd";
constexpr std::string_view kKeepSpent =
    "UPDATE budget_leases SET leased_nano_usd = spent_nano_usd WHERE node = $1"
    " AND leased_nano_usd <> spent_nano_usd";
constexpr std::string_view kReportNode =
    "INSERT INTO gateway_nodes (node, seen_at_us) VALUES ($1, $2)"
    " ON CONFLICT (node) DO UPDATE SET seen_at_us = excluded.seen_at_us";
constexpr std::string_view kLiveNodes = "SELECT COUNT(*) FROM gateway_nodes WHERE seen_at_us >= $1";
constexpr std::string_view kForgetNode = "DELETE FROM gateway_nodes WHERE node = $1";

std::array<Value, 4> values_of(const LeaseKey& key, std::string_view node) {
  return {key.holder, key.per, key.starts_at.us, std::string(node)};
}
std::array<Value, 5> values_of(const LeaseKey& key, std::string_view node, int64_t amount) {
  return {key.holder, key.per, key.starts_at.us, std::string(node), amount};
}

Result<Lease> read_lease(Connection& connection, std::string_view sql, std::span<const Value> values) {
  Lease lease;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    lease = {.leased = row.integer(0), .spent = row.integer(1)};
    return false;
  }));
  return lease;
}

}  // namespace

std::span<const database::Migration> spend_migrations() { return kMigrations; }

Result<Leases> read_leases(Connection& connection, const LeaseKey& key, std::string_view node) {
  const auto values = values_of(key, node);
  Leases leases;
  ASSIGN_OR_RETURN(leases.own, read_lease(connection, kOwn, values));
  ASSIGN_OR_RETURN(leases.others, read_lease(connection, kOthers, values));
  return leases;
}

Result<void> write_lease(Connection& connection, const LeaseKey& key, std::string_view node, int64_t leased) {
  RETURN_IF_ERROR(connection.execute(kWriteLease, values_of(key, node, leased)));
  return {};
}

Result<void> add_spent(Connection& connection, const LeaseKey& key, std::string_view node, int64_t nano_usd) {
  RETURN_IF_ERROR(connection.execute(kAddSpent, values_of(key, node, nano_usd)));
  return {};
}

Result<void> keep_what_is_spent(Connection& connection, std::string_view node) {
  const Value values[] = {std::string(node)};
  RETURN_IF_ERROR(connection.execute(kKeepSpent, values));
  return {};
}

Result<int64_t> report_node(Connection& connection, std::string_view node, Timestamp now,
                            Timestamp alive_since) {
  const Value reported[] = {std::string(node), now.us};
  RETURN_IF_ERROR(connection.execute(kReportNode, reported));
  int64_t count = 0;
  const Value since[] = {alive_since.us};
  RETURN_IF_ERROR(connection.query(kLiveNodes, since, [&](const Row& row) {
    count = row.integer(0);
    return false;
  }));
  return count;
}

Result<void> forget_node(Connection& connection, std::string_view node) {
  const Value values[] = {std::string(node)};
  RETURN_IF_ERROR(connection.execute(kForgetNode, values));
  return {};
}

}  // namespace penstock::gateway
