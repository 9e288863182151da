#include "registry/openlineage.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/digest.h"
#include "core/text.h"
#include "core/uuid.h"
#include "registry/among.h"
#include "registry/iso_time.h"

namespace penstock::registry {
namespace {

using database::Connection;

constexpr std::array<std::string_view, 6> kEventTypes = {"START", "RUNNING", "COMPLETE",
                                                         "ABORT", "FAIL",    "OTHER"};
constexpr std::array<std::string_view, 7> kNodeKinds = {
    "version:", "dataset:", "logged_model:", "trace:", "alias:", "run:", "job:"};

Error wrong(const std::string& path, std::string_view what) {
  return Error::invalid(path, "'" + path + "' of an OpenLineage event must be " + std::string(what));
}

std::string member(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

// Facets of one object of the event, by the node that they belong to.
struct FacetOf {
  std::string node;
  std::string name;
  std::string json;  // empty: the facet is deleted
};

// What an event says, checked.
struct Statement {
  Timestamp at;
  std::vector<Edge> edges;
  std::vector<FacetOf> facets;
};

class EventReader {
 public:
  explicit EventReader(const Json& event) : event_(event) {}

  Result<Statement> read() {
    if (!event_.is_object()) return Failure(Error::invalid("", "an OpenLineage event is a JSON object"));
    RETURN_IF_ERROR(text(event_, "", "producer", 1, 4'096));
    RETURN_IF_ERROR(text(event_, "", "schemaURL", 1, 4'096));
    auto at = parse_iso_time(string_at(event_, "eventTime"));
    if (!at) return Failure(wrong("eventTime", "a time as of RFC 3339: 2026-11-25T01:02:03Z"));
    out_.at = *at;
    if (find(event_, "dataset") != nullptr) {
      RETURN_IF_ERROR(dataset(*find(event_, "dataset"), "dataset"));
      return std::move(out_);
    }
    ASSIGN_OR_RETURN(std::string job, job_node());
    std::string centre = job;
    if (find(event_, "run") != nullptr) {
      ASSIGN_OR_RETURN(centre, run_node());
      edge(job, centre, "job");
    }
    RETURN_IF_ERROR(datasets("inputs", centre));
    RETURN_IF_ERROR(datasets("outputs", centre));
    return std::move(out_);
  }

 private:
  void edge(const std::string& from, const std::string& to, std::string_view role) {
    out_.edges.push_back({.from = from, .to = to, .role = std::string(role), .at = out_.at});
  }

  static Result<void> text(const Json& object, const std::string& path, std::string_view name,
                           size_t bytes_min, size_t bytes_max) {
    std::string_view value = string_at(object, name);
    bool good = value.size() >= bytes_min && value.size() <= bytes_max && !value.contains('\0');
    if (good) return {};
    return Failure(wrong(member(path, name), "a text of " + std::to_string(bytes_min) + " to " +
                                                 std::to_string(bytes_max) + " bytes"));
  }

  Result<std::string> job_node() {
    const Json* job = find(event_, "job");
    if (job == nullptr || !job->is_object()) {
      return Failure(wrong("job", "an object; an event has a job, or else a dataset"));
    }
    RETURN_IF_ERROR(text(*job, "job", "namespace", 1, 256));
    RETURN_IF_ERROR(text(*job, "job", "name", 1, 512));
    std::string node = "job:";
    node.append(string_at(*job, "namespace")).append("/").append(string_at(*job, "name"));
    RETURN_IF_ERROR(facets(*job, "job", "facets", node));
    return node;
  }

  Result<std::string> run_of(const Json& run, const std::string& path) {
    auto id = Uuid::parse(string_at(run, "runId"));
    if (!id) return Failure(wrong(member(path, "runId"), "a UUID"));
    std::string node = "run:";
    for (char c : id->text()) {
      if (c != '-') node += c;
    }
    return node;
  }

  Result<std::string> run_node() {
    const Json& run = *find(event_, "run");
    if (!run.is_object()) return Failure(wrong("run", "an object"));
    ASSIGN_OR_RETURN(std::string node, run_of(run, "run"));
    std::string_view type = string_at(event_, "eventType");
    if (find(event_, "eventType") != nullptr && !is_among(kEventTypes, type)) {
      return Failure(wrong("eventType", "START, RUNNING, COMPLETE, ABORT, FAIL or OTHER"));
    }
    if (!type.empty())
      out_.facets.push_back({node, "eventType", "{\"eventType\":\"" + std::string(type) + "\"}"});
    RETURN_IF_ERROR(facets(run, "run", "facets", node));
    const Json* all = find(run, "facets");
    const Json* parent = all == nullptr ? nullptr : find(*all, "parent");
    const Json* parent_run = parent == nullptr ? nullptr : find(*parent, "run");
    if (parent_run == nullptr) return node;
    ASSIGN_OR_RETURN(std::string parent_node, run_of(*parent_run, "run.facets.parent.run"));
    if (parent_node != node) edge(parent_node, node, "parent");
    return node;
  }

  Result<void> datasets(std::string_view side, const std::string& centre) {
    const Json* list = find(event_, side);
    if (list == nullptr || list->is_null()) return {};
    std::string name(side);
    if (!list->is_array() || list->get_array().size() > kEventDatasetsMax) {
      return Failure(wrong(name, "a list of at most 1000 datasets"));
    }
    for (size_t i = 0; i < list->get_array().size(); ++i) {
      ASSIGN_OR_RETURN(std::string node,
                       dataset_node(list->get_array()[i], name + "[" + std::to_string(i) + "]"));
      if (node == centre) return Failure(wrong(name, "other nodes than the run itself"));
      if (side == "inputs") {
        edge(node, centre, "input");
      } else {
        edge(centre, node, "output");
      }
    }
    return {};
  }

  Result<void> dataset(const Json& json, const std::string& path) {
    ASSIGN_OR_RETURN(std::string node, dataset_node(json, path));
    // A dataset that nothing is known to have made still is in the graph.
    out_.facets.push_back({node, "datasetEvent", "{}"});
    return {};
  }

  Result<std::string> dataset_node(const Json& json, const std::string& path) {
    if (!json.is_object()) return Failure(wrong(path, "an object"));
    RETURN_IF_ERROR(text(json, path, "namespace", 1, 256));
    RETURN_IF_ERROR(text(json, path, "name", 1, 512));
    std::string name(string_at(json, "name"));
    const Json* all = find(json, "facets");
    const Json* facet = all == nullptr ? nullptr : find(*all, "version");
    std::string version(facet == nullptr ? std::string_view() : string_at(*facet, "datasetVersion"));
    if (version.size() > 256)
      return Failure(wrong(path + ".facets.version.datasetVersion", "at most 256 bytes"));
    bool own = string_at(json, "namespace") == kOwnNamespace &&
               std::ranges::any_of(kNodeKinds, [&](std::string_view kind) { return name.starts_with(kind); });
    std::string node = own ? name : "dataset:" + std::string(string_at(json, "namespace")) + "/" + name;
    if (!version.empty() && !own) node += "/" + version;
    for (std::string_view part : {"facets", "inputFacets", "outputFacets"}) {
      RETURN_IF_ERROR(facets(json, path, part, node));
    }
    return node;
  }

  Result<void> facets(const Json& object, const std::string& path, std::string_view part,
                      const std::string& node) {
    const Json* all = find(object, part);
    if (all == nullptr || all->is_null()) return {};
    std::string at = member(path, part);
    if (!all->is_object() || all->get_object().size() > kFacetsMax) {
      return Failure(wrong(at, "an object of at most 100 facets"));
    }
    for (const auto& facet : all->get_object()) {
      std::string name(std::string_view(facet.key()));
      if (!facet.value().is_object() || name.empty() || name.size() > 256 || name.contains('\0')) {
        return Failure(wrong(at, "facets by name, each an object"));
      }
      bool deleted = bool_at(facet.value(), "_deleted");
      std::string json = deleted ? "" : to_json(facet.value());
      if (json.size() > kFacetBytesMax) return Failure(wrong(at + "." + name, "at most 65536 bytes"));
      out_.facets.push_back({node, std::move(name), std::move(json)});
    }
    return {};
  }

  const Json& event_;
  Statement out_;
};

}  // namespace

std::string run_uuid(std::string_view run_id) {
  bool is_hex = run_id.size() == 32 && std::ranges::all_of(run_id, [](char c) {
                  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                });
  std::string hex = is_hex ? std::string(run_id) : Digest::of(run_id).hex().substr(0, 32);
  for (size_t dash : {8, 13, 18, 23}) hex.insert(dash, "-");
  return hex;
}

Result<int64_t> take_event(Connection& connection, const Json& event) {
  ASSIGN_OR_RETURN(Statement said, EventReader(event).read());
  for (const Edge& edge : said.edges) RETURN_IF_ERROR(record_edge(connection, edge));
  for (const FacetOf& facet : said.facets) {
    RETURN_IF_ERROR(set_facet(connection, facet.node, facet.name, facet.json, said.at));
  }
  return static_cast<int64_t>(said.edges.size());
}

}  // namespace penstock::registry
