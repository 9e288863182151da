#include "api/mlflow/webhook_routes.h"

#include <array>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

using Services = WebhookServices;
using Answer = Task<Result<std::string>>;
constexpr auto kRead = access::Capability::kReadRuns;
constexpr auto kManage = access::Capability::kDevelop;
constexpr int64_t kPage = 100;

// In the order of mlflow/protos/webhooks.proto.
constexpr std::array<std::string_view, 10> kEntities = {
    "REGISTERED_MODEL", "MODEL_VERSION", "MODEL_VERSION_TAG",  "MODEL_VERSION_ALIAS", "PROMPT",
    "PROMPT_VERSION",   "PROMPT_TAG",    "PROMPT_VERSION_TAG", "PROMPT_ALIAS",        "BUDGET_POLICY"};
constexpr std::array<std::string_view, 5> kActions = {"CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED"};
constexpr std::array<std::string_view, 2> kStatuses = {"ACTIVE", "DISABLED"};

constexpr std::array kEventFields = {Field{.name = "entity", .type = Type::kEnum, .names = kEntities},
                                     Field{.name = "action", .type = Type::kEnum, .names = kActions}};
constexpr Message kEvent{.name = "WebhookEvent", .fields = kEventFields};
constexpr Field kStatus{.name = "status", .type = Type::kEnum, .names = kStatuses};

constexpr std::array kCreateFields = {
    Field{.name = "name", .count = Count::kRequired},
    Field{.name = "url", .count = Count::kRequired},
    Field{.name = "events", .type = Type::kMessage, .count = Count::kMany, .message = &kEvent},
    Field{.name = "description"},
    Field{.name = "secret"},
    kStatus};
constexpr std::array kListFields = {Field{.name = "max_results", .type = Type::kInt64},
                                    Field{.name = "page_token"}};
constexpr std::array kIdFields = {Field{.name = "webhook_id"}};
constexpr std::array kUpdateFields = {
    Field{.name = "webhook_id"},
    Field{.name = "name"},
    Field{.name = "description"},
    Field{.name = "url"},
    Field{.name = "events", .type = Type::kMessage, .count = Count::kMany, .message = &kEvent},
    Field{.name = "secret"},
    kStatus};
constexpr std::array kTestFields = {Field{.name = "webhook_id"},
                                    Field{.name = "event", .type = Type::kMessage, .message = &kEvent}};

const Message kCreateWebhook{.name = "CreateWebhook", .fields = kCreateFields};
const Message kListWebhooks{.name = "ListWebhooks", .fields = kListFields};
const Message kWebhookId{.name = "GetWebhook", .fields = kIdFields};
const Message kUpdateWebhook{.name = "UpdateWebhook", .fields = kUpdateFields};
const Message kTestWebhook{.name = "TestWebhook", .fields = kTestFields};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

registry::WebhookEvent event_of(const Fields& event) {
  return {.entity = to_lower(event.text("entity")), .action = to_lower(event.text("action"))};
}

std::vector<registry::WebhookEvent> events_of(const Call& call) {
  std::vector<registry::WebhookEvent> events;
  for (const Fields& event : call.in.messages("events")) events.push_back(event_of(event));
  return events;
}

std::optional<std::string> optional_text(const Call& call, std::string_view name) {
  if (!call.in.has(name)) return std::nullopt;
  return std::string(call.in.text(name));
}

// What MLflow takes an empty text for is not there.
std::optional<std::string> filled_text(const Call& call, std::string_view name) {
  if (call.in.text(name).empty()) return std::nullopt;
  return std::string(call.in.text(name));
}

// The secret stays out of it.
void write_webhook(JsonWriter& json, const registry::Webhook& webhook) {
  json.begin_object().field("webhook_id", webhook.id).field("name", webhook.name).field("url", webhook.url);
  json.key("events").begin_array();
  for (const registry::WebhookEvent& event : webhook.events) {
    json.begin_object()
        .field("entity", upper(event.entity))
        .field("action", upper(event.action))
        .end_object();
  }
  json.end_array();
  std::string description = webhook.description.value_or("");
  if (!description.empty()) json.field("description", description);
  json.field("status", webhook.active ? "ACTIVE" : "DISABLED");
  json.field("creation_timestamp", webhook.created_at.us / 1000);
  json.field("last_updated_timestamp", webhook.updated_at.us / 1000).end_object();
}

std::string webhook_answer(const registry::Webhook& webhook) {
  JsonWriter json;
  json.begin_object().key("webhook");
  write_webhook(json, webhook);
  return json.end_object().take();
}

std::string id_of(const Call& call) { return std::string(call.request.param("webhook_id")); }

Answer create_webhook(Services& services, const Call& call) {
  registry::Webhook webhook{.name = std::string(call.in.text("name")),
                            .description = filled_text(call, "description"),
                            .url = std::string(call.in.text("url")),
                            .secret = std::string(call.in.text("secret")),
                            .active = call.in.text("status", "ACTIVE") == "ACTIVE",
                            .events = events_of(call)};
  ASSIGN_OR_CO_RETURN(auto made, co_await services.webhooks.create(std::move(webhook)));
  co_return webhook_answer(made);
}

Answer list_webhooks(Services& services, const Call& call) {
  int64_t results_max = call.in.integer("max_results");
  ASSIGN_OR_CO_RETURN(auto page, co_await services.webhooks.list(results_max == 0 ? kPage : results_max,
                                                                 std::string(call.in.text("page_token"))));
  JsonWriter json;
  json.begin_object();
  if (!page.webhooks.empty()) {
    json.key("webhooks").begin_array();
    for (const registry::Webhook& webhook : page.webhooks) write_webhook(json, webhook);
    json.end_array();
  }
  if (!page.next_token.empty()) json.field("next_page_token", page.next_token);
  co_return json.end_object().take();
}

Answer get_webhook(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto webhook, co_await services.webhooks.get(id_of(call)));
  co_return webhook_answer(webhook);
}

Answer update_webhook(Services& services, const Call& call) {
  registry::WebhookChange change{.name = filled_text(call, "name"),
                                 .description = optional_text(call, "description"),
                                 .url = filled_text(call, "url"),
                                 .secret = optional_text(call, "secret"),
                                 .events = events_of(call)};
  if (call.in.has("status")) change.active = call.in.text("status") == "ACTIVE";
  ASSIGN_OR_CO_RETURN(auto webhook, co_await services.webhooks.update(id_of(call), std::move(change)));
  co_return webhook_answer(webhook);
}

Answer delete_webhook(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.webhooks.remove(id_of(call)));
  co_return "{}";
}

Answer test_webhook(Services& services, const Call& call) {
  std::optional<registry::WebhookEvent> event;
  if (auto given = call.in.message("event")) event = event_of(*given);
  ASSIGN_OR_CO_RETURN(auto outcome, co_await services.webhooks.test(id_of(call), std::move(event)));
  JsonWriter json;
  json.begin_object().key("result").begin_object().field("success", outcome.success);
  if (outcome.status > 0) json.field("response_status", outcome.status).field("response_body", outcome.body);
  if (!outcome.error.empty()) json.field("error_message", outcome.error);
  co_return json.end_object().end_object().take();
}

#define PENSTOCK_WEBHOOK "2.0/mlflow/webhooks/{webhook_id}"
const std::array<Route<Services>, 6> kRoutes = {{
    {.method = "POST",
     .path = "2.0/mlflow/webhooks",
     .message = &kCreateWebhook,
     .needs = kManage,
     .answer = create_webhook},
    {.method = "GET",
     .path = "2.0/mlflow/webhooks",
     .message = &kListWebhooks,
     .needs = kRead,
     .answer = list_webhooks},
    {.method = "GET",
     .path = PENSTOCK_WEBHOOK,
     .message = &kWebhookId,
     .needs = kRead,
     .answer = get_webhook},
    {.method = "PATCH",
     .path = PENSTOCK_WEBHOOK,
     .message = &kUpdateWebhook,
     .needs = kManage,
     .answer = update_webhook},
    {.method = "DELETE",
     .path = PENSTOCK_WEBHOOK,
     .message = &kWebhookId,
     .needs = kManage,
     .answer = delete_webhook},
    {.method = "POST",
     .path = PENSTOCK_WEBHOOK "/test",
     .message = &kTestWebhook,
     .needs = kManage,
     .answer = test_webhook},
}};
#undef PENSTOCK_WEBHOOK

}  // namespace

void add_webhook_routes(Contract contract, WebhookServices& services) {
  add_routes<Services>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
