#include "access/key_store.h"

#include <array>

#include "access/columns.h"

namespace penstock::access {
namespace {

using database::Row;
using database::Value;

// Every selection reads the columns in this order.
#define PENSTOCK_GROUP_COLUMNS                                                                       \
  "SELECT path, description, limits, budget_nano_usd, budget_per, models, endpoints, created_at_us " \
  "FROM access_groups "
#define PENSTOCK_KEY_COLUMNS                                                                             \
  "SELECT id, name, group_path, limits, budget_nano_usd, budget_per, models, endpoints, expires_at_us, " \
  "created_by, created_at_us, revoked_at_us, secret, previous_secret, previous_until_us FROM access_keys "

constexpr std::string_view kListGroups = PENSTOCK_GROUP_COLUMNS "ORDER BY path";
constexpr std::string_view kGetGroup = PENSTOCK_GROUP_COLUMNS "WHERE path = $1";
constexpr std::string_view kListKeys = PENSTOCK_KEY_COLUMNS "ORDER BY created_at_us, id";
constexpr std::string_view kGetKey = PENSTOCK_KEY_COLUMNS "WHERE id = $1";

#undef PENSTOCK_GROUP_COLUMNS
#undef PENSTOCK_KEY_COLUMNS

constexpr std::string_view kInsertGroup = R"sql(
INSERT INTO access_groups (path, description, limits, budget_nano_usd, budget_per, models, endpoints,
  created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql";
constexpr std::string_view kUpdateGroup = R"sql(
UPDATE access_groups SET description = $2, limits = $3, budget_nano_usd = $4, budget_per = $5, models = $6,
  endpoints = $7 WHERE path = $1)sql";
constexpr std::string_view kDeleteGroup = "DELETE FROM access_groups WHERE path = $1";

constexpr std::string_view kInsertKey = R"sql(
INSERT INTO access_keys (id, name, group_path, limits, budget_nano_usd, budget_per, models, endpoints,
  expires_at_us, revoked_at_us, secret, previous_secret, previous_until_us, created_by, created_at_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15))sql";
constexpr std::string_view kUpdateKey = R"sql(
UPDATE access_keys SET name = $2, group_path = $3, limits = $4, budget_nano_usd = $5, budget_per = $6,
  models = $7, endpoints = $8, expires_at_us = $9, revoked_at_us = $10, secret = $11, previous_secret = $12,
  previous_until_us = $13 WHERE id = $1)sql";

Value amount_of(const std::optional<Budget>& budget) {
  if (!budget) return std::monostate();
  return budget->amount.nano_usd;
}

Value period_of(const std::optional<Budget>& budget) {
  if (!budget) return std::monostate();
  return std::string(period_name(budget->per));
}

std::optional<Budget> budget_at(const Row& row, int amount, int period) {
  if (row.is_null(amount) || row.is_null(period)) return std::nullopt;
  return Budget{.amount = {row.integer(amount)},
                .per = parse_period(row.text(period)).value_or(Period::kMonth)};
}

Result<Group> read_group(const Row& row) {
  Group group;
  group.path = row.text(0);
  group.description = row.text(1);
  ASSIGN_OR_RETURN(group.limits, limits_from_json(row.text(2)));
  group.budget = budget_at(row, 3, 4);
  ASSIGN_OR_RETURN(group.scopes.models, texts_from_json(row.text(5)));
  ASSIGN_OR_RETURN(group.scopes.endpoints, texts_from_json(row.text(6)));
  group.created_at = {row.integer(7)};
  return group;
}

Result<Key> read_key(const Row& row) {
  Key key;
  key.id = row.text(0);
  key.name = row.text(1);
  key.group = row.text(2);
  ASSIGN_OR_RETURN(key.limits, limits_from_json(row.text(3)));
  key.budget = budget_at(row, 4, 5);
  ASSIGN_OR_RETURN(key.scopes.models, texts_from_json(row.text(6)));
  ASSIGN_OR_RETURN(key.scopes.endpoints, texts_from_json(row.text(7)));
  key.expires_at = time_at(row, 8);
  key.created_by = row.text(9);
  key.created_at = {row.integer(10)};
  key.revoked_at = time_at(row, 11);
  ASSIGN_OR_RETURN(key.secret, digest_at(row, 12));
  if (!row.is_null(13)) {
    ASSIGN_OR_RETURN(key.previous_secret, digest_at(row, 13));
  }
  key.previous_until = time_at(row, 14);
  return key;
}

// $1 to $13.
std::vector<Value> values_of(const Key& key) {
  return {key.id,
          key.name,
          key.group,
          limits_to_json(key.limits),
          amount_of(key.budget),
          period_of(key.budget),
          texts_to_json(key.scopes.models),
          texts_to_json(key.scopes.endpoints),
          value_of(key.expires_at),
          value_of(key.revoked_at),
          key.secret.hex(),
          value_of(key.previous_secret),
          value_of(key.previous_until)};
}

// $1 to $7.
std::vector<Value> values_of(const Group& group) {
  return {group.path,
          group.description,
          limits_to_json(group.limits),
          amount_of(group.budget),
          period_of(group.budget),
          texts_to_json(group.scopes.models),
          texts_to_json(group.scopes.endpoints)};
}

Error taken(std::string_view field, std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message), .field = std::string(field)};
}

}  // namespace

Result<std::vector<Group>> list_groups(database::Connection& connection) {
  return read_rows<Group>(connection, kListGroups, {}, read_group);
}

Result<Group> get_group(database::Connection& connection, std::string_view path) {
  const std::array<Value, 1> values = {std::string(path)};
  ASSIGN_OR_RETURN(auto found, read_rows<Group>(connection, kGetGroup, values, read_group));
  if (found.empty()) return Failure(Error::not_found("no group is named '" + std::string(path) + "'"));
  return std::move(found.front());
}

Result<void> insert_group(database::Connection& connection, const Group& group) {
  std::vector<Value> values = values_of(group);
  values.emplace_back(group.created_at.us);
  auto added = connection.execute(kInsertGroup, values);
  if (added) return {};
  if (added.error().code != ErrorCode::kConflict) return Failure(std::move(added).error());
  return Failure(taken("path", "a group '" + group.path + "' exists already"));
}

Result<void> update_group(database::Connection& connection, const Group& group) {
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(kUpdateGroup, values_of(group)));
  if (changed == 1) return {};
  return Failure(Error::not_found("no group is named '" + group.path + "'"));
}

Result<void> delete_group(database::Connection& connection, std::string_view path) {
  const std::array<Value, 1> values = {std::string(path)};
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(kDeleteGroup, values));
  if (changed == 1) return {};
  return Failure(Error::not_found("no group is named '" + std::string(path) + "'"));
}

Result<std::vector<Key>> list_keys(database::Connection& connection) {
  return read_rows<Key>(connection, kListKeys, {}, read_key);
}

Result<Key> get_key(database::Connection& connection, std::string_view id) {
  const std::array<Value, 1> values = {std::string(id)};
  ASSIGN_OR_RETURN(auto found, read_rows<Key>(connection, kGetKey, values, read_key));
  if (found.empty()) {
    return Failure(Error::not_found("no key has the id '" + std::string(id) +
                                    "'; keys of penstock.yaml are changed there"));
  }
  return std::move(found.front());
}

Result<void> insert_key(database::Connection& connection, const Key& key) {
  std::vector<Value> values = values_of(key);
  values.emplace_back(key.created_by);
  values.emplace_back(key.created_at.us);
  auto added = connection.execute(kInsertKey, values);
  if (added) return {};
  if (added.error().code != ErrorCode::kConflict) return Failure(std::move(added).error());
  return Failure(taken("name", "a key named '" + key.name +
                                   "' exists already; choose another name, or rotate or revoke that one"));
}

Result<void> update_key(database::Connection& connection, const Key& key) {
  auto changed = connection.execute(kUpdateKey, values_of(key));
  if (!changed && changed.error().code == ErrorCode::kConflict) {
    return Failure(taken("name", "another key is named '" + key.name + "'"));
  }
  if (!changed) return Failure(std::move(changed).error());
  if (*changed == 1) return {};
  return Failure(Error::not_found("no key has the id '" + key.id + "'"));
}

}  // namespace penstock::access
