#include "gateway/exchange.h"

// The part of an exchange that relays a stream of events.
namespace penstock::gateway {
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
    checkpoint(attempt);
    capture(events);
    if (record_.client_disconnected) continue;
    Result<void> written = co_await out_.write(events);
    if (!written) record_.client_disconnected = true;
  }
}

Task<> Exchange::end_stream(Attempt& attempt, Result<void> outcome) {
  const providers::AnswerObserver& observer = attempt.observer();
  record_.status = 200;
  record_.finish_reason = observer.finish_reason();
  bool told_all = outcome && observer.tokens();
  record_.tokens = told_all ? *observer.tokens() : tokens_so_far(observer);
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
    std::string closing = attempt.closing();
    capture(closing);
    Result<void> written = co_await out_.write(closing);
    if (written) co_await out_.finish();
    if (keeps_answer_) keep_answer(std::move(captured_), attempt.head().headers.get("content-type"));
    co_return;
  }
  std::string event = attempt.error_event(outcome.error());
  if (event.empty()) event = call_.errors.event(outcome.error());
  if (!told) co_await out_.write(event);
  out_.abort();
}

}  // namespace penstock::gateway
