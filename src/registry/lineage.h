#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

namespace penstock::registry {

// The lineage graph: what was made from what. A node is named by text:
//   run:<id>   version:<kind>/<name>/<number>   dataset:<name>/<digest>   logged_model:<id>
//   trace:<id> job:<namespace>/<name>           alias:<kind>/<name>@<alias>
// An edge leads from what was there to what came of it: dataset -> run ("input"), run -> version ("output"),
// version -> alias ("alias"). All functions work on a connection, so that an edge is recorded in the
// transaction that makes it true.

inline constexpr size_t kNodeBytesMax = 4'096;
inline constexpr size_t kRoleBytesMax = 64;

struct Edge {
  std::string from;
  std::string to;
  std::string role;  // "input", "output", "alias", ...
  Timestamp at;      // when it became true
};

// Adds an edge; one that is there already keeps its first time. kInvalidArgument for an empty or too long
// node or role, or an edge from a node to itself. Four short statements at the most.
Result<void> record_edge(database::Connection& connection, const Edge& edge);

// A node that is known under another name from now on. Nothing happens if there is no `node`; where both are
// there, an edge "renamed" connects them.
Result<void> rename_node(database::Connection& connection, std::string_view node, std::string_view new_node);

enum class Direction : uint8_t { kUpstream, kDownstream, kBoth };

inline constexpr int64_t kClosureNodesMax = 10'000;
inline constexpr int64_t kClosureDepthMax = 100;

struct ClosureQuery {
  std::string node;
  Direction direction = Direction::kBoth;
  int64_t depth_max = 20;            // 1 to kClosureDepthMax
  int64_t nodes_max = 1'000;         // 1 to kClosureNodesMax
  std::optional<Timestamp> since{};  // edges recorded at or after
  std::optional<Timestamp> until{};  // edges recorded before
};

struct ClosureNode {
  int64_t id = 0;
  std::string node;
  int64_t depth = 0;  // edges from the start at the least; negative upstream
};

struct ClosureEdge {
  size_t from = 0;  // indexes of Closure::nodes
  size_t to = 0;
  std::string role;
  Timestamp at;
  auto operator<=>(const ClosureEdge&) const = default;
};

struct Closure {
  std::vector<ClosureNode> nodes;  // the start first, nearest first
  std::vector<ClosureEdge> edges;  // between them
  bool truncated = false;          // more nodes than nodes_max, or further away than depth_max
};

// What the node was made from, or what was made from it: breadth first, one statement for every 64 nodes of a
// level. kNotFound if the graph has no such node. About 1 ms for each 1,000 nodes on SQLite, however large
// the graph.
Result<Closure> closure(database::Connection& connection, const ClosureQuery& query);

// Facts about a node that came with OpenLineage events, by facet name, as JSON.
using Facets = std::vector<std::pair<std::string, std::string>>;
// Replaces the facet; an older `at` than the one that is there changes nothing. Empty `json` removes it. The
// node is made if it is absent.
Result<void> set_facet(database::Connection& connection, std::string_view node, std::string_view name,
                       std::string_view json, Timestamp at);
Result<Facets> read_facets(database::Connection& connection, std::string_view node);

// Nodes with `text` in their names, newest first. Looks at all nodes.
Result<std::vector<std::string>> find_nodes(database::Connection& connection, std::string_view text,
                                            int64_t limit);

}  // namespace penstock::registry
