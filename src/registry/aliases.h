#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "registry/promotion.h"
#include "registry/version.h"
#include "storage/database/database.h"

namespace penstock::registry {

// Aliases are movable pointers: to promote or to roll back is to move one. Every move is kept.

// One move. `from` or `to` is absent where the alias did not exist before or after.
struct Move {
  int64_t id = 0;
  int64_t entry = 0;
  std::string kind;  // as it was called then
  std::string name;
  std::string alias;
  std::optional<int64_t> from{};
  std::optional<int64_t> to{};
  Timestamp at{};
  std::string by{};
  std::string reason{};
  std::optional<int64_t> undoes{};  // the move that this one takes back
};

// Points `alias` to version `to`, or takes it away, if the promotion rules let `mover`. nullopt if it stands
// there already: then nothing is recorded. kNotFound for a version that is not there.
Result<std::optional<Move>> move_alias(database::Connection& connection, const Entry& entry,
                                       std::string_view alias, std::optional<int64_t> to, const Mover& mover,
                                       Timestamp at);
// Takes the last move of an alias back, under the same rules. kNotFound; kConflict if the alias has moved
// since, or if the version that it would go back to has been deleted.
Result<Move> undo_move(database::Connection& connection, int64_t move, const Mover& mover, Timestamp at);

// Where the alias points to.
Result<std::optional<int64_t>> find_alias(database::Connection& connection, int64_t entry,
                                          std::string_view alias);
// Names of the aliases that point to a version.
Result<std::vector<std::string>> aliases_of(database::Connection& connection, const Version& version);

struct MoveQuery {
  int64_t entry = 0;    // 0: of all entries
  std::string alias{};  // empty: all
  int64_t before = INT64_MAX;
  int64_t limit = 50;
};
Result<std::vector<Move>> list_moves(database::Connection& connection,
                                     const MoveQuery& query);  // newest first

// An alias in the lineage graph: "alias:model/support@champion".
std::string alias_node(const Entry& entry, std::string_view alias);

}  // namespace penstock::registry
