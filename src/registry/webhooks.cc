#include "registry/webhooks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/hmac.h"
#include "core/log.h"
#include "core/page_token.h"
#include "core/public_address.h"
#include "core/random.h"
#include "core/text.h"
#include "core/uuid.h"
#include "registry/among.h"
#include "registry/model_rules.h"
#include "registry/model_source.h"

namespace penstock::registry {
namespace {

using database::Connection;

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kDuePerRound = 32;
constexpr int64_t kTakenForUs = 120 * kSecondUs;  // longer than one try takes
constexpr int64_t kLookEveryMs = 30'000;
constexpr int64_t kAfterFailureMs = 5'000;
constexpr size_t kAnswerBytesMax = 64 << 10;
constexpr size_t kUrlBytesMax = 2'048;
constexpr size_t kSecretBytesMax = 1'000;
constexpr size_t kNameBytesMax = 63;
constexpr HttpTimeouts kTimeouts{
    .connect_ms = 10'000, .first_byte_ms = 30'000, .idle_ms = 10'000, .total_ms = 45'000};
constexpr std::array<int, 5> kTryAgain = {429, 500, 502, 503, 504};

const std::array<WebhookTopic, 9> kTopics = {{
    {"registered_model", {"created"}},
    {"model_version", {"created"}},
    {"model_version_tag", {"deleted", "set"}},
    {"model_version_alias", {"created", "deleted"}},
    {"prompt", {"created"}},
    {"prompt_version", {"created"}},
    {"prompt_tag", {"deleted", "set"}},
    {"prompt_version_tag", {"deleted", "set"}},
    {"prompt_alias", {"created", "deleted"}},
}};

Error not_found(const std::string& id) { return Error::not_found("Webhook with ID " + id + " not found."); }

Result<void> check_event(const WebhookEvent& event) {
  auto topic = std::ranges::find(kTopics, event.entity, &WebhookTopic::entity);
  if (topic == kTopics.end()) {
    return Failure(Error::invalid("events", "'" + event.entity + "' is not a valid WebhookEntity"));
  }
  if (is_among(topic->actions, event.action)) return {};
  std::string list;
  for (std::string_view action : topic->actions)
    list.append(list.empty() ? "'" : ", '").append(action).append("'");
  return Failure(Error::invalid("events", "Invalid action '" + event.action + "' for entity '" +
                                              event.entity + "'. Valid actions are: [" + list + "]"));
}

Result<void> check_name(const std::string& name) {
  auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  auto fits = [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; };
  bool good = !name.empty() && name.size() <= kNameBytesMax && is_word(name.front()) &&
              is_word(name.back()) && std::ranges::all_of(name, fits);
  if (good) return {};
  return Failure(
      Error::invalid("name", "Webhook name " + python_quoted(name) +
                                 " is invalid. It must start and end with a letter or digit, be less "
                                 "than 63 characters long, and contain only letters, digits, dots (.), "
                                 "underscores (_), and hyphens (-)."));
}

Result<void> check_url(const std::string& url, const WebhookRules& rules) {
  if (trim(url).empty()) {
    return Failure(
        Error::invalid("url", "Webhook URL cannot be empty or just whitespace: " + python_quoted(url)));
  }
  UriParts parts = uri_parts(url);
  if (parts.scheme != "https" && !(rules.allow_http && parts.scheme == "http")) {
    return Failure(Error::invalid("url", "Invalid webhook URL scheme: " + python_quoted(parts.scheme) +
                                             ". Allowed schemes are: https" +
                                             (rules.allow_http ? ", http." : ".")));
  }
  if (parts.authority.empty()) {
    return Failure(Error::invalid("url", "Webhook URL must include a hostname: " + python_quoted(url)));
  }
  if (url.size() > kUrlBytesMax) {
    return Failure(Error::invalid("url", "'url' exceeds the maximum length of 2048 characters"));
  }
  auto target = std::string_view(url).find_first_of("?#");
  auto endpoint = Endpoint::parse(std::string_view(url).substr(0, target));
  if (!endpoint) {
    return Failure(
        Error::invalid("url", "Invalid webhook URL " + python_quoted(url) + ": " + endpoint.error().message));
  }
  // Names are looked up when a message is sent: only the address that is connected to counts.
  bool numeric = is_ip_address(endpoint->host) ||
                 endpoint->host.find_first_not_of("0123456789.xabcdefABCDEF") == std::string::npos;
  bool here = equals_ignoring_case(endpoint->host, "localhost");
  if (rules.allow_private || !(numeric || here) || is_public_address(endpoint->host)) return {};
  return Failure(Error::invalid("url", "Webhook URL must not resolve to a non-public IP address. " +
                                           python_quoted(endpoint->host) + " resolves to " +
                                           (here ? "127.0.0.1" : endpoint->host) + "."));
}

// Where a URL is called: the endpoint, and the target that it asks there.
struct Target {
  Endpoint endpoint;
  std::string path;
};
Result<Target> target_of(const std::string& url) {
  UriParts parts = uri_parts(url);
  ASSIGN_OR_RETURN(Endpoint endpoint, Endpoint::parse(parts.scheme + "://" + std::string(parts.authority)));
  size_t path = url.find('/', url.find("://") + 3);
  std::string target = path == std::string::npos ? "" : url.substr(path);
  size_t query = url.find('?');
  if (path == std::string::npos && query != std::string::npos) target = url.substr(query);
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) target.insert(0, "/");
  return Target{.endpoint = std::move(endpoint), .path = std::move(target)};
}

std::string signature(const Delivery& delivery, std::string_view time) {
  std::string text = delivery.delivery_id + "." + std::string(time) + "." + delivery.payload;
  return "v1," + base64(hmac_sha256(std::as_bytes(std::span(delivery.secret)), text));
}

}  // namespace

std::span<const WebhookTopic> webhook_topics() { return kTopics; }

Webhooks::Webhooks(database::Database& database, HttpClient& client, WebhookRules rules, const Clock& clock)
    : database_(database), client_(client), rules_(rules), clock_(clock) {}

Result<void> Webhooks::check(const Webhook& webhook) const {
  RETURN_IF_ERROR(check_name(webhook.name));
  RETURN_IF_ERROR(check_url(webhook.url, rules_));
  if (webhook.events.empty()) {
    return Failure(
        Error::invalid("events", "Webhook events must be a non-empty list of WebhookEvent objects: []."));
  }
  for (const WebhookEvent& event : webhook.events) RETURN_IF_ERROR(check_event(event));
  RETURN_IF_ERROR(check_length("secret", webhook.secret, kSecretBytesMax));
  return check_length("description", webhook.description.value_or(""), kDescriptionCharactersMax);
}

Task<Result<Webhook>> Webhooks::create(Webhook webhook) {
  CO_RETURN_IF_ERROR(check(webhook));
  webhook.id = Uuid::v7(clock_, system_random()).text();
  webhook.created_at = webhook.updated_at = clock_.now();
  auto work = [webhook](Connection& connection) -> Result<Webhook> {
    RETURN_IF_ERROR(insert_webhook(connection, webhook));
    return webhook;
  };
  co_return co_await database_.write<Webhook>(std::move(work));
}

Task<Result<Webhook>> Webhooks::get(std::string id) {
  auto work = [id = std::move(id)](Connection& connection) -> Result<Webhook> {
    ASSIGN_OR_RETURN(auto found, find_webhook(connection, id));
    if (!found) return Failure(not_found(id));
    return *std::move(found);
  };
  co_return co_await database_.read<Webhook>(std::move(work));
}

Task<Result<WebhookPage>> Webhooks::list(int64_t results_max, std::string page_token) {
  if (results_max < 1 || results_max > kPageMax) {
    co_return Failure(Error::invalid("max_results", "max_results must be between 1 and 1000."));
  }
  int64_t offset = 0;
  if (!page_token.empty()) {
    ASSIGN_OR_CO_RETURN(JsonArray keys, read_page_token(page_token, 1));
    offset = keys[0].is_int64() ? std::max<int64_t>(keys[0].get_int64(), 0) : 0;
  }
  auto work = [=](Connection& connection) -> Result<WebhookPage> {
    WebhookPage page;
    ASSIGN_OR_RETURN(page.webhooks, list_webhooks(connection, offset, results_max + 1));
    if (page.webhooks.size() <= static_cast<size_t>(results_max)) return page;
    page.webhooks.pop_back();
    page.next_token = make_page_token(JsonArray{Json(offset + results_max)});
    return page;
  };
  co_return co_await database_.read<WebhookPage>(std::move(work));
}

Task<Result<Webhook>> Webhooks::update(std::string id, WebhookChange change) {
  Timestamp now = clock_.now();
  auto work = [=, this](Connection& connection) -> Result<Webhook> {
    ASSIGN_OR_RETURN(auto found, find_webhook(connection, id));
    if (!found) return Failure(not_found(id));
    Webhook webhook = *std::move(found);
    if (change.name) webhook.name = *change.name;
    if (change.description) webhook.description = *change.description;
    if (change.url) webhook.url = *change.url;
    if (change.secret) webhook.secret = *change.secret;
    if (change.active) webhook.active = *change.active;
    if (!change.events.empty()) webhook.events = change.events;
    webhook.updated_at = now;
    RETURN_IF_ERROR(check(webhook));
    RETURN_IF_ERROR(update_webhook(connection, webhook));
    return webhook;
  };
  co_return co_await database_.write<Webhook>(std::move(work));
}

Task<Result<void>> Webhooks::remove(std::string id) {
  auto work = [id = std::move(id)](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(auto found, find_webhook(connection, id));
    if (!found) return Failure(not_found(id));
    return delete_webhook(connection, id);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<WebhookTest>> Webhooks::test(std::string id, std::optional<WebhookEvent> event) {
  ASSIGN_OR_CO_RETURN(Webhook webhook, co_await get(std::move(id)));
  if (event) CO_RETURN_IF_ERROR(check_event(*event));
  const WebhookEvent& chosen = event ? *event : webhook.events.front();
  constexpr std::string_view kExample =
      R"({"name":"example","version":"1","key":"example","value":"example"})";
  Delivery delivery{.delivery_id = Uuid::v7(clock_, system_random()).text(),
                    .url = webhook.url,
                    .secret = webhook.secret,
                    .payload = webhook_payload(chosen, kExample, clock_.now())};
  auto sent = co_await send(delivery);
  if (sent) co_return sent;
  co_return WebhookTest{.error = "Failed to test webhook: " + sent.error().message};
}

Task<Result<WebhookTest>> Webhooks::send(const Delivery& delivery) {
  CO_RETURN_IF_ERROR(check_url(delivery.url, rules_));  // the rules may have changed since
  ASSIGN_OR_CO_RETURN(Target target, target_of(delivery.url));
  std::string time = std::to_string(clock_.now().us / kSecondUs);
  Headers headers = {{"content-type", "application/json"},
                     {"x-mlflow-delivery-id", delivery.delivery_id},
                     {"x-mlflow-timestamp", time}};
  if (!delivery.secret.empty()) headers.add("x-mlflow-signature", signature(delivery, time));
  HttpCall call{.method = "POST",
                .target = target.path,
                .headers = std::move(headers),
                .body = delivery.payload,
                .timeouts = kTimeouts};
  ASSIGN_OR_CO_RETURN(auto answer, co_await client_.send(target.endpoint, std::move(call)));
  WebhookTest outcome{.status = answer->head().status};
  outcome.success = outcome.status < 400;
  auto body = co_await read_all(*answer, kAnswerBytesMax);
  if (body) outcome.body = std::move(*body);
  co_return outcome;
}

Task<Result<void>> Webhooks::settle(const Delivery& delivery, const Result<WebhookTest>& outcome) {
  bool refused = !outcome && (outcome.error().code == ErrorCode::kPermissionDenied ||
                              outcome.error().code == ErrorCode::kInvalidArgument);
  bool again = !refused && (!outcome || is_among(kTryAgain, outcome->status));
  bool last = again && delivery.tries >= kTriesMax;
  if (!outcome || outcome->status >= 400) {
    std::string why = outcome ? "status " + std::to_string(outcome->status) : outcome.error().message;
    log_warn(again && !last ? "a webhook did not take a message; it is sent again"
                            : "a webhook's message is dropped",
             {{"delivery", delivery.delivery_id}, {"tries", delivery.tries}, {"why", why}});
  }
  Timestamp due{clock_.now().us + (kSecondUs << std::min<int64_t>(delivery.tries - 1, 6))};
  bool put_back = again && !last;
  auto work = [id = delivery.id, due, put_back](Connection& connection) {
    return put_back ? put_off(connection, id, due) : finish_delivery(connection, id);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Task<Result<int64_t>> Webhooks::send_due() {
  Timestamp now = clock_.now();
  Timestamp taken_until{now.us + kTakenForUs};
  // Nothing is written where nothing waits.
  ASSIGN_OR_CO_RETURN(auto due, co_await database_.read<std::optional<Timestamp>>(
                                    [](Connection& connection) { return next_due(connection); }));
  if (!due || *due > now) co_return 0;
  auto take = [=](Connection& connection) { return take_due(connection, now, taken_until, kDuePerRound); };
  ASSIGN_OR_CO_RETURN(auto deliveries, co_await database_.write<std::vector<Delivery>>(take));
  for (const Delivery& delivery : deliveries) {
    if (stopping_) break;
    auto outcome = co_await send(delivery);
    CO_RETURN_IF_ERROR(co_await settle(delivery, outcome));
  }
  co_return static_cast<int64_t>(deliveries.size());
}

Task<> Webhooks::run() {
  while (!stopping_) {
    auto sent = co_await send_due();
    if (!sent) log_warn("webhooks could not be sent", {{"error", sent.error().message}});
    if (sent && *sent > 0) continue;
    int64_t wait_ms = sent ? kLookEveryMs : kAfterFailureMs;
    auto due = co_await database_.read<std::optional<Timestamp>>(
        [](Connection& connection) { return next_due(connection); });
    if (sent && due && *due)
      wait_ms = std::clamp<int64_t>(((*due)->us - clock_.now().us) / 1'000 + 1, 1, kLookEveryMs);
    if (!stopping_) co_await wakeup_.wait(wait_ms);
  }
}

void Webhooks::stop() {
  stopping_ = true;
  wakeup_.notify();
}

}  // namespace penstock::registry
