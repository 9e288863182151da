#include "app/platform_status.h"

#include <algorithm>

namespace penstock::app {
namespace {

using api::native::HealthPart;
using api::native::HealthStatus;
using api::native::ModelInfo;
using api::native::ModelStatus;

HealthPart engine_part(const EngineStatus& engine) {
  HealthPart part{.name = "engine:" + engine.model, .role = api::native::PartRole::kOptional};
  std::string restarts = std::to_string(engine.restarts) + (engine.restarts == 1 ? " restart" : " restarts");
  std::string last = engine.last_end.empty() ? "" : "; the last one ended by " + engine.last_end;
  switch (engine.state) {
    case EngineState::kReady:
      part.status = HealthStatus::kOk;
      part.detail = "process " + std::to_string(engine.pid) + ", " + restarts + last;
      break;
    case EngineState::kStarting:
      part.status = HealthStatus::kStarting;
      part.detail = "loading the model";
      break;
    case EngineState::kRestarting:
      part.status = HealthStatus::kDegraded;
      part.detail = "starting again, " + restarts + last;
      break;
    case EngineState::kStopped:
      part.status = HealthStatus::kDown;
      part.detail = "stopped" + last;
      break;
  }
  return part;
}

ModelStatus model_status(EngineState state) {
  switch (state) {
    case EngineState::kReady:
      return ModelStatus::kReady;
    case EngineState::kStarting:
      return ModelStatus::kStarting;
    default:
      return ModelStatus::kFailed;
  }
}

}  // namespace

// Without its database a server goes on with what it has loaded from it, as `state.on_store_loss` says.
HealthPart PlatformStatus::database_part() const {
  std::string problem = database_.problem();
  if (problem.empty()) {
    return {.name = "database", .status = HealthStatus::kOk, .detail = database_description_};
  }
  return {.name = "database", .status = HealthStatus::kDegraded, .detail = std::move(problem)};
}

std::vector<HealthPart> PlatformStatus::parts() {
  std::vector<HealthPart> parts = {
      database_part(), {.name = "blobs", .status = HealthStatus::kOk, .detail = "local directory"}};
  HealthPart journal{.name = "journal"};
  if (std::string problem = gateway_.recording().problem(); !problem.empty()) {
    journal.status = HealthStatus::kDown;
    journal.detail = "requests are refused, because they cannot be recorded: " + problem;
  } else {
    journal.detail = std::to_string(recovery_.records) + " records found at start";
    if (recovery_.torn_bytes > 0) {
      journal.detail += ", " + std::to_string(recovery_.torn_bytes) + " bytes of an unfinished one cut off";
    }
  }
  parts.push_back(std::move(journal));
  HealthPart configuration{.name = "configuration", .role = api::native::PartRole::kOptional};
  if (std::string problem = reload_.problem(); !problem.empty()) {
    configuration.status = HealthStatus::kDegraded;
    configuration.detail = "the file is not in effect, what was before it is: " + problem;
  }
  parts.push_back(std::move(configuration));
  for (const EngineStatus& engine : engines_.status()) parts.push_back(engine_part(engine));
  return parts;
}

Result<std::vector<ModelInfo>> PlatformStatus::models() {
  ASSIGN_OR_RETURN(std::vector<registry::RegisteredModel> registered, models_.list());
  std::vector<EngineStatus> engines = engines_.status();
  std::vector<ModelInfo> all;
  for (const registry::RegisteredModel& model : registered) {
    auto engine = std::ranges::find(engines, model.name, &EngineStatus::model);
    if (engine == engines.end()) continue;
    all.push_back({.name = model.name,
                   .kind = model.kind,
                   .version = std::to_string(model.version),
                   .digest = model.digest.text(),
                   .licence = model.licence,
                   .size_bytes = model.size_bytes,
                   .source = model.source,
                   .upstream = "engine:" + model.name,
                   .status = model_status(engine->state)});
  }
  for (const gateway::RouteConfig& route : gateway_.setup()->config.routes) {
    std::string upstreams;
    for (const gateway::TargetConfig& target : route.targets) {
      if (!upstreams.contains(target.provider))
        upstreams += (upstreams.empty() ? "" : ", ") + target.provider;
    }
    all.push_back({.name = route.name, .upstream = std::move(upstreams), .status = ModelStatus::kRemote});
  }
  return all;
}

}  // namespace penstock::app
