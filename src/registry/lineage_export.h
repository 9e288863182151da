#pragma once

#include <string>

#include "core/result.h"
#include "core/units.h"
#include "registry/version.h"
#include "storage/database/database.h"

namespace penstock::registry {

// What a version was made from, for other programs. Both look upstream as far as kExportNodesMax nodes.
inline constexpr int64_t kExportNodesMax = 1'000;

// A machine-learning bill of materials as CycloneDX 1.6 JSON: the version as the subject, what it was made
// from as components with their dependencies.
Result<std::string> cyclonedx(database::Connection& connection, const Version& version, Timestamp now);

// W3C PROV-JSON (https://www.w3.org/submissions/prov-json/): versions, datasets and models are entities, runs
// and jobs are activities, who registered a version is an agent.
Result<std::string> prov_json(database::Connection& connection, const Version& version);

}  // namespace penstock::registry
