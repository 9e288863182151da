#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "api/native/services.h"
#include "app/engine_supervisor.h"
#include "gateway/gateway.h"
#include "registry/models.h"

namespace penstock::app {

// Says how the parts of the running server are, for the native API.
class PlatformStatus : public api::native::HealthSource, public api::native::ModelSource {
 public:
  PlatformStatus(registry::Models& models, const EngineSupervisor& engines, const gateway::Gateway& gateway,
                 const journal::Recovery& recovery)
      : models_(models), engines_(engines), gateway_(gateway), recovery_(recovery) {}

  std::vector<api::native::HealthPart> parts() override;
  Result<std::vector<api::native::ModelInfo>> models() override;

 private:
  registry::Models& models_;
  const EngineSupervisor& engines_;
  const gateway::Gateway& gateway_;
  const journal::Recovery& recovery_;
};

}  // namespace penstock::app
