#include "registry/lineage_export.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/digest.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "registry/iso_time.h"
#include "registry/lineage.h"
#include "registry/openlineage.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;

bool is_activity(std::string_view node) { return node.starts_with("run:") || node.starts_with("job:"); }

// The version's node and everything upstream of it; only the node where the graph does not know it.
Result<Closure> origin_of(Connection& connection, const Version& version) {
  std::string node = version_node(version.kind, version.name, version.number);
  auto found = closure(connection, {.node = node,
                                    .direction = Direction::kUpstream,
                                    .depth_max = kClosureDepthMax,
                                    .nodes_max = kExportNodesMax});
  if (found || found.error().code != ErrorCode::kNotFound) return found;
  return Closure{.nodes = {{.id = 0, .node = node}}, .edges = {}};
}

// "version:model/support/3": kind, name and number. Nothing for another node.
std::optional<Version> version_of(std::string_view node) {
  constexpr std::string_view kVersion = "version:";
  if (!node.starts_with(kVersion)) return std::nullopt;
  node.remove_prefix(kVersion.size());
  size_t first = node.find('/');
  size_t last = node.rfind('/');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  auto kind = parse_kind(node.substr(0, first));
  auto number = parse_int(node.substr(last + 1));
  if (!kind || !number) return std::nullopt;
  return Version{
      .kind = *kind, .name = std::string(node.substr(first + 1, last - first - 1)), .number = *number};
}

// A UUID that is the same for the same text (RFC 9562 §5.8, version 8).
std::string stable_uuid(std::string_view text) {
  std::string hex = Digest::of(text).hex().substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return run_uuid(hex);
}

// --- CycloneDX -------------------------------------------------------------------------------------------

bool is_model(Kind kind) { return kind == Kind::kModel || kind == Kind::kAdapter; }

void write_properties(JsonWriter& json, const Version& version) {
  json.key("properties").begin_array();
  auto property = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json.begin_object()
        .field("name", std::string("penstock:").append(name))
        .field("value", value)
        .end_object();
  };
  property("kind", kind_name(version.kind));
  property("source", version.source);
  property("run_id", version.run_id);
  property("created_by", version.created_by);
  for (const auto& [key, value] : version.tags) property("tag:" + key, value);
  json.end_array();
}

// `inputs`: the nodes of datasets that the model was trained on.
void write_model_card(JsonWriter& json, const Version& version, const std::vector<std::string>& inputs) {
  json.key("modelCard").begin_object().key("modelParameters").begin_object();
  if (const std::string* task = find_tag(version.tags, "task")) json.field("task", *task);
  json.key("datasets").begin_array();
  for (const std::string& node : inputs) json.begin_object().field("ref", node).end_object();
  json.end_array().end_object().end_object();
}

void write_version_component(JsonWriter& json, const std::string& node, const Version& version,
                             const std::vector<std::string>& inputs) {
  json.begin_object().field("type", is_model(version.kind) ? "machine-learning-model" : "data");
  json.field("bom-ref", node).field("name", version.name).field("version", std::to_string(version.number));
  if (version.description && !version.description->empty()) json.field("description", *version.description);
  if (version.digest) {
    json.key("hashes").begin_array().begin_object().field("alg", "SHA-256");
    json.field("content", version.digest->hex()).end_object().end_array();
  }
  if (!version.licence.empty()) {
    json.key("licenses").begin_array().begin_object().key("license").begin_object();
    json.field("name", version.licence).end_object().end_object().end_array();
  }
  if (is_model(version.kind)) {
    write_model_card(json, version, inputs);
  } else {
    json.key("data").begin_array().begin_object();
    json.field("type", version.kind == Kind::kDataset ? "dataset" : "other").field("name", version.name);
    json.end_object().end_array();
  }
  write_properties(json, version);
  json.end_object();
}

void write_other_component(JsonWriter& json, const std::string& node) {
  bool model = node.starts_with("logged_model:");
  std::string_view rest = std::string_view(node).substr(node.find(':') + 1);
  size_t slash = node.starts_with("dataset:") ? rest.rfind('/') : std::string_view::npos;
  json.begin_object().field("type", model ? "machine-learning-model" : "data").field("bom-ref", node);
  json.field("name", rest.substr(0, slash));
  if (slash != std::string_view::npos) json.field("version", rest.substr(slash + 1));
  if (!model) {
    json.key("data")
        .begin_array()
        .begin_object()
        .field("type", "dataset")
        .field("name", rest.substr(0, slash));
    json.end_object().end_array();
  }
  json.end_object();
}

// The components that a component was made from: activities in between are left out.
std::vector<std::string> made_from(const Closure& origin, size_t index) {
  std::vector<size_t> open = {index};
  std::set<size_t> seen = {index};
  std::vector<std::string> found;
  while (!open.empty()) {
    size_t at = open.back();
    open.pop_back();
    for (const ClosureEdge& edge : origin.edges) {
      if (edge.to != at || !seen.insert(edge.from).second) continue;
      if (is_activity(origin.nodes[edge.from].node)) {
        open.push_back(edge.from);
      } else {
        found.push_back(origin.nodes[edge.from].node);
      }
    }
  }
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> datasets_of(const std::vector<std::string>& nodes) {
  std::vector<std::string> datasets;
  for (const std::string& node : nodes) {
    if (node.starts_with("dataset:") || node.starts_with("version:dataset/")) datasets.push_back(node);
  }
  return datasets;
}

// --- PROV ------------------------------------------------------------------------------------------------

std::string prov_name(std::string_view node) { return "penstock:" + percent_encode(node); }

// One kind of relation: which of the two ends it names how.
struct Relation {
  std::string_view name;
  std::string_view effect;  // of the later one
  std::string_view cause;
};

Relation relation_of(std::string_view from, std::string_view to) {
  if (is_activity(from)) {
    return is_activity(to) ? Relation{"wasInformedBy", "prov:informed", "prov:informant"}
                           : Relation{"wasGeneratedBy", "prov:entity", "prov:activity"};
  }
  return is_activity(to) ? Relation{"used", "prov:activity", "prov:entity"}
                         : Relation{"wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity"};
}

void write_relations(JsonWriter& json, const Closure& origin, std::string_view name) {
  json.key(name).begin_object();
  for (size_t i = 0; i < origin.edges.size(); ++i) {
    const ClosureEdge& edge = origin.edges[i];
    const std::string& from = origin.nodes[edge.from].node;
    const std::string& to = origin.nodes[edge.to].node;
    Relation relation = relation_of(from, to);
    if (relation.name != name) continue;
    json.key("_:e" + std::to_string(i)).begin_object().field(relation.effect, prov_name(to));
    json.field(relation.cause, prov_name(from));
    bool timed = name == "used" || name == "wasGeneratedBy";
    if (timed) json.field("prov:time", iso_time(edge.at));
    json.field("prov:role", edge.role).end_object();
  }
  json.end_object();
}

void write_nodes(JsonWriter& json, const Closure& origin, std::string_view name, bool activities) {
  json.key(name).begin_object();
  for (const ClosureNode& node : origin.nodes) {
    if (is_activity(node.node) != activities) continue;
    json.key(prov_name(node.node)).begin_object().field("prov:label", node.node).end_object();
  }
  json.end_object();
}

}  // namespace

Result<std::string> cyclonedx(Connection& connection, const Version& version, Timestamp now) {
  ASSIGN_OR_RETURN(Closure origin, origin_of(connection, version));
  const std::string& subject = origin.nodes.front().node;
  JsonWriter json;
  json.begin_object().field("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
  json.field("bomFormat", "CycloneDX").field("specVersion", "1.6");
  json.field("serialNumber", "urn:uuid:" + stable_uuid(subject)).field("version", 1);
  json.key("metadata").begin_object().field("timestamp", iso_time(now));
  json.key("tools").begin_object().key("components").begin_array().begin_object();
  json.field("type", "application").field("name", "penstock").end_object().end_array().end_object();
  json.key("component");
  write_version_component(json, subject, version, datasets_of(made_from(origin, 0)));
  json.end_object().key("components").begin_array();
  for (size_t i = 1; i < origin.nodes.size(); ++i) {
    const std::string& node = origin.nodes[i].node;
    if (is_activity(node)) continue;
    std::optional<Version> known = version_of(node);
    if (known) {
      auto stored = get_version(connection, known->kind, known->name, known->number);
      if (!stored && stored.error().code != ErrorCode::kNotFound) return Failure(stored.error());
      write_version_component(json, node, stored ? *stored : *known, datasets_of(made_from(origin, i)));
    } else {
      write_other_component(json, node);
    }
  }
  json.end_array().key("dependencies").begin_array();
  for (size_t i = 0; i < origin.nodes.size(); ++i) {
    if (is_activity(origin.nodes[i].node)) continue;
    json.begin_object().field("ref", origin.nodes[i].node).key("dependsOn").begin_array();
    for (const std::string& node : made_from(origin, i)) json.value(node);
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

Result<std::string> prov_json(Connection& connection, const Version& version) {
  ASSIGN_OR_RETURN(Closure origin, origin_of(connection, version));
  JsonWriter json;
  json.begin_object().key("prefix").begin_object().field("penstock", "urn:penstock:").end_object();
  write_nodes(json, origin, "entity", false);
  write_nodes(json, origin, "activity", true);
  for (std::string_view name : {"used", "wasGeneratedBy", "wasDerivedFrom", "wasInformedBy"}) {
    write_relations(json, origin, name);
  }
  json.key("agent").begin_object();
  std::string agent = prov_name("agent:" + version.created_by);
  if (!version.created_by.empty()) {
    json.key(agent).begin_object().field("prov:label", version.created_by).end_object();
  }
  json.end_object().key("wasAttributedTo").begin_object();
  if (!version.created_by.empty()) {
    json.key("_:a0").begin_object().field("prov:entity", prov_name(origin.nodes.front().node));
    json.field("prov:agent", agent).end_object();
  }
  return json.end_object().end_object().take();
}

}  // namespace penstock::registry
