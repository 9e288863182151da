#include "gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "core/text.h"
#include "gateway/race.h"
#include "gateway/strategy.h"

namespace penstock::gateway {
namespace {

constexpr size_t kMessageShownMax = 500;
constexpr int kClientClosed = 499;
constexpr int64_t kTotalMs = 600'000;  // for a call whose route and client say nothing
constexpr int64_t kPausePieceMs = 50;

// Headers of an upstream's answer that clients read; everything else stays behind.
bool passes(std::string_view name) {
  constexpr std::string_view kNames[] = {"content-type", "retry-after", "retry-after-ms", "x-should-retry",
                                         "cache-control"};
  std::string lower = to_lower(name);
  if (lower.starts_with("x-ratelimit-") || lower.starts_with("openai-")) return true;
  return std::ranges::find(kNames, lower) != std::end(kNames);
}

std::string_view code_of(const Error& error) {
  return error.reason.empty() ? error_code_name(error.code) : std::string_view(error.reason);
}

std::string_view metadata_of(const Call& call, std::string_view name) {
  for (const auto& [key, value] : call.metadata) {
    if (key == name) return value;
  }
  return {};
}

std::string_view unit_name(const StickySource& source, const Call& call) {
  switch (source.kind) {
    case StickySource::Kind::kHeader:
      return call.header(source.name);
    case StickySource::Kind::kUser:
      return call.user;
    case StickySource::Kind::kMetadata:
      return metadata_of(call, source.name);
    case StickySource::Kind::kKey:
      return call.principal;
  }
  return {};
}

}  // namespace

Exchange::Exchange(const Gateway& gateway, Call& call, ResponseStream& out)
    : gateway_(gateway), setup_(gateway.setup()), call_(call), out_(out) {
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
  if (setup_->config.record_bodies) {
    record_.input = utf8_prefix(call.body, static_cast<size_t>(setup_->config.body_bytes_max));
    record_.input_truncated = record_.input.size() < call.body.size();
  }
}

Exchange::~Exchange() = default;

Task<> Exchange::run() {
  Result<void> outcome = co_await exchange();
  if (!outcome) co_await answer_error(std::move(outcome).error());
  if (race_) co_await race_->end();
}

Task<> Exchange::answer_error(Error error) {
  Response response = call_.errors.answer(error);
  // Without a time to come back at, coming back is of no use (a budget is used up, a call too large for its
  // limit).
  if (error.code == ErrorCode::kRateLimited && !error.retry_after_ms) gave_up_ = true;
  note_error(error, response.head.status);
  if (Result<void> settled = co_await settle(); !settled) response = call_.errors.answer(settled.error());
  add_own_headers(response.head.headers);
  co_await out_.send(std::move(response));
}

Task<Result<void>> Exchange::exchange() {
  CO_RETURN_IF_ERROR(gateway_.recording().admit(call_.arrived_us));
  route_ = setup_->routes->find(call_.model);
  if (route_ == nullptr) co_return Failure(unknown_model(call_.model));
  record_.route = route_->config.name;
  executor_ = co_await current_executor();
  context_.emplace(AttemptContext{.client = gateway_.services().client,
                                  .clock = gateway_.services().clock,
                                  .call = call_,
                                  .request_id = record_.id.text(),
                                  .output_bytes_max = static_cast<size_t>(setup_->config.body_bytes_max),
                                  .deadline_us = deadline_us()});
  watch_client();
  if (!route_->config.prompt.empty()) CO_RETURN_IF_ERROR(co_await apply_prompt());
  CO_RETURN_IF_ERROR(co_await admit());
  ASSIGN_OR_CO_RETURN(bool cached, co_await answer_from_cache());
  if (cached) co_return Result<void>{};
  co_return co_await try_targets();
}

Task<Result<void>> Exchange::try_targets() {
  const Clock& clock = gateway_.services().clock;
  TryPlan plan(*setup_->routes, *route_, *prices_, call_.model, sticky_unit(), try_until_us(),
               gateway_.services().random);
  std::optional<AttemptFailure> failed;
  std::optional<TryPlan::Step> step = plan.next({}, clock.monotonic_us());
  while (step) {
    for (int64_t left_ms = step->pause_ms; left_ms > 0 && !record_.client_disconnected;
         left_ms -= kPausePieceMs) {
      co_await sleep_ms(std::min(left_ms, kPausePieceMs));
    }
    Begun outcome = co_await begin(plan, *step);
    upstream_wait_us_ += attempt_->waited_us();
    note_target(*attempt_);
    note_attempt(*attempt_, outcome ? nullptr : &outcome.error(), "");
    if (outcome && call_.stream) co_return co_await answer_stream(*attempt_);
    if (outcome) co_return co_await answer_whole(*attempt_);
    failed = std::move(outcome).error();
    if (record_.client_disconnected) failed->cause = FailureCause::kCancelled;
    step = plan.next(TryPlan::Failed{.cause = failed->cause,
                                     .retry_after_ms = failed->retry_after_ms,
                                     .has_another_key = attempt_->has_another_key()},
                     clock.monotonic_us());
  }
  if (failed) co_return co_await answer_failure(std::move(*failed), plan);
  Error resting = Error::unavailable("every target of '" + route_->config.name +
                                     "' has failed lately and is left alone for a moment");
  resting.reason = "all_targets_open";
  resting.retry_after_ms = std::max<int64_t>(1, (plan.open_until_us() - clock.monotonic_us()) / 1'000);
  co_return Failure(std::move(resting));
}

Task<Exchange::Begun> Exchange::begin(TryPlan& plan, const TryPlan::Step& step) {
  attempt_ = std::make_unique<Attempt>(*context_, step);
  note_target(*attempt_);
  if (Result<void> open = open_spending(); !open) {
    co_return std::unexpected(
        AttemptFailure{.cause = FailureCause::kRefused, .error = std::move(open).error()});
  }
  if (record_.client_disconnected) attempt_->cancel();
  if (step.route->config.strategy == Strategy::kHedge && may_hedge(step)) {
    co_return co_await begin_hedged(plan, step);
  }
  co_return co_await attempt_->begin();
}

Task<Result<void>> Exchange::answer_failure(AttemptFailure failure, const TryPlan& plan) {
  // The gateway has done the trying; the client's own retries would only multiply it.
  gave_up_ = is_upstreams_fault(failure.cause) && plan.has_alternatives();
  if (!failure.answer) co_return Failure(std::move(failure.error));
  Error seen = failure.error;
  seen.message.resize(utf8_prefix(seen.message, kMessageShownMax).size());
  seen.code = ErrorCode::kUpstream;
  if (seen.reason.empty()) seen.reason = "upstream";
  note_error(seen, failure.status);
  CO_RETURN_IF_ERROR(co_await settle());
  Response response = std::move(*failure.answer);
  ResponseHead head{.status = response.head.status, .headers = {}};
  for (const auto& [name, value] : response.head.headers) {
    if (passes(name)) head.headers.add(name, value);
  }
  add_own_headers(head.headers);
  response.head = std::move(head);
  co_await out_.send(std::move(response));
  co_return Result<void>{};
}

Task<Result<void>> Exchange::answer_whole(Attempt& attempt) {
  const providers::AnswerFacts& facts = attempt.facts();
  record_.status = 200;
  record_.first_token_at = attempt.first_token_at();
  record_.finish_reason = facts.finish_reason;
  record_.tokens = facts.tokens ? *facts.tokens : tokens_guessed(facts.output);
  if (setup_->config.record_bodies) {
    record_.output_truncated = facts.output.size() > static_cast<size_t>(setup_->config.body_bytes_max);
    if (!record_.output_truncated) record_.output = facts.output;
  }
  CO_RETURN_IF_ERROR(co_await settle());
  Response response{answer_head(attempt), std::move(attempt.body())};
  if (keeps_answer_) keep_answer(response.body, response.head.headers.get("content-type"));
  co_await out_.send(std::move(response));
  co_return Result<void>{};
}

// By the hash of the route's sticky unit where the call has one, else by chance.
uint64_t Exchange::sticky_unit() const {
  for (const StickySource& source : route_->config.sticky) {
    std::string_view name = unit_name(source, call_);
    if (!name.empty()) return unit_hash(route_->config.name, name);
  }
  return route_->targets.size() == 1 ? 0 : gateway_.services().random.next_u64();
}

// The route's limit, else ten minutes for a whole answer and none for a stream, which has its idle_ms.
int64_t Exchange::deadline_us() const {
  int64_t total_ms = route_->config.timeouts.total_ms;
  if (total_ms == 0 && call_.stream) return INT64_MAX;
  return call_.arrived_us + (total_ms > 0 ? total_ms : kTotalMs) * 1'000;
}

// Nothing new is tried for a client that has given up by then: OpenAI's SDKs say how long they wait.
int64_t Exchange::try_until_us() const {
  auto seconds = parse_number(call_.header("x-stainless-read-timeout"));
  bool sound = seconds && *seconds > 0 && *seconds * 1'000 < kTotalMs;
  int64_t patience_ms = sound ? static_cast<int64_t>(*seconds * 1'000) : kTotalMs;
  return std::min(context_->deadline_us, call_.arrived_us + patience_ms * 1'000);
}

void Exchange::note_attempt(const Attempt& attempt, const AttemptFailure* failure, std::string_view error) {
  if (failure != nullptr) error = code_of(failure->error);
  int status = failure == nullptr ? (error.empty() ? 200 : 0) : failure->status;
  record_.attempts.push_back({.target = attempt.target().config.id,
                              .upstream = attempt.target().upstream->name,
                              .status = status,
                              .error = std::string(error),
                              .duration_ms = attempt.duration_ms()});
}

void Exchange::note_target(const Attempt& attempt) {
  record_.target = attempt.target().config.id;
  record_.upstream = attempt.target().upstream->name;
  record_.upstream_model = attempt.upstream_model();
  record_.model_version = attempt.target().upstream->model_version;
  record_.upstream_request_id = attempt.upstream_request_id();
}

ResponseHead Exchange::answer_head(const Attempt& attempt) const {
  ResponseHead head{.status = 200, .headers = {}};
  reservation_.add_rate_headers(head.headers);
  for (const auto& [name, value] : attempt.head().headers) {
    if (passes(name) && !head.headers.has(name)) head.headers.add(name, value);
  }
  if (!attempt.dropped_fields().empty()) {
    std::string names;
    for (const std::string& name : attempt.dropped_fields()) names += (names.empty() ? "" : ", ") + name;
    head.headers.set("x-penstock-dropped-fields", std::move(names));
  }
  add_own_headers(head.headers);
  return head;
}

void Exchange::add_own_headers(Headers& headers) const {
  headers.set("x-request-id", record_.id.text());
  if (call_.operation == providers::Operation::kMessages) headers.set("request-id", record_.id.text());
  if (gave_up_) headers.set("x-should-retry", "false");
  if (!record_.target.empty()) headers.set("x-penstock-target", record_.target);
  if (record_.cache != observability::CacheOutcome::kOff) {
    headers.set("x-penstock-cache", std::string(cache_outcome_name(record_.cache)));
  }
  if (record_.attempts.size() > 1) {
    headers.set("x-penstock-attempts", std::to_string(record_.attempts.size()));
  }
  if (!record_.upstream_request_id.empty()) {
    headers.set("x-penstock-upstream-request-id", record_.upstream_request_id);
  }
  int64_t overhead_us = gateway_.services().clock.monotonic_us() - call_.arrived_us - upstream_wait_us_;
  headers.set("x-penstock-overhead-us", std::to_string(overhead_us));
}

void Exchange::watch_client() {
  client_watch_ = out_.disconnected().on_cancel([this] { client_left(); });
}

void Exchange::client_left() {
  record_.client_disconnected = true;
  if (race_) race_->cancel();
  if (!attempt_) return;
  int64_t drain_ms = attempt_->target().upstream->is_engine() ? 0 : setup_->config.drain_ms;
  if (drain_ms == 0) {
    attempt_->cancel();
    return;
  }
  drain_timer_.emplace(executor_);
  drain_timer_->start(drain_ms, [this] { attempt_->cancel(); });
}

void Exchange::note_error(const Error& error, int status) {
  record_.status =
      record_.client_disconnected && error.code == ErrorCode::kCancelled ? kClientClosed : status;
  record_.error_code = code_of(error);
  record_.error_message = error.message;
}

Task<Result<void>> Exchange::settle() {
  client_watch_ = {};
  if (recorded_) co_return Result<void>{};
  if (!record_.cost) record_.cost = cost_of_call(record_.tokens);
  if (record_.cost && prices_) record_.price_version = prices_->version();
  reservation_.settle(record_.tokens, record_.cost.value_or(Money{}));
  record_.ended_at = gateway_.services().clock.now();
  auto position = gateway_.services().log.write(record_);
  recorded_ = position.has_value();
  if (position && gateway_.services().durability == Durability::kStrict) {
    CO_RETURN_IF_ERROR(co_await gateway_.services().log.durable(*position));
  }
  if (position) {
    spending_.settled();
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
