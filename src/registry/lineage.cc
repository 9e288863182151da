#include "registry/lineage.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>

#include "core/text.h"
#include "registry/id_chunks.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kFindNode = "SELECT id FROM registry_lineage_nodes WHERE node = $1";
constexpr std::string_view kAddNode = "INSERT INTO registry_lineage_nodes (node) VALUES ($1) RETURNING id";
constexpr std::string_view kRenameNode = "UPDATE registry_lineage_nodes SET node = $2 WHERE id = $1";
constexpr std::string_view kAddEdge =
    "INSERT INTO registry_lineage_edges (from_id, to_id, role, at_us) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (from_id, to_id, role) DO NOTHING";
constexpr std::string_view kDownstream =
    "SELECT from_id, to_id, role, at_us FROM registry_lineage_edges WHERE from_id IN " PENSTOCK_64_IDS;
constexpr std::string_view kUpstream =
    "SELECT to_id, from_id, role, at_us FROM registry_lineage_edges WHERE to_id IN " PENSTOCK_64_IDS;
constexpr std::string_view kNodeNames =
    "SELECT id, node FROM registry_lineage_nodes WHERE id IN " PENSTOCK_64_IDS;
constexpr std::string_view kFindNodes =
    "SELECT node FROM registry_lineage_nodes WHERE node LIKE $1 ESCAPE '~' ORDER BY id DESC LIMIT $2";
constexpr std::string_view kSetFacet =
    "INSERT INTO registry_lineage_facets (node_id, name, json, at_us) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (node_id, name) DO UPDATE SET json = excluded.json, at_us = excluded.at_us"
    " WHERE registry_lineage_facets.at_us <= excluded.at_us";
constexpr std::string_view kDropFacet =
    "DELETE FROM registry_lineage_facets WHERE node_id = $1 AND name = $2 AND at_us <= $3";
constexpr std::string_view kReadFacets =
    "SELECT name, json FROM registry_lineage_facets WHERE node_id = $1 ORDER BY name";

Result<std::optional<int64_t>> find_node(Connection& connection, std::string_view node) {
  std::optional<int64_t> id;
  const std::array values = {Value(std::string(node))};
  RETURN_IF_ERROR(connection.query(kFindNode, values, [&](const Row& row) {
    id = row.integer(0);
    return true;
  }));
  return id;
}

Result<int64_t> node_id(Connection& connection, std::string_view node) {
  ASSIGN_OR_RETURN(auto found, find_node(connection, node));
  if (found) return *found;
  int64_t id = 0;
  const std::array values = {Value(std::string(node))};
  RETURN_IF_ERROR(connection.query(kAddNode, values, [&](const Row& row) {
    id = row.integer(0);
    return true;
  }));
  return id;
}

Result<void> check_text(std::string_view text, std::string_view field, size_t bytes_max) {
  bool fits = !text.empty() && text.size() <= bytes_max && is_valid_utf8(text) && !text.contains('\0');
  if (fits) return {};
  return Failure(Error::invalid(std::string(field), "'" + std::string(field) +
                                                        "' of a lineage edge must be 1 to " +
                                                        std::to_string(bytes_max) + " bytes of text"));
}

// One walk over the graph, in one direction at a time.
class Walk {
 public:
  Walk(Connection& connection, const ClosureQuery& query) : connection_(connection), query_(query) {}

  Result<Closure> run() {
    ASSIGN_OR_RETURN(auto start, find_node(connection_, query_.node));
    if (!start) {
      return Failure(Error::not_found("the lineage graph has no node '" + query_.node + "'"));
    }
    add(*start, 0);
    if (query_.direction != Direction::kDownstream) RETURN_IF_ERROR(follow(*start, kUpstream, -1));
    if (query_.direction != Direction::kUpstream) RETURN_IF_ERROR(follow(*start, kDownstream, 1));
    std::ranges::sort(out_.edges);
    auto repeated = std::ranges::unique(out_.edges);  // an edge of a cycle is met in both directions
    out_.edges.erase(repeated.begin(), repeated.end());
    RETURN_IF_ERROR(name_nodes());
    return std::move(out_);
  }

 private:
  // `step` is -1 upstream and 1 downstream.
  Result<void> follow(int64_t start, std::string_view sql, int64_t step) {
    std::vector<int64_t> level = {start};
    for (int64_t depth = 1; !level.empty(); ++depth) {
      std::vector<int64_t> next;
      bool too_far = depth > query_.depth_max;
      RETURN_IF_ERROR(query_by_ids(connection_, sql, level, [&](const Row& row) {
        if (!in_time(row.integer(3))) return true;
        if (too_far) {
          out_.truncated |= !index_.contains(row.integer(1));
          return !out_.truncated;
        }
        size_t here = index_.at(row.integer(0));
        size_t count = out_.nodes.size();
        std::optional<size_t> there = add(row.integer(1), depth * step);
        if (!there) return true;
        if (out_.nodes.size() > count) next.push_back(row.integer(1));
        out_.edges.push_back({.from = step > 0 ? here : *there,
                              .to = step > 0 ? *there : here,
                              .role = std::string(row.text(2)),
                              .at = {row.integer(3)}});
        return true;
      }));
      if (too_far) break;
      level = std::move(next);
    }
    return {};
  }

  bool in_time(int64_t at_us) const {
    return (!query_.since || at_us >= query_.since->us) && (!query_.until || at_us < query_.until->us);
  }

  // The index of a node; nullopt when there are too many.
  std::optional<size_t> add(int64_t id, int64_t depth) {
    if (auto known = index_.find(id); known != index_.end()) return known->second;
    if (out_.nodes.size() >= static_cast<size_t>(query_.nodes_max)) {
      out_.truncated = true;
      return std::nullopt;
    }
    index_.emplace(id, out_.nodes.size());
    out_.nodes.push_back({.id = id, .depth = depth});
    return out_.nodes.size() - 1;
  }

  Result<void> name_nodes() {
    std::vector<int64_t> ids;
    for (const ClosureNode& node : out_.nodes) ids.push_back(node.id);
    return query_by_ids(connection_, kNodeNames, ids, [&](const Row& row) {
      out_.nodes[index_.at(row.integer(0))].node = row.text(1);
      return true;
    });
  }

  Connection& connection_;
  const ClosureQuery& query_;
  Closure out_;
  std::unordered_map<int64_t, size_t> index_;
};

}  // namespace

Result<void> record_edge(Connection& connection, const Edge& edge) {
  RETURN_IF_ERROR(check_text(edge.from, "from", kNodeBytesMax));
  RETURN_IF_ERROR(check_text(edge.to, "to", kNodeBytesMax));
  RETURN_IF_ERROR(check_text(edge.role, "role", kRoleBytesMax));
  if (edge.from == edge.to) {
    return Failure(Error::invalid("to", "a lineage edge cannot lead from '" + edge.from + "' to itself"));
  }
  ASSIGN_OR_RETURN(int64_t from, node_id(connection, edge.from));
  ASSIGN_OR_RETURN(int64_t to, node_id(connection, edge.to));
  const std::array values = {Value(from), Value(to), Value(edge.role), Value(edge.at.us)};
  RETURN_IF_ERROR(connection.execute(kAddEdge, values));
  return {};
}

Result<void> rename_node(Connection& connection, std::string_view node, std::string_view new_node) {
  ASSIGN_OR_RETURN(auto id, find_node(connection, node));
  if (!id) return {};
  ASSIGN_OR_RETURN(auto taken, find_node(connection, new_node));
  if (taken) {
    const std::array values = {Value(*id), Value(*taken), Value(std::string("renamed")), Value(int64_t{0})};
    RETURN_IF_ERROR(connection.execute(kAddEdge, values));
    return {};
  }
  const std::array values = {Value(*id), Value(std::string(new_node))};
  RETURN_IF_ERROR(connection.execute(kRenameNode, values));
  return {};
}

Result<Closure> closure(Connection& connection, const ClosureQuery& query) {
  if (query.depth_max < 1 || query.depth_max > kClosureDepthMax) {
    return Failure(Error::invalid("depth", "'depth' must be from 1 to " + std::to_string(kClosureDepthMax)));
  }
  if (query.nodes_max < 1 || query.nodes_max > kClosureNodesMax) {
    return Failure(Error::invalid("limit", "'limit' must be from 1 to " + std::to_string(kClosureNodesMax)));
  }
  return Walk(connection, query).run();
}

Result<void> set_facet(Connection& connection, std::string_view node, std::string_view name,
                       std::string_view json, Timestamp at) {
  RETURN_IF_ERROR(check_text(node, "node", kNodeBytesMax));
  ASSIGN_OR_RETURN(int64_t id, node_id(connection, node));
  if (json.empty()) {
    const std::array values = {Value(id), Value(std::string(name)), Value(at.us)};
    RETURN_IF_ERROR(connection.execute(kDropFacet, values));
    return {};
  }
  const std::array values = {Value(id), Value(std::string(name)), Value(std::string(json)), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kSetFacet, values));
  return {};
}

Result<Facets> read_facets(Connection& connection, std::string_view node) {
  Facets facets;
  ASSIGN_OR_RETURN(auto id, find_node(connection, node));
  if (!id) return facets;
  const std::array values = {Value(*id)};
  RETURN_IF_ERROR(connection.query(kReadFacets, values, [&](const Row& row) {
    facets.emplace_back(row.text(0), row.text(1));
    return true;
  }));
  return facets;
}

Result<std::vector<std::string>> find_nodes(Connection& connection, std::string_view text, int64_t limit) {
  std::string pattern = "%";
  for (char c : text) {
    if (c == '~' || c == '%' || c == '_') pattern += '~';
    pattern += c;
  }
  pattern += '%';
  std::vector<std::string> nodes;
  const std::array values = {Value(pattern), Value(limit)};
  RETURN_IF_ERROR(connection.query(kFindNodes, values, [&](const Row& row) {
    nodes.emplace_back(row.text(0));
    return true;
  }));
  return nodes;
}

}  // namespace penstock::registry
