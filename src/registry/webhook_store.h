#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

namespace penstock::registry {

// What somebody can be told of: "model_version" was "created".
struct WebhookEvent {
  std::string entity;
  std::string action;
  bool operator==(const WebhookEvent&) const = default;
};

// Somebody who wants to be told. The secret signs what is sent and is never shown.
struct Webhook {
  std::string id;
  std::string name;
  std::optional<std::string> description;
  std::string url;
  std::string secret;  // empty: nothing is signed
  bool active = true;
  std::vector<WebhookEvent> events;
  Timestamp created_at;
  Timestamp updated_at;
};

// One message on its way.
struct Delivery {
  int64_t id = 0;
  std::string delivery_id;  // the same for every try
  std::string url;
  std::string secret;
  std::string payload;
  int64_t tries = 0;
  Timestamp created_at;
};

Result<void> insert_webhook(database::Connection& connection, const Webhook& webhook);
Result<std::optional<Webhook>> find_webhook(database::Connection& connection, std::string_view id);
// Newest first.
Result<std::vector<Webhook>> list_webhooks(database::Connection& connection, int64_t offset, int64_t limit);
Result<void> update_webhook(database::Connection& connection, const Webhook& webhook);
Result<void> delete_webhook(database::Connection& connection, std::string_view id);  // and what it was owed

// Puts a message for everybody who is subscribed into the queue, in the transaction that makes it true.
// `data` is a JSON object. Returns whether there was anybody.
Result<bool> announce(database::Connection& connection, const WebhookEvent& event, std::string_view data,
                      Timestamp now);
// The body of a message: {"entity", "action", "timestamp", "data"}.
std::string webhook_payload(const WebhookEvent& event, std::string_view data, Timestamp now);

// Messages that are due, oldest first. Each counts as tried again and is due later, at `next`, so that no two
// servers send it at the same time.
Result<std::vector<Delivery>> take_due(database::Connection& connection, Timestamp now, Timestamp next,
                                       int64_t limit);
Result<void> put_off(database::Connection& connection, int64_t delivery, Timestamp due);
Result<void> finish_delivery(database::Connection& connection, int64_t delivery);
// When the next one is due; nullopt: none is waiting.
Result<std::optional<Timestamp>> next_due(database::Connection& connection);

}  // namespace penstock::registry
