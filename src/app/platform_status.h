#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "api/native/services.h"
#include "app/engine_supervisor.h"
#include "app/reload.h"
#include "gateway/gateway.h"
#include "registry/models.h"

namespace penstock::app {

// Says how the parts of the running server are, for the native API.
class PlatformStatus : public api::native::HealthSource, public api::native::ModelSource {
 public:
  // `database_description` is what Database::describe said at the start.
  PlatformStatus(const database::Database& database, std::string database_description,
                 registry::Models& models, const EngineSupervisor& engines, const gateway::Gateway& gateway,
                 const journal::Recovery& recovery, const Reload& reload)
      : database_(database),
        database_description_(std::move(database_description)),
        models_(models),
        engines_(engines),
        gateway_(gateway),
        recovery_(recovery),
        reload_(reload) {}

  std::vector<api::native::HealthPart> parts() override;
  Result<std::vector<api::native::ModelInfo>> models() override;

 private:
  api::native::HealthPart database_part() const;

  const database::Database& database_;
  const std::string database_description_;
  registry::Models& models_;
  const EngineSupervisor& engines_;
  const gateway::Gateway& gateway_;
  const journal::Recovery& recovery_;
  const Reload& reload_;
};

}  // namespace penstock::app
