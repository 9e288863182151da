#pragma once

#include "api/mlflow/contract.h"
#include "registry/webhooks.h"

namespace penstock::api::mlflow {

// webhooks and webhooks/{webhook_id}.
struct WebhookServices {
  registry::Webhooks& webhooks;
};

void add_webhook_routes(Contract contract, WebhookServices& services);

}  // namespace penstock::api::mlflow
