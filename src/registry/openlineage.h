#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"
#include "core/units.h"
#include "registry/lineage.h"
#include "storage/database/database.h"

namespace penstock::registry {

// OpenLineage 2-0-2 (openlineage.io/spec): run, dataset and job events in and out.
//
// A run is the node run:<its UUID without dashes>, a job is job:<namespace>/<name>, a dataset is
// dataset:<namespace>/<name>, followed by /<version> where the facet "version" says which. Datasets of the
// namespace kOwnNamespace are nodes of this graph under their own names.

inline constexpr std::string_view kOwnNamespace = "penstock://default";
inline constexpr size_t kEventBytesMax = 1 << 20;
inline constexpr size_t kEventDepthMax = 32;
inline constexpr size_t kEventDatasetsMax = 1'000;  // of inputs and of outputs
inline constexpr size_t kFacetsMax = 100;           // of one object
inline constexpr size_t kFacetBytesMax = 64 << 10;

// Checks an event whole, then records its edges and facets. Returns the number of edges that it spoke of.
// kInvalidArgument naming the first member that is wrong ("outputs[2].name").
Result<int64_t> take_event(database::Connection& connection, const Json& event);

// The events that tell of a node of the graph: of a run, its inputs and outputs; of anything else, the runs
// that made it, or a dataset event if there is none. A JSON array. kNotFound.
Result<std::string> events_about(database::Connection& connection, std::string_view node);

// "4f0a..." -> "4f0a...-...": what OpenLineage calls a run of 32 hexadecimal digits; other ids get a UUID
// made from their SHA-256.
std::string run_uuid(std::string_view run_id);

}  // namespace penstock::registry
