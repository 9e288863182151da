#include "registry/aliases.h"

#include <array>

#include "registry/lineage.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kFindAlias =
    "SELECT number FROM registry_aliases WHERE entry_id = $1 AND alias = $2";
constexpr std::string_view kAliasesOf =
    "SELECT alias FROM registry_aliases WHERE entry_id = $1 AND number = $2 ORDER BY alias";
constexpr std::string_view kSetAlias =
    "INSERT INTO registry_aliases (entry_id, alias, number) VALUES ($1, $2, $3)"
    " ON CONFLICT (entry_id, alias) DO UPDATE SET number = excluded.number";
constexpr std::string_view kDropAlias = "DELETE FROM registry_aliases WHERE entry_id = $1 AND alias = $2";
constexpr std::string_view kAddMove =
    "INSERT INTO registry_alias_moves (entry_id, kind, name, alias, from_number, to_number, moved_at_us,"
    " moved_by, reason, undoes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
#define PENSTOCK_MOVE_COLUMNS                                                                             \
  "SELECT id, entry_id, kind, name, alias, from_number, to_number, moved_at_us, moved_by, reason, undoes" \
  " FROM registry_alias_moves"
constexpr std::string_view kFindMove = PENSTOCK_MOVE_COLUMNS " WHERE id = $1";
constexpr std::string_view kListMoves = PENSTOCK_MOVE_COLUMNS
    " WHERE ($1 = 0 OR entry_id = $1) AND ($2 = '' OR alias = $2) AND id < $3 ORDER BY id DESC LIMIT $4";
#undef PENSTOCK_MOVE_COLUMNS

std::optional<int64_t> optional_integer(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

Value optional_value(const std::optional<int64_t>& number) {
  return number ? Value(*number) : Value(std::monostate());
}

Move read_move(const Row& row) {
  return {.id = row.integer(0),
          .entry = row.integer(1),
          .kind = std::string(row.text(2)),
          .name = std::string(row.text(3)),
          .alias = std::string(row.text(4)),
          .from = optional_integer(row, 5),
          .to = optional_integer(row, 6),
          .at = {row.integer(7)},
          .by = std::string(row.text(8)),
          .reason = std::string(row.text(9)),
          .undoes = optional_integer(row, 10)};
}

Result<void> point(Connection& connection, const Move& move) {
  if (!move.to) {
    const std::array values = {Value(move.entry), Value(move.alias)};
    RETURN_IF_ERROR(connection.execute(kDropAlias, values));
    return {};
  }
  const std::array values = {Value(move.entry), Value(move.alias), Value(*move.to)};
  RETURN_IF_ERROR(connection.execute(kSetAlias, values));
  return {};
}

Result<Move> perform(Connection& connection, const Entry& entry, Move move) {
  RETURN_IF_ERROR(point(connection, move));
  const std::array values = {
      Value(move.entry),         Value(move.kind),           Value(move.name),  Value(move.alias),
      optional_value(move.from), optional_value(move.to),    Value(move.at.us), Value(move.by),
      Value(move.reason),        optional_value(move.undoes)};
  RETURN_IF_ERROR(connection.query(kAddMove, values, [&](const Row& row) {
    move.id = row.integer(0);
    return true;
  }));
  if (!move.to) return move;
  RETURN_IF_ERROR(record_edge(connection, {.from = version_node(entry.kind, entry.name, *move.to),
                                           .to = alias_node(entry, move.alias),
                                           .role = "alias",
                                           .at = move.at}));
  return move;
}

}  // namespace

std::string alias_node(const Entry& entry, std::string_view alias) {
  std::string node = "alias:";
  node.append(kind_name(entry.kind)).append("/").append(entry.name).append("@").append(alias);
  return node;
}

Result<std::optional<int64_t>> find_alias(Connection& connection, int64_t entry, std::string_view alias) {
  std::optional<int64_t> number;
  const std::array values = {Value(entry), Value(std::string(alias))};
  RETURN_IF_ERROR(connection.query(kFindAlias, values, [&](const Row& row) {
    number = row.integer(0);
    return true;
  }));
  return number;
}

Result<std::vector<std::string>> aliases_of(Connection& connection, const Version& version) {
  const std::array values = {Value(version.entry), Value(version.number)};
  return database::rows<std::string>(connection, kAliasesOf, values,
                                     [](const Row& row) { return std::string(row.text(0)); });
}

Result<std::optional<Move>> move_alias(Connection& connection, const Entry& entry, std::string_view alias,
                                       std::optional<int64_t> to, const Mover& mover, Timestamp at) {
  std::optional<Version> version;
  if (to) {
    ASSIGN_OR_RETURN(version, find_version(connection, entry.id, *to));
    if (!version) {
      return Failure(Error::not_found(std::string(kind_name(entry.kind)) + " '" + entry.name +
                                      "' has no version " + std::to_string(*to)));
    }
  }
  ASSIGN_OR_RETURN(auto from, find_alias(connection, entry.id, alias));
  if (from == to) return std::nullopt;
  RETURN_IF_ERROR(check_promotion(connection, entry, alias, version ? &*version : nullptr, mover));
  return perform(connection, entry,
                 {.entry = entry.id,
                  .kind = std::string(kind_name(entry.kind)),
                  .name = entry.name,
                  .alias = std::string(alias),
                  .from = from,
                  .to = to,
                  .at = at,
                  .by = mover.name,
                  .reason = mover.reason});
}

Result<Move> undo_move(Connection& connection, int64_t id, const Mover& mover, Timestamp at) {
  const std::array by_id = {Value(id)};
  ASSIGN_OR_RETURN(auto found, database::rows<Move>(connection, kFindMove, by_id, read_move));
  std::string what = "move " + std::to_string(id);
  if (found.empty()) return Failure(Error::not_found("there is no " + what));
  const Move& done = found.front();
  ASSIGN_OR_RETURN(auto entry, find_entry(connection, done.entry));
  if (!entry) {
    return Failure(
        Error::not_found(what + " was of " + done.kind + " '" + done.name + "', which is deleted"));
  }
  ASSIGN_OR_RETURN(auto last, list_moves(connection, {.entry = done.entry, .alias = done.alias, .limit = 1}));
  if (last.empty() || last.front().id != id) {
    return Failure(Error{
        .code = ErrorCode::kConflict,
        .message = "the alias '" + done.alias + "' has moved since " + what + "; undo its last move first"});
  }
  std::optional<Version> version;
  if (done.from) {
    ASSIGN_OR_RETURN(version, find_version(connection, entry->id, *done.from));
    if (!version) {
      return Failure(Error{.code = ErrorCode::kConflict,
                           .message = "version " + std::to_string(*done.from) + ", where " + what +
                                      " came from, has been deleted"});
    }
  }
  RETURN_IF_ERROR(check_promotion(connection, *entry, done.alias, version ? &*version : nullptr, mover));
  return perform(connection, *entry,
                 {.entry = entry->id,
                  .kind = std::string(kind_name(entry->kind)),
                  .name = entry->name,
                  .alias = done.alias,
                  .from = done.to,
                  .to = done.from,
                  .at = at,
                  .by = mover.name,
                  .reason = mover.reason,
                  .undoes = id});
}

Result<std::vector<Move>> list_moves(Connection& connection, const MoveQuery& query) {
  const std::array values = {Value(query.entry), Value(query.alias), Value(query.before), Value(query.limit)};
  return database::rows<Move>(connection, kListMoves, values, read_move);
}

}  // namespace penstock::registry
