#include "gateway/exchange.h"

#include <algorithm>

#include "core/json_writer.h"
#include "core/log.h"
#include "core/text.h"
#include "http/error_shape.h"

namespace penstock::gateway {
namespace {

constexpr size_t kAnswerBytesMax = 64 << 20;
constexpr size_t kRefusalBytesMax = 1 << 20;
constexpr size_t kMessageShownMax = 500;
constexpr int kClientClosed = 499;
constexpr int kStarting = 503;  // what an engine says while it loads its model
constexpr int64_t kEngineWaitMs = 15'000;
constexpr int64_t kEngineAskAgainMs = 100;

// Headers of an upstream's answer that clients read; everything else stays behind.
bool passes(std::string_view name) {
  constexpr std::string_view kNames[] = {"content-type", "retry-after", "retry-after-ms", "x-should-retry",
                                         "cache-control"};
  std::string lower = to_lower(name);
  if (lower.starts_with("x-ratelimit-") || lower.starts_with("openai-")) return true;
  return std::ranges::find(kNames, lower) != std::end(kNames);
}

Error upstream_error(std::string message, std::string reason) {
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message), .reason = std::move(reason)};
}

// {"include_usage":true} added to what the client gave, so that a stream tells its tokens.
std::string with_usage(const JsonFields& fields) {
  std::string_view given = fields.raw("stream_options");
  if (!given.starts_with('{')) return R"({"include_usage":true})";
  auto options = JsonFields::of_valid(given);
  if (!options) return R"({"include_usage":true})";
  return json_with(given, *options, "include_usage", "true");
}

}  // namespace

Exchange::Exchange(const Gateway& gateway, Call& call, ResponseStream& out)
    : gateway_(gateway), call_(call), out_(out) {
  const GatewayServices& services = gateway.services();
  int64_t since_arrival = services.clock.monotonic_us() - call.arrived_us;
  record_.id = Uuid::v7(services.clock, services.random);
  record_.started_at = {services.clock.now().us - since_arrival};
  record_.endpoint = call.endpoint;
  record_.model = call.model;
  record_.stream = call.stream;
  record_.feature = call.feature;
  record_.user = call.user;
  record_.metadata = call.metadata;
  if (gateway.config().record_bodies) {
    record_.input = utf8_prefix(call.body, static_cast<size_t>(gateway.config().body_bytes_max));
    record_.input_truncated = record_.input.size() < call.body.size();
  }
}

Task<> Exchange::run() {
  Result<void> outcome = co_await exchange();
  if (!outcome) co_await answer_error(std::move(outcome).error());
}

Task<> Exchange::answer_error(Error error) {
  Response response = call_.errors.answer(error);
  note_error(error, response.head.status);
  if (Result<void> settled = co_await settle(); !settled) response = call_.errors.answer(settled.error());
  response.head.headers.set("x-request-id", record_.id.text());
  co_await out_.send(std::move(response));
}

Task<Result<void>> Exchange::exchange() {
  CO_RETURN_IF_ERROR(gateway_.recording().admit(call_.arrived_us));
  route_ = gateway_.routes().find(call_.model);
  if (route_ == nullptr) co_return Failure(unknown_model(call_.model));
  upstream_model_ = route_->upstream_model.empty() ? call_.model : route_->upstream_model;
  record_.route = route_->name;
  record_.upstream = route_->upstream->name;
  record_.upstream_model = upstream_model_;
  record_.model_version = route_->upstream->model_version;
  drain_timer_.emplace(co_await current_executor());
  watch_client();

  ASSIGN_OR_CO_RETURN(std::unique_ptr<HttpAnswer> answer, co_await call_upstream());
  record_.upstream_request_id = answer->head().headers.get("x-request-id");
  int status = answer->head().status;
  if (status >= 400) co_return co_await answer_refusal(*answer);
  if (status != 200) {
    co_return Failure(
        upstream_error("the upstream answered with status " + std::to_string(status), "upstream_status"));
  }
  if (call_.stream) co_return co_await answer_stream(*answer);
  co_return co_await answer_whole(*answer);
}

// An engine that is being started again answers in a moment, so its callers wait for it; others are told at
// once.
Task<Result<std::unique_ptr<HttpAnswer>>> Exchange::call_upstream() {
  std::string_view body = upstream_body();
  int64_t began_us = gateway_.services().clock.monotonic_us();
  int64_t attempts_max = route_->upstream->is_engine() ? kEngineWaitMs / kEngineAskAgainMs : 1;
  for (int64_t attempt = 1;; ++attempt) {
    HttpCall request{.method = "POST",
                     .target = call_.upstream_path,
                     .headers = upstream_headers(),
                     .body = body,
                     .timeouts = route_->timeouts,
                     .cancel = upstream_cancel_.token()};
    auto answer = co_await gateway_.services().client.send(route_->upstream->endpoint, std::move(request));
    bool starting =
        answer ? (*answer)->head().status == kStarting : answer.error().code == ErrorCode::kUnavailable;
    if (!starting || attempt >= attempts_max || upstream_cancel_.cancelled()) {
      upstream_wait_us_ += gateway_.services().clock.monotonic_us() - began_us;
      co_return answer;
    }
    co_await sleep_ms(kEngineAskAgainMs);
  }
}

std::string_view Exchange::upstream_body() {
  bool renamed = upstream_model_ != call_.model;
  bool asks_for_usage = call_.stream && !call_.usage_asked;
  std::string_view body = call_.body;
  if (renamed) {
    patched_body_ = json_with(body, call_.fields, "model", json_quoted(upstream_model_));
    body = patched_body_;
  }
  if (!asks_for_usage) return body;
  if (!renamed) {
    patched_body_ = json_with(body, call_.fields, "stream_options", with_usage(call_.fields));
  } else if (auto fields = JsonFields::of_valid(body)) {
    patched_body_ = json_with(body, *fields, "stream_options", with_usage(*fields));
  }
  return patched_body_;
}

Headers Exchange::upstream_headers() const {
  Headers headers{{"content-type", "application/json"},
                  {"accept", call_.stream ? "text/event-stream" : "application/json"},
                  {"user-agent", "penstock"},
                  {"x-request-id", record_.id.text()}};
  std::string_view key = route_->upstream->next_key();
  if (!key.empty()) headers.add("authorization", "Bearer " + std::string(key));
  return headers;
}

Task<Result<void>> Exchange::answer_refusal(HttpAnswer& answer) {
  int status = answer.head().status;
  if (status == 401 || status == 402 || status == 403) {
    // The client's own key is fine: it must not hear of ours.
    co_return Failure(upstream_error(
        "the upstream refused the gateway's credentials (status " + std::to_string(status) + ")",
        "upstream_credentials_refused"));
  }
  ASSIGN_OR_CO_RETURN(std::string body, co_await read_all(answer, kRefusalBytesMax));
  auto fields = JsonFields::parse(body, "the upstream's error");
  if (!fields || !fields->has("error")) {
    co_return Failure(upstream_error(
        "the upstream answered with status " + std::to_string(status) + " and no readable error",
        "upstream_status"));
  }
  Error seen = upstream_error(std::string(fields->raw("error").substr(0, kMessageShownMax)), "");
  note_error(seen, status);
  CO_RETURN_IF_ERROR(co_await settle());
  Response response{answer_head(answer.head()), std::move(body)};
  co_await out_.send(std::move(response));
  co_return Result<void>{};
}

Task<Result<void>> Exchange::answer_whole(HttpAnswer& answer) {
  int64_t began_us = gateway_.services().clock.monotonic_us();
  ASSIGN_OR_CO_RETURN(std::string body, co_await read_all(answer, kAnswerBytesMax));
  upstream_wait_us_ += gateway_.services().clock.monotonic_us() - began_us;
  ASSIGN_OR_CO_RETURN(providers::AnswerFacts facts, providers::read_openai_answer(body));
  record_.status = 200;
  record_.first_token_at = gateway_.services().clock.now();
  record_.finish_reason = facts.finish_reason;
  if (facts.tokens) record_.tokens = *facts.tokens;
  if (gateway_.config().record_bodies) {
    record_.output_truncated = facts.output.size() > static_cast<size_t>(gateway_.config().body_bytes_max);
    if (!record_.output_truncated) record_.output = std::move(facts.output);
  }
  CO_RETURN_IF_ERROR(co_await settle());
  Response response{answer_head(answer.head()), std::move(body)};
  co_await out_.send(std::move(response));
  co_return Result<void>{};
}

ResponseHead Exchange::answer_head(const ResponseHead& upstream) const {
  ResponseHead head{.status = upstream.status, .headers = {}};
  for (const auto& [name, value] : upstream.headers) {
    if (passes(name)) head.headers.add(name, value);
  }
  head.headers.set("x-request-id", record_.id.text());
  if (!record_.upstream_request_id.empty()) {
    head.headers.set("x-penstock-upstream-request-id", record_.upstream_request_id);
  }
  int64_t overhead_us = gateway_.services().clock.monotonic_us() - call_.arrived_us - upstream_wait_us_;
  head.headers.set("x-penstock-overhead-us", std::to_string(overhead_us));
  return head;
}

void Exchange::watch_client() {
  client_watch_ = out_.disconnected().on_cancel([this] {
    record_.client_disconnected = true;
    int64_t drain_ms = route_->upstream->is_engine() ? 0 : gateway_.config().drain_ms;
    if (drain_ms == 0) {
      upstream_cancel_.cancel();
    } else {
      drain_timer_->start(drain_ms, [this] { upstream_cancel_.cancel(); });
    }
  });
}

void Exchange::note_error(const Error& error, int status) {
  record_.status =
      record_.client_disconnected && error.code == ErrorCode::kCancelled ? kClientClosed : status;
  record_.error_code = error.reason.empty() ? error_code_name(error.code) : std::string_view(error.reason);
  record_.error_message = error.message;
}

void Exchange::price() {
  if (record_.tokens.source == TokenSource::kNone) return;
  if (auto price = gateway_.routes().price(upstream_model_)) record_.cost = cost_of(record_.tokens, *price);
}

Task<Result<void>> Exchange::settle() {
  client_watch_ = {};
  if (recorded_) co_return Result<void>{};
  price();
  record_.ended_at = gateway_.services().clock.now();
  auto position = gateway_.services().log.write(record_);
  recorded_ = position.has_value();
  if (position && gateway_.services().durability == Durability::kStrict) {
    CO_RETURN_IF_ERROR(co_await gateway_.services().log.durable(*position));
  }
  if (position) {
    gateway_.recording().succeeded();
    co_return Result<void>{};
  }
  gateway_.recording().failed(position.error(), call_.arrived_us);
  log_error("a request could not be recorded",
            {{"id", record_.id.text()}, {"error", position.error().message}});
  Error error = std::move(position).error();
  error.message = "the answer cannot be recorded, so it is not given: " + error.message;
  co_return Failure(std::move(error));
}

}  // namespace penstock::gateway
