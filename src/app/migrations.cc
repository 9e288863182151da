#include "app/migrations.h"

#include <algorithm>
#include <vector>

#include "access/access_store.h"
#include "gateway/config_versions.h"
#include "gateway/lease_store.h"
#include "observability/cost_store.h"
#include "observability/traces/trace_store.h"
#include "registry/registry_store.h"
#include "tracking/artifact_store.h"
#include "tracking/evaluation_datasets.h"
#include "tracking/logged_model_store.h"
#include "tracking/tracking_schema.h"

namespace penstock::app {

std::span<const database::Migration> migrations() {
  static const std::vector<database::Migration> kAll = [] {
    std::vector<database::Migration> all;
    for (std::span<const database::Migration> part :
         {registry::migrations(), access::migrations(), gateway::spend_migrations(),
          gateway::config_version_migrations(), observability::cost_migrations(), tracking::migrations(),
          tracking::evaluation_migrations(), tracking::artifact_migrations(),
          tracking::logged_model_migrations(), traces::migrations()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    std::ranges::sort(all, {}, &database::Migration::number);
    return all;
  }();
  return kAll;
}

}  // namespace penstock::app
