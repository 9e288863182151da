#include "gateway/attempt.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace penstock::gateway {
namespace {

constexpr size_t kAnswerBytesMax = 64 << 20;
constexpr size_t kRefusalBytesMax = 1 << 20;
constexpr int kStarting = 503;  // what an engine says while it loads its model
constexpr int64_t kEngineWaitUs = 15'000'000;
constexpr int64_t kEngineAskAgainMs = 100;
constexpr int64_t kKeyRestUs = 60'000'000;  // of a key that was refused
constexpr int64_t kRateLimitedRestUs =
    1'000'000;  // of a key that was too quick, unless the provider says more
constexpr int64_t kKeyRestMaxUs = 600'000'000;

Error upstream_error(std::string message, std::string reason) {
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message), .reason = std::move(reason)};
}

// Of an answer with this status, where its words say nothing.
FailureCause cause_of_status(int status) {
  if (status == 401 || status == 402 || status == 403) return FailureCause::kCredentials;
  if (status == 429) return FailureCause::kRateLimited;
  if (status == 408) return FailureCause::kTimeout;
  return status >= 500 ? FailureCause::kServer : FailureCause::kRefused;
}

// retry-after-ms, else retry-after in seconds (RFC 9110 §10.2.3; the form of a date is not used by
// providers).
int64_t retry_after_ms(const Headers& headers) {
  constexpr double kMsMax = 86'400'000;
  auto ms = parse_number(headers.get("retry-after-ms"));
  if (!ms) {
    ms = parse_number(headers.get("retry-after"));
    if (ms) *ms *= 1'000;
  }
  return ms && *ms > 0 ? static_cast<int64_t>(std::min(*ms, kMsMax)) : 0;
}

}  // namespace

Attempt::Attempt(const AttemptContext& context, const TryPlan::Step& step)
    : context_(context),
      route_(step.route),
      target_(step.target),
      pass_(step.pass),
      upstream_model_(step.target->model(context.call.model)),
      began_us_(context.clock.monotonic_us()) {
  target_->state->in_flight.fetch_add(1, std::memory_order_relaxed);
}

Attempt::~Attempt() {
  target_->state->in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (pass_ != BreakerPass::kNone) target_->state->breaker.abandoned(pass_);
}

int64_t Attempt::duration_ms() const { return (context_.clock.monotonic_us() - began_us_) / 1'000; }

// Anthropic calls it request-id.
std::string_view Attempt::upstream_request_id() const {
  if (!answer_) return {};
  std::string_view id = answer_->head().headers.get("x-request-id");
  return id.empty() ? answer_->head().headers.get("request-id") : id;
}

bool Attempt::has_another_key() const {
  const KeyRing& keys = target_->upstream->keys;
  return keys.size() > 1 && keys.rests_until_us(context_.clock.monotonic_us()) == 0;
}

Task<Attempt::Outcome> Attempt::begin() {
  const Upstream& upstream = *target_->upstream;
  auto request = providers::prepare_request(*upstream.type, context_.call.operation, context_.call.body,
                                            context_.call.fields, upstream_model_, upstream.options);
  if (!request) {
    bool absent = request.error().code == ErrorCode::kNotImplemented;
    co_return std::unexpected(
        AttemptFailure{.cause = absent ? FailureCause::kUnsupported : FailureCause::kRefused,
                       .error = std::move(request).error()});
  }
  sent_body_ = std::move(request->body);
  dropped_ = std::move(request->dropped);
  if (context_.call.stream && route_->config.timeouts.ttft_ms > 0) {
    ttft_timer_.emplace(co_await current_executor());
    ttft_timer_->start(route_->config.timeouts.ttft_ms, [this] {
      ttft_passed_ = true;
      cancel_.cancel();
    });
  }
  Outcome outcome = co_await try_once();
  if (ttft_timer_) ttft_timer_->cancel();
  report(outcome);
  co_return outcome;
}

Task<Attempt::Outcome> Attempt::try_once() {
  if (Outcome sent = co_await send(); !sent) co_return sent;
  int status = answer_->head().status;
  if (status >= 400) co_return co_await read_refusal();
  if (status != 200) {
    co_return std::unexpected(failure(
        upstream_error("the upstream answered with status " + std::to_string(status), "upstream_status")));
  }
  if (context_.call.stream) co_return co_await read_until_content();
  co_return co_await read_whole();
}

// An engine that is being started again answers in a moment, so its callers wait for it; others are told at
// once.
Task<Attempt::Outcome> Attempt::send() {
  const Upstream& upstream = *target_->upstream;
  int64_t now_us = context_.clock.monotonic_us();
  int64_t give_up_us = upstream.is_engine() ? now_us + kEngineWaitUs : now_us;
  if (!upstream.keys.empty()) key_ = std::max(0, upstream.keys.next(now_us));
  providers::WireTarget wire =
      providers::wire_target(*upstream.type, context_.call.operation, upstream_model_,
                             key_ < 0 ? std::string_view{} : upstream.keys.secret(key_), upstream.options);
  if (context_.call.headers != nullptr) {
    providers::keep_client_version(wire, *upstream.type, context_.call.operation, *context_.call.headers);
  }
  wire.headers.add("content-type", "application/json");
  wire.headers.add("accept", context_.call.stream ? "text/event-stream" : "application/json");
  wire.headers.add("user-agent", "penstock");
  wire.headers.add("x-request-id", context_.request_id);
  std::string_view body = sent_body_.empty() ? context_.call.body : std::string_view(sent_body_);
  while (true) {
    int64_t asked_us = context_.clock.monotonic_us();
    HttpCall request{.method = "POST",
                     .target = wire.target,
                     .headers = upstream.is_engine() ? wire.headers : std::move(wire.headers),
                     .body = body,
                     .timeouts = route_->config.timeouts.http,
                     .cancel = cancel_.token()};
    if (context_.deadline_us != INT64_MAX) {
      request.timeouts.total_ms = std::max<int64_t>(1, (context_.deadline_us - asked_us) / 1'000);
    }
    auto answer = co_await context_.client.send(upstream.endpoint, std::move(request));
    now_us = context_.clock.monotonic_us();
    waited_us_ += now_us - asked_us;
    bool starting =
        answer ? (*answer)->head().status == kStarting : answer.error().code == ErrorCode::kUnavailable;
    if (!starting || now_us >= give_up_us || cancel_.cancelled()) {
      if (!answer) co_return std::unexpected(failure(std::move(answer).error()));
      answer_ = std::move(*answer);
      co_return Outcome{};
    }
    co_await sleep_ms(kEngineAskAgainMs);
  }
}

std::optional<FailureCause> Attempt::cause_of(providers::RefusalCause cause) {
  switch (cause) {
    case providers::RefusalCause::kContextWindow:
      return FailureCause::kContextWindow;
    case providers::RefusalCause::kContentPolicy:
      return FailureCause::kContentPolicy;
    case providers::RefusalCause::kRateLimit:
      return FailureCause::kRateLimited;
    case providers::RefusalCause::kQuota:
    case providers::RefusalCause::kCredentials:
      return FailureCause::kCredentials;
    case providers::RefusalCause::kOther:
      break;
  }
  return std::nullopt;
}

Task<Attempt::Outcome> Attempt::read_refusal() {
  ResponseHead head = answer_->head();
  auto body = co_await read_all(*answer_, kRefusalBytesMax);
  if (!body) co_return std::unexpected(failure(std::move(body).error()));
  providers::Protocol protocol = target_->upstream->type->protocol;
  providers::Refusal refusal = providers::read_refusal(protocol, head.status, *body);
  FailureCause cause = cause_of(refusal.cause).value_or(cause_of_status(head.status));
  bool overloaded = cause == FailureCause::kRateLimited && head.status >= 500;
  AttemptFailure failed{.cause = overloaded ? FailureCause::kServer : cause,
                        .error = std::move(refusal.error),
                        .status = head.status,
                        .retry_after_ms = retry_after_ms(head.headers)};
  std::string status = std::to_string(head.status);
  if (failed.cause == FailureCause::kCredentials) {
    // The client's own key is fine: it must not hear of ours.
    failed.error = upstream_error("the upstream refused the gateway's credentials (status " + status + ")",
                                  "upstream_credentials_exhausted");
  } else if (auto fields = JsonFields::parse(*body, "the upstream's error");
             !fields || !fields->has("error")) {
    failed.error = upstream_error("the upstream answered with status " + status + " and no readable error",
                                  "upstream_status");
  } else if (providers::is_native(context_.call.operation, protocol)) {
    failed.answer = Response{std::move(head), std::move(*body)};
  }
  if (failed.retry_after_ms > 0) failed.error.retry_after_ms = failed.retry_after_ms;
  co_return std::unexpected(std::move(failed));
}

Task<Attempt::Outcome> Attempt::read_whole() {
  int64_t asked_us = context_.clock.monotonic_us();
  auto body = co_await read_all(*answer_, kAnswerBytesMax);
  waited_us_ += context_.clock.monotonic_us() - asked_us;
  if (!body) co_return std::unexpected(failure(std::move(body).error()));
  providers::Protocol protocol = target_->upstream->type->protocol;
  auto facts = providers::read_answer(context_.call.operation, protocol, *body);
  if (!facts) co_return std::unexpected(failure(std::move(facts).error()));
  facts_ = std::move(*facts);
  first_token();
  if (providers::is_native(context_.call.operation, protocol)) {
    body_ = std::move(*body);
    co_return Outcome{};
  }
  auto translation =
      providers::make_answer_translation(context_.call.operation, protocol, translation_context());
  auto translated = translation->whole(*body);
  if (!translated) co_return std::unexpected(failure(std::move(translated).error()));
  body_ = std::move(*translated);
  co_return Outcome{};
}

providers::TranslationContext Attempt::translation_context() const {
  const Call& call = context_.call;
  providers::TranslationContext context{.request_id = context_.request_id,
                                        .model = call.model,
                                        .created_s = context_.clock.now().us / 1'000'000,
                                        .usage_asked = call.usage_asked};
  if (call.operation == providers::Operation::kResponses) context.request_body = call.body;
  return context;
}

void Attempt::first_token() {
  first_token_at_ = context_.clock.now();
  target_->state->saw_first_token(context_.clock.monotonic_us() - began_us_);
}

Error Attempt::in_time(Error error) const {
  if (!ttft_passed_ || error.code != ErrorCode::kCancelled) return error;
  return Error{.code = ErrorCode::kDeadlineExceeded,
               .message = "the upstream's answer did not begin within " +
                          std::to_string(route_->config.timeouts.ttft_ms) + " ms"};
}

AttemptFailure Attempt::failure(Error error) const {
  error = in_time(std::move(error));
  FailureCause cause = gateway::cause_of(error);
  return AttemptFailure{
      .cause = cause, .error = std::move(error), .status = answer_ ? answer_->head().status : 0};
}

// What the outcome says about target and key.
void Attempt::report(const Outcome& outcome) {
  const BreakerPolicy& policy = route_->config.breaker;
  TargetState& state = *target_->state;
  int64_t now_us = context_.clock.monotonic_us();
  BreakerPass pass = std::exchange(pass_, BreakerPass::kNone);
  state.calls.fetch_add(1, std::memory_order_relaxed);
  if (outcome) {
    state.breaker.succeeded(pass, policy, now_us);
    return;
  }
  const AttemptFailure& failed = outcome.error();
  if (!is_upstreams_fault(failed.cause)) {
    state.breaker.abandoned(pass);
    return;
  }
  state.errors.fetch_add(1, std::memory_order_relaxed);
  state.breaker.failed(pass, policy, now_us);
  if (key_ < 0) return;
  int64_t rest_us = 0;
  if (failed.cause == FailureCause::kCredentials) rest_us = kKeyRestUs;
  if (failed.cause == FailureCause::kRateLimited) {
    rest_us = failed.retry_after_ms > 0 ? failed.retry_after_ms * 1'000 : kRateLimitedRestUs;
  }
  if (rest_us > 0) target_->upstream->keys.rest(key_, now_us + std::min(rest_us, kKeyRestMaxUs));
}

}  // namespace penstock::gateway
