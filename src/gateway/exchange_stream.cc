#include "gateway/exchange.h"

// The part of an exchange that relays a stream of events.
namespace penstock::gateway {
namespace {

// What the provider said; of an answer that was cut or left in the middle what was seen is counted, a token
// an event, where the provider has said less so far.
TokenCounts tokens_of(const providers::AnswerObserver& observer, bool complete, std::string_view input) {
  constexpr int64_t kBytesPerTokenGuess = 4;
  if (observer.tokens() && complete) return *observer.tokens();
  if (observer.content_events() == 0) return observer.tokens().value_or(TokenCounts{});
  TokenCounts tokens{.input = static_cast<int64_t>(input.size()) / kBytesPerTokenGuess,
                     .source = TokenSource::kCounted};
  if (observer.tokens()) tokens = *observer.tokens();
  if (tokens.output + tokens.reasoning < observer.content_events()) {
    tokens.output = observer.content_events() - tokens.reasoning;
    tokens.source = TokenSource::kCounted;
  }
  return tokens;
}

}  // namespace

Task<Result<void>> Exchange::answer_stream(Attempt& attempt) {
  record_.first_token_at = attempt.first_token_at();
  if (!record_.client_disconnected) co_await out_.start(answer_head(attempt));
  Result<void> outcome = co_await relay_events(attempt);
  bool complete = outcome.has_value();
  co_await end_stream(attempt, std::move(outcome));
  if (complete) co_await attempt.drain();
  co_return Result<void>{};
}

Task<Result<void>> Exchange::relay_events(Attempt& attempt) {
  while (true) {
    ASSIGN_OR_CO_RETURN(std::string_view events, co_await attempt.next());
    if (events.empty()) co_return Result<void>{};
    if (record_.client_disconnected) continue;
    Result<void> written = co_await out_.write(events);
    if (!written) record_.client_disconnected = true;
  }
}

Task<> Exchange::end_stream(Attempt& attempt, Result<void> outcome) {
  const providers::AnswerObserver& observer = attempt.observer();
  record_.status = 200;
  record_.finish_reason = observer.finish_reason();
  record_.tokens = tokens_of(observer, outcome.has_value(), call_.body);
  if (setup_->config.record_bodies) {
    record_.output = observer.output();
    record_.output_truncated = observer.truncated();
  }
  if (!outcome) {
    note_error(outcome.error(), 200);
    record_.attempts.back().error = record_.error_code;
  }
  Result<void> settled = co_await settle();
  bool told = attempt.error_told();
  if (outcome && !settled) {
    outcome = settled;
    told = false;
  }
  if (outcome) {
    Result<void> written = co_await out_.write(attempt.closing());
    if (written) co_await out_.finish();
    co_return;
  }
  if (!told) co_await out_.write(call_.errors.event(outcome.error()));
  out_.abort();
}

}  // namespace penstock::gateway
