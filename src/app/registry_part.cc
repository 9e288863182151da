#include "app/registry_part.h"

#include "http/client.h"

namespace penstock::app {

RegistryPart::RegistryPart(database::Database& database, http::EventLoops& loops,
                           registry::WebhookRules rules, const Clock& clock)
    : client_(http::make_client(loops,
                                {.peers = rules.allow_private ? http::Peers::kAny : http::Peers::kPublic})),
      webhooks_(database, *client_, rules, clock),
      models_(
          database, origins_, [this] { webhooks_.wake(); }, clock),
      native_{database} {}

void RegistryPart::add_routes(api::mlflow::Contract contract) {
  api::mlflow::add_registry_routes(contract, models_api_);
  api::mlflow::add_webhook_routes(contract, webhooks_api_);
}

void RegistryPart::start(http::EventLoops& loops) {
  tasks_.spawn(loops.executor(0), "webhooks", webhooks_.run());
}

void RegistryPart::stop() {
  webhooks_.stop();
  tasks_.wait(INT32_MAX);
}

}  // namespace penstock::app
