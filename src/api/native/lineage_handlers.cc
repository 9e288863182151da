#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "api/native/registry_handlers.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "registry/lineage.h"
#include "registry/openlineage.h"

namespace penstock::api::native {
namespace {

using database::Connection;
using registry::Closure;
using registry::Direction;

constexpr int kPagesMax = 20;  // of the journal, for one answer
constexpr int64_t kTouchedNodesMax = registry::kClosureNodesMax;

void write_node(JsonWriter& json, std::string_view node) {
  size_t colon = std::min(node.find(':'), node.size());
  bool typed = colon < node.size();
  json.begin_object().field("id", node).field("type", typed ? node.substr(0, colon) : std::string_view());
  json.field("name", typed ? node.substr(colon + 1) : node).field("detail", "");
}

std::string closure_document(const Closure& found) {
  JsonWriter json;
  json.begin_object().key("nodes").begin_array();
  for (const registry::ClosureNode& node : found.nodes) {
    write_node(json, node.node);
    json.field("depth", node.depth).end_object();
  }
  json.end_array().key("edges").begin_array();
  for (const registry::ClosureEdge& edge : found.edges) {
    json.begin_object().field("from", found.nodes[edge.from].node).field("to", found.nodes[edge.to].node);
    json.field("role", edge.role).field("at_us", edge.at.us).end_object();
  }
  return json.end_array().field("truncated", found.truncated).end_object().take();
}

Result<std::string> asked_node(const Call& call) {
  std::string node = call.query.text("node");
  if (!node.empty()) return node;
  return Failure(
      Error::invalid("node", "query parameter 'node' must name a node: run:<id>, version:<kind>/<name>/<n>"));
}

std::optional<Timestamp> time_of(const Call& call, std::string_view name) {
  auto us = call.query.integer(name);
  return us ? std::optional(Timestamp{*us}) : std::nullopt;
}

// Versions of models and prompts at or below a node, as request records name them: "name/number".
std::set<std::string> versions_in(const Closure& found) {
  std::set<std::string> versions;
  for (const registry::ClosureNode& node : found.nodes) {
    for (std::string_view prefix : {"version:model/", "version:adapter/", "version:prompt/"}) {
      if (node.node.starts_with(prefix)) versions.insert(node.node.substr(prefix.size()));
    }
  }
  return versions;
}

// Which of these versions gave an answer: the model's, or the prompt's that the gateway notes.
std::string touched_version(const observability::RequestRecord& record,
                            const std::set<std::string>& versions) {
  if (record.model_version) {
    std::string version = record.model_version->name + "/" + record.model_version->version;
    if (versions.contains(version)) return version;
  }
  for (const auto& [name, value] : record.metadata) {
    if (name == "penstock.prompt" && versions.contains(value)) return value;
  }
  return {};
}

struct Touched {
  std::vector<observability::RequestRecord> requests;
  std::string next_cursor;
};

// Reads the journal backwards until `limit` requests are found or kPagesMax pages have been looked at.
Result<Touched> find_touched(const observability::RequestLog& log, const std::set<std::string>& versions,
                             int64_t limit, std::string cursor) {
  Touched out{.requests = {}, .next_cursor = std::move(cursor)};
  for (int page = 0; page < kPagesMax; ++page) {
    // No page may hold more than what is still wanted, since a cursor stands only between pages.
    int64_t wanted = limit - std::ssize(out.requests);
    ASSIGN_OR_RETURN(auto found, log.list({.limit = wanted, .cursor = out.next_cursor}));
    for (observability::RequestRecord& record : found.requests) {
      if (!touched_version(record, versions).empty()) out.requests.push_back(std::move(record));
    }
    out.next_cursor = std::move(found.next_cursor);
    if (out.next_cursor.empty() || std::ssize(out.requests) >= limit) break;
  }
  return out;
}

}  // namespace

Task<Result<Response>> get_lineage(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string node, asked_node(call));
  std::string direction = call.query.text("direction");
  registry::ClosureQuery query{.node = node,
                               .direction = direction == "up"     ? Direction::kUpstream
                                            : direction == "down" ? Direction::kDownstream
                                                                  : Direction::kBoth,
                               .depth_max = call.query.integer("depth").value_or(20),
                               .nodes_max = call.query.integer("limit").value_or(1'000),
                               .since = time_of(call, "since_us"),
                               .until = time_of(call, "until_us")};
  auto work = [query](Connection& c) { return registry::closure(c, query); };
  ASSIGN_OR_CO_RETURN(Closure found, co_await services.registry.database.read<Closure>(work));
  co_return Response::json(200, closure_document(found));
}

Task<Result<Response>> find_lineage_nodes(const NativeServices& services, const Call& call) {
  std::string text = call.query.text("query");
  int64_t limit = call.query.integer("limit").value_or(20);
  auto work = [=](Connection& c) { return registry::find_nodes(c, text, limit); };
  ASSIGN_OR_CO_RETURN(auto nodes, co_await services.registry.database.read<std::vector<std::string>>(work));
  JsonWriter json;
  json.begin_object().key("nodes").begin_array();
  for (const std::string& node : nodes) {
    write_node(json, node);
    json.end_object();
  }
  co_return Response::json(200, json.end_array().end_object().take());
}

Task<Result<Response>> take_lineage_event(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(Json event, parse_json(call.request.body, {.bytes_max = registry::kEventBytesMax,
                                                                 .depth_max = registry::kEventDepthMax}));
  auto work = [&event](Connection& c) { return registry::take_event(c, event); };
  ASSIGN_OR_CO_RETURN(int64_t edges, co_await services.registry.database.write<int64_t>(work));
  JsonWriter json;
  co_return Response::json(201, json.begin_object().field("edges", edges).end_object().take());
}

Task<Result<Response>> get_lineage_events(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string node, asked_node(call));
  auto work = [node](Connection& c) { return registry::events_about(c, node); };
  ASSIGN_OR_CO_RETURN(std::string events, co_await services.registry.database.read<std::string>(work));
  co_return Response::json(200, R"({"events":)" + events + "}");
}

Task<Result<Response>> list_touched_requests(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string node, asked_node(call));
  registry::ClosureQuery query{.node = node,
                               .direction = Direction::kDownstream,
                               .depth_max = registry::kClosureDepthMax,
                               .nodes_max = kTouchedNodesMax};
  auto work = [query](Connection& c) { return registry::closure(c, query); };
  ASSIGN_OR_CO_RETURN(Closure found, co_await services.registry.database.read<Closure>(work));
  std::set<std::string> versions = versions_in(found);
  int64_t limit = call.query.integer("limit").value_or(50);
  auto look = [&log = services.log, versions, limit, cursor = call.query.text("cursor")] {
    return find_touched(log, versions, limit, cursor);
  };
  ASSIGN_OR_CO_RETURN(Touched touched, co_await services.pool.run(std::move(look)));
  JsonWriter json;
  json.begin_object().key("versions").begin_array();
  for (const std::string& version : versions) json.value(version);
  json.end_array().key("requests").begin_array();
  for (const observability::RequestRecord& record : touched.requests) {
    json.begin_object().field("id", record.id.text()).field("started_at_us", record.started_at.us);
    json.field("model", record.model);
    json.field("version", touched_version(record, versions)).end_object();
  }
  json.end_array().optional_field("next_cursor", touched.next_cursor).field("truncated", found.truncated);
  co_return Response::json(200, json.end_object().take());
}

}  // namespace penstock::api::native
