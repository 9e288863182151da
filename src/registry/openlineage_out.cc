#include <algorithm>
#include <vector>

#include "core/json_writer.h"
#include "registry/iso_time.h"
#include "registry/openlineage.h"

namespace penstock::registry {
namespace {

using database::Connection;

constexpr std::string_view kProducer = "urn:penstock:lineage";
constexpr std::string_view kSpec = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/";
constexpr std::string_view kVersionFacetSchema =
    "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json";
constexpr size_t kRunsMax = 100;  // events of one answer

// An external dataset as namespace, name and version; one of ours under its node's name.
struct DatasetName {
  std::string space;
  std::string name;
  std::string version;
};

// "dataset:s3://bucket/path/file.csv" -> "s3://bucket" and "path/file.csv"; "dataset:name/digest" is ours.
DatasetName dataset_name(std::string_view node) {
  constexpr std::string_view kDataset = "dataset:";
  size_t scheme = node.find("://");
  if (!node.starts_with(kDataset) || scheme == std::string_view::npos) {
    size_t slash = node.rfind('/');
    bool versioned = slash != std::string_view::npos && slash + 1 < node.size();
    std::string version(versioned ? node.substr(slash + 1) : std::string_view());
    return {.space = std::string(kOwnNamespace), .name = std::string(node), .version = std::move(version)};
  }
  std::string_view rest = node.substr(kDataset.size());
  size_t slash = rest.find('/', scheme - kDataset.size() + 3);
  if (slash == std::string_view::npos) return {.space = std::string(rest), .name = "/", .version = {}};
  return {.space = std::string(rest.substr(0, slash)),
          .name = std::string(rest.substr(slash + 1)),
          .version = {}};
}

bool is_run(std::string_view node) { return node.starts_with("run:"); }
bool is_job(std::string_view node) { return node.starts_with("job:"); }

// Tells of the neighbours of nodes.
class EventWriter {
 public:
  explicit EventWriter(Connection& connection) : connection_(connection) {}

  Result<void> run_event(const std::string& node) {
    ASSIGN_OR_RETURN(Closure around, closure(connection_, {.node = node, .depth_max = 1}));
    ASSIGN_OR_RETURN(Facets facets, read_facets(connection_, node));
    std::string type = "COMPLETE";
    for (const auto& [name, json] : facets) {
      if (name != "eventType") continue;
      if (auto parsed = parse_json(json)) type = string_at(*parsed, "eventType");
    }
    std::string job;
    Timestamp at{};
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    for (const ClosureEdge& edge : around.edges) {
      at = std::max(at, edge.at);
      const std::string& from = around.nodes[edge.from].node;
      const std::string& to = around.nodes[edge.to].node;
      if (to == node && is_job(from)) {
        job = from;
      } else if (to == node && !is_run(from)) {
        inputs.push_back(from);
      } else if (from == node && !is_run(to)) {
        outputs.push_back(to);
      }
    }
    begin(at, "RunEvent").field("eventType", type);
    json_.key("run").begin_object().field("runId", run_uuid(node.substr(4))).key("facets");
    write_facets(facets);
    json_.end_object();
    write_job(job, node);
    RETURN_IF_ERROR(datasets("inputs", inputs));
    RETURN_IF_ERROR(datasets("outputs", outputs));
    json_.end_object();
    return {};
  }

  Result<void> dataset_event(const std::string& node, Timestamp at) {
    begin(at, "DatasetEvent").key("dataset");
    RETURN_IF_ERROR(dataset(node));
    json_.end_object();
    return {};
  }

  JsonWriter& json() { return json_; }

 private:
  JsonWriter& begin(Timestamp at, std::string_view type) {
    json_.begin_object().field("eventTime", iso_time(at)).field("producer", kProducer);
    return json_.field("schemaURL", std::string(kSpec).append(type));
  }

  void write_job(const std::string& job, const std::string& run) {
    size_t slash = job.rfind('/');
    bool known = !job.empty() && slash != std::string::npos;
    json_.key("job").begin_object();
    json_.field("namespace", known ? job.substr(4, slash - 4) : std::string(kOwnNamespace));
    json_.field("name", known ? job.substr(slash + 1) : run).end_object();
  }

  void write_facets(const Facets& facets) {
    json_.begin_object();
    for (const auto& [name, json] : facets) {
      if (json.contains("\"_producer\"")) json_.raw_field(name, json);  // what is none came not from an event
    }
    json_.end_object();
  }

  Result<void> dataset(const std::string& node) {
    DatasetName name = dataset_name(node);
    ASSIGN_OR_RETURN(Facets facets, read_facets(connection_, node));
    std::erase_if(facets, [](const auto& facet) { return facet.first == "version"; });
    json_.begin_object().field("namespace", name.space).field("name", name.name).key("facets").begin_object();
    if (!name.version.empty()) {
      json_.key("version")
          .begin_object()
          .field("_producer", kProducer)
          .field("_schemaURL", kVersionFacetSchema);
      json_.field("datasetVersion", name.version).end_object();
    }
    for (const auto& [facet, json] : facets) {
      if (json.contains("\"_producer\"")) json_.raw_field(facet, json);
    }
    json_.end_object().end_object();
    return {};
  }

  Result<void> datasets(std::string_view side, const std::vector<std::string>& nodes) {
    json_.key(side).begin_array();
    for (const std::string& node : nodes) RETURN_IF_ERROR(dataset(node));
    json_.end_array();
    return {};
  }

  Connection& connection_;
  JsonWriter json_;
};

}  // namespace

Result<std::string> events_about(Connection& connection, std::string_view node) {
  std::string name(node);
  ASSIGN_OR_RETURN(Closure makers, closure(connection, {.node = name,
                                                        .direction = Direction::kUpstream,
                                                        .depth_max = 1,
                                                        .nodes_max = static_cast<int64_t>(kRunsMax)}));
  std::vector<std::string> runs;
  Timestamp at{};
  for (const ClosureNode& maker : makers.nodes) {
    if (is_run(maker.node) && (maker.node != name || is_run(name))) runs.push_back(maker.node);
  }
  if (is_run(name)) runs = {name};
  for (const ClosureEdge& edge : makers.edges) at = std::max(at, edge.at);
  EventWriter writer(connection);
  writer.json().begin_array();
  for (const std::string& run : runs) RETURN_IF_ERROR(writer.run_event(run));
  if (runs.empty()) RETURN_IF_ERROR(writer.dataset_event(name, at));
  return writer.json().end_array().take();
}

}  // namespace penstock::registry
