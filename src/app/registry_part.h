#pragma once

#include <memory>

#include "api/mlflow/registry_routes.h"
#include "api/mlflow/webhook_routes.h"
#include "api/native/registry_handlers.h"
#include "app/model_origins.h"
#include "core/clock.h"
#include "core/http_client.h"
#include "core/task_group.h"
#include "http/event_loops.h"
#include "registry/model_registry.h"
#include "registry/webhooks.h"
#include "storage/database/database.h"

namespace penstock::app {

// The registry of a running server: models and prompts, webhooks and the task that sends them.
class RegistryPart {
 public:
  // Both outlive it.
  RegistryPart(database::Database& database, http::EventLoops& loops, registry::WebhookRules rules,
               const Clock& clock);

  // Adds its routes of MLflow's contract.
  void add_routes(api::mlflow::Contract contract);
  // Sends webhooks on one of the loops until stop().
  void start(http::EventLoops& loops);
  void stop();

  registry::ModelRegistry& models() { return models_; }
  api::native::RegistryServices& native() { return native_; }

 private:
  TrackedOrigins origins_;
  std::unique_ptr<HttpClient> client_;  // refuses private addresses unless the operator allows them
  registry::Webhooks webhooks_;
  registry::ModelRegistry models_;
  api::mlflow::RegistryServices models_api_{models_};
  api::mlflow::WebhookServices webhooks_api_{webhooks_};
  api::native::RegistryServices native_;
  TaskGroup tasks_;
};

}  // namespace penstock::app
