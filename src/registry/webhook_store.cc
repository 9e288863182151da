#include "registry/webhook_store.h"

#include <array>

#include "core/clock.h"
#include "core/json_writer.h"
#include "core/random.h"
#include "core/uuid.h"
#include "registry/iso_time.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Row;
using database::Value;

#define PENSTOCK_WEBHOOK_COLUMNS \
  "SELECT id, name, description, url, secret, active, created_at_us, updated_at_us FROM registry_webhooks"
constexpr std::string_view kFind = PENSTOCK_WEBHOOK_COLUMNS " WHERE id = $1";
constexpr std::string_view kList =
    PENSTOCK_WEBHOOK_COLUMNS " ORDER BY created_at_us DESC, id DESC LIMIT $2 OFFSET $1";
#undef PENSTOCK_WEBHOOK_COLUMNS
constexpr std::string_view kInsert =
    "INSERT INTO registry_webhooks (id, name, description, url, secret, active, created_at_us, updated_at_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kUpdate =
    "UPDATE registry_webhooks SET name = $2, description = $3, url = $4, secret = $5, active = $6,"
    " updated_at_us = $7 WHERE id = $1";
constexpr std::string_view kEvents =
    "SELECT entity, action FROM registry_webhook_events WHERE webhook_id = $1 ORDER BY entity, action";
constexpr std::string_view kAddEvent =
    "INSERT INTO registry_webhook_events (webhook_id, entity, action) VALUES ($1, $2, $3)"
    " ON CONFLICT (webhook_id, entity, action) DO NOTHING";
constexpr std::string_view kDropEvents = "DELETE FROM registry_webhook_events WHERE webhook_id = $1";
constexpr std::string_view kDropOwed = "DELETE FROM registry_webhook_deliveries WHERE webhook_id = $1";
constexpr std::string_view kDrop = "DELETE FROM registry_webhooks WHERE id = $1";
constexpr std::string_view kSubscribed =
    "SELECT w.id FROM registry_webhook_events AS e JOIN registry_webhooks AS w ON w.id = e.webhook_id"
    " WHERE e.entity = $1 AND e.action = $2 AND w.active = 1";
constexpr std::string_view kAddDelivery =
    "INSERT INTO registry_webhook_deliveries (webhook_id, delivery_id, payload, tries, due_at_us,"
    " created_at_us) VALUES ($1, $2, $3, 0, $4, $4)";
constexpr std::string_view kDue =
    "SELECT d.id, d.delivery_id, w.url, w.secret, d.payload, d.tries, d.created_at_us"
    " FROM registry_webhook_deliveries AS d JOIN registry_webhooks AS w ON w.id = d.webhook_id"
    " WHERE d.due_at_us <= $1 ORDER BY d.due_at_us, d.id LIMIT $2";
constexpr std::string_view kTaken =
    "UPDATE registry_webhook_deliveries SET due_at_us = $2, tries = tries + 1 WHERE id = $1";
constexpr std::string_view kPutOff = "UPDATE registry_webhook_deliveries SET due_at_us = $2 WHERE id = $1";
constexpr std::string_view kFinish = "DELETE FROM registry_webhook_deliveries WHERE id = $1";
constexpr std::string_view kNextDue =
    "SELECT due_at_us FROM registry_webhook_deliveries ORDER BY due_at_us LIMIT 1";

Value optional_text(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(std::monostate());
}

Webhook read_webhook(const Row& row) {
  Webhook webhook{.id = std::string(row.text(0)), .name = std::string(row.text(1))};
  if (!row.is_null(2)) webhook.description = std::string(row.text(2));
  webhook.url = row.text(3);
  webhook.secret = row.text(4);
  webhook.active = row.integer(5) != 0;
  webhook.created_at = {row.integer(6)};
  webhook.updated_at = {row.integer(7)};
  return webhook;
}

Result<void> read_events(Connection& connection, Webhook& webhook) {
  const std::array values = {Value(webhook.id)};
  return connection.query(kEvents, values, [&](const Row& row) {
    webhook.events.push_back({std::string(row.text(0)), std::string(row.text(1))});
    return true;
  });
}

Result<void> add_events(Connection& connection, const Webhook& webhook) {
  for (const WebhookEvent& event : webhook.events) {
    const std::array values = {Value(webhook.id), Value(event.entity), Value(event.action)};
    RETURN_IF_ERROR(connection.execute(kAddEvent, values));
  }
  return {};
}

Delivery read_delivery(const Row& row) {
  return {.id = row.integer(0),
          .delivery_id = std::string(row.text(1)),
          .url = std::string(row.text(2)),
          .secret = std::string(row.text(3)),
          .payload = std::string(row.text(4)),
          .tries = row.integer(5) + 1,
          .created_at = {row.integer(6)}};
}

}  // namespace

Result<void> insert_webhook(Connection& connection, const Webhook& webhook) {
  const std::array values = {Value(webhook.id),
                             Value(webhook.name),
                             optional_text(webhook.description),
                             Value(webhook.url),
                             Value(webhook.secret),
                             Value(int64_t{webhook.active}),
                             Value(webhook.created_at.us),
                             Value(webhook.updated_at.us)};
  RETURN_IF_ERROR(connection.execute(kInsert, values));
  return add_events(connection, webhook);
}

Result<std::optional<Webhook>> find_webhook(Connection& connection, std::string_view id) {
  const std::array values = {Value(std::string(id))};
  ASSIGN_OR_RETURN(auto found, database::rows<Webhook>(connection, kFind, values, read_webhook));
  if (found.empty()) return std::nullopt;
  RETURN_IF_ERROR(read_events(connection, found.front()));
  return std::move(found.front());
}

Result<std::vector<Webhook>> list_webhooks(Connection& connection, int64_t offset, int64_t limit) {
  const std::array values = {Value(offset), Value(limit)};
  ASSIGN_OR_RETURN(auto found, database::rows<Webhook>(connection, kList, values, read_webhook));
  for (Webhook& webhook : found) RETURN_IF_ERROR(read_events(connection, webhook));
  return found;
}

Result<void> update_webhook(Connection& connection, const Webhook& webhook) {
  const std::array values = {
      Value(webhook.id),           Value(webhook.name),   optional_text(webhook.description),
      Value(webhook.url),          Value(webhook.secret), Value(int64_t{webhook.active}),
      Value(webhook.updated_at.us)};
  RETURN_IF_ERROR(connection.execute(kUpdate, values));
  const std::array by_id = {Value(webhook.id)};
  RETURN_IF_ERROR(connection.execute(kDropEvents, by_id));
  return add_events(connection, webhook);
}

Result<void> delete_webhook(Connection& connection, std::string_view id) {
  const std::array values = {Value(std::string(id))};
  for (std::string_view sql : {kDropOwed, kDropEvents, kDrop}) {
    RETURN_IF_ERROR(connection.execute(sql, values));
  }
  return {};
}

std::string webhook_payload(const WebhookEvent& event, std::string_view data, Timestamp now) {
  JsonWriter json;
  json.begin_object().field("entity", event.entity).field("action", event.action);
  json.field("timestamp", iso_time(now)).raw_field("data", data).end_object();
  return json.take();
}

Result<bool> announce(Connection& connection, const WebhookEvent& event, std::string_view data,
                      Timestamp now) {
  const std::array of_event = {Value(event.entity), Value(event.action)};
  ASSIGN_OR_RETURN(auto ids,
                   database::rows<std::string>(connection, kSubscribed, of_event,
                                               [](const Row& row) { return std::string(row.text(0)); }));
  for (const std::string& id : ids) {
    const std::array values = {Value(id), Value(Uuid::v7(system_clock(), system_random()).text()),
                               Value(webhook_payload(event, data, now)), Value(now.us)};
    RETURN_IF_ERROR(connection.execute(kAddDelivery, values));
  }
  return !ids.empty();
}

Result<std::vector<Delivery>> take_due(Connection& connection, Timestamp now, Timestamp next, int64_t limit) {
  const std::array values = {Value(now.us), Value(limit)};
  ASSIGN_OR_RETURN(auto due, database::rows<Delivery>(connection, kDue, values, read_delivery));
  for (const Delivery& delivery : due) {
    const std::array taken = {Value(delivery.id), Value(next.us)};
    RETURN_IF_ERROR(connection.execute(kTaken, taken));
  }
  return due;
}

Result<void> put_off(Connection& connection, int64_t delivery, Timestamp due) {
  const std::array values = {Value(delivery), Value(due.us)};
  RETURN_IF_ERROR(connection.execute(kPutOff, values));
  return {};
}

Result<void> finish_delivery(Connection& connection, int64_t delivery) {
  const std::array values = {Value(delivery)};
  RETURN_IF_ERROR(connection.execute(kFinish, values));
  return {};
}

Result<std::optional<Timestamp>> next_due(Connection& connection) {
  std::optional<Timestamp> due;
  RETURN_IF_ERROR(connection.query(kNextDue, {}, [&](const Row& row) {
    due = Timestamp{row.integer(0)};
    return true;
  }));
  return due;
}

}  // namespace penstock::registry
