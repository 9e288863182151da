#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/result.h"
#include "core/task.h"
#include "core/wakeup.h"
#include "registry/webhook_store.h"
#include "storage/database/database.h"

namespace penstock::registry {

// Where webhooks may go. The client that sends them refuses private addresses by itself unless it was made
// otherwise; this is what can be said when one is made.
struct WebhookRules {
  bool allow_private = false;  // addresses of private networks and of this machine
  bool allow_http = false;     // without TLS
};

// What may be told of: entities with their actions, as MLflow names them in its API ("REGISTERED_MODEL").
struct WebhookTopic {
  std::string_view entity;
  std::vector<std::string_view> actions;
};
std::span<const WebhookTopic> webhook_topics();

struct WebhookChange {
  std::optional<std::string> name{};
  std::optional<std::string> description{};
  std::optional<std::string> url{};
  std::optional<std::string> secret{};
  std::optional<bool> active{};
  std::vector<WebhookEvent> events{};  // empty: as they are
};

struct WebhookTest {
  bool success = false;
  int status = 0;  // 0: there was no answer
  std::string body;
  std::string error;
};

struct WebhookPage {
  std::vector<Webhook> webhooks;
  std::string next_token;
};

// Who is told of changes of the registry: made, changed, tried, and the messages sent. A message is
// {"entity", "action", "timestamp", "data"}, signed as Standard Webhooks are: X-MLflow-Signature is "v1," and
// the base64 of HMAC-SHA-256(secret, "<X-MLflow-Delivery-Id>.<X-MLflow-Timestamp>.<body>").
//
// Messages lie in the database until somebody has taken them: an answer of 429, 500, 502, 503, 504 or none is
// tried again after 1, 2, 4 and 8 s; then the message is dropped and logged. All else is final. Words its
// errors as MLflow 3.17.2 does. Thread-safe; everything else must outlive it.
class Webhooks {
 public:
  static constexpr int64_t kTriesMax = 5;
  static constexpr int64_t kPageMax = 1'000;

  Webhooks(database::Database& database, HttpClient& client, WebhookRules rules,
           const Clock& clock = system_clock());

  Task<Result<Webhook>> create(Webhook webhook);
  Task<Result<Webhook>> get(std::string id);
  Task<Result<WebhookPage>> list(int64_t results_max, std::string page_token);
  Task<Result<Webhook>> update(std::string id, WebhookChange change);
  Task<Result<void>> remove(std::string id);
  // Sends an example at once, on the caller's loop.
  Task<Result<WebhookTest>> test(std::string id, std::optional<WebhookEvent> event);

  // There is something to send. Thread-safe, quick.
  void wake() { wakeup_.notify(); }
  // Sends what is due until stop(): for a task group.
  Task<> run();
  void stop();
  // One round of sending; how many messages were tried.
  Task<Result<int64_t>> send_due();

 private:
  Result<void> check(const Webhook& webhook) const;
  Task<Result<WebhookTest>> send(const Delivery& delivery);
  Task<Result<void>> settle(const Delivery& delivery, const Result<WebhookTest>& outcome);

  database::Database& database_;
  HttpClient& client_;
  WebhookRules rules_;
  const Clock& clock_;
  Wakeup wakeup_;
  std::atomic<bool> stopping_{false};
};

}  // namespace penstock::registry
