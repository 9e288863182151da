#include "gateway/exchange.h"

// The part of an exchange that relays a stream of events.
namespace penstock::gateway {
namespace {

constexpr std::string_view kDoneEvent = "data: [DONE]\n\n";
constexpr size_t kHeldBytesMax = 256 << 10;  // of events before the first content
constexpr int kHeldEventsMax = 64;
constexpr int64_t kEndWaitMs = 500;

// An answer that its client left in the middle has no usage of its own: what was seen is counted, a token an
// event.
TokenCounts counted(const providers::StreamObserver& observer, std::string_view input) {
  constexpr int64_t kBytesPerTokenGuess = 4;
  return TokenCounts{.input = static_cast<int64_t>(input.size()) / kBytesPerTokenGuess,
                     .output = observer.content_events(),
                     .source = TokenSource::kCounted};
}

}  // namespace

struct Exchange::Stream {
  explicit Stream(int64_t output_bytes_max) : observer(static_cast<size_t>(output_bytes_max)) {}

  providers::StreamObserver observer;
  http::SseParser parser{http::SseSilence::kReport};
  std::string pending;       // events to pass on
  int held = 0;              // events since the beginning, until committed
  bool committed = false;    // content was seen: from now on failures are told inside the stream
  bool done = false;         // the upstream said [DONE]
  bool told = false;         // an error event of the upstream was passed on
  Result<void> broken = {};  // the upstream broke its protocol, or said an error
};

Task<Result<void>> Exchange::answer_stream(HttpAnswer& answer) {
  if (!answer.head().headers.get("content-type").starts_with("text/event-stream")) {
    co_return Failure(Error{.code = ErrorCode::kUpstream,
                            .message = "the upstream did not answer with a stream of events",
                            .reason = "upstream_not_a_stream"});
  }
  Stream stream(gateway_.config().body_bytes_max);
  Result<void> outcome = co_await relay_events(answer, stream);
  if (!outcome && !stream.committed) co_return outcome;  // nothing has been sent: a status can tell it
  if (!out_.started()) co_await out_.start(answer_head(answer.head()));
  bool complete = outcome.has_value();
  co_await end_stream(stream, std::move(outcome));
  if (complete) co_await read_to_end(answer);
  co_return Result<void>{};
}

// The upstream's connection can be used again only if its answer was read to the end, which may come a moment
// after [DONE].
Task<> Exchange::read_to_end(HttpAnswer& answer) {
  drain_timer_->start(kEndWaitMs, [this] { upstream_cancel_.cancel(); });
  while (true) {
    Result<std::string_view> piece = co_await answer.read();
    if (!piece || piece->empty()) break;
  }
  drain_timer_->cancel();
}

Task<Result<void>> Exchange::relay_events(HttpAnswer& answer, Stream& stream) {
  while (!stream.done && stream.broken) {
    int64_t began_us = gateway_.services().clock.monotonic_us();
    ASSIGN_OR_CO_RETURN(std::string_view piece, co_await answer.read());
    upstream_wait_us_ += gateway_.services().clock.monotonic_us() - began_us;
    if (piece.empty()) break;
    CO_RETURN_IF_ERROR(
        stream.parser.feed(piece, [&](const http::SseEvent& event) { take_event(event, stream); }));
    if (stream.done || !stream.broken || !stream.committed || stream.pending.empty()) continue;
    if (!out_.started()) co_await out_.start(answer_head(answer.head()));
    if (!record_.client_disconnected) {
      Result<void> written = co_await out_.write(stream.pending);
      if (!written) record_.client_disconnected = true;
    }
    stream.pending.clear();
  }
  CO_RETURN_IF_ERROR(stream.broken);
  if (!stream.done && !stream.observer.finished()) {
    co_return Failure(Error{.code = ErrorCode::kUpstream,
                            .message = "the upstream's stream ended before its answer was complete",
                            .reason = "upstream_stream_cut"});
  }
  co_return Result<void>{};
}

void Exchange::take_event(const http::SseEvent& event, Stream& stream) {
  if (stream.done || !stream.broken) return;
  if (event.silent) {
    stream.pending += event.raw;
    return;
  }
  auto seen = stream.observer.observe(event.data);
  if (!seen) {
    stream.broken = Failure(std::move(seen).error());
    return;
  }
  stream.done = seen->done;
  if (!seen->error.empty()) {
    stream.broken =
        Failure(Error{.code = ErrorCode::kUpstream, .message = seen->error, .reason = "upstream_error"});
    stream.told = stream.committed;
  }
  if (seen->content && !record_.first_token_at) record_.first_token_at = gateway_.services().clock.now();
  ++stream.held;
  bool held_enough = stream.held > kHeldEventsMax || stream.pending.size() > kHeldBytesMax;
  stream.committed = stream.committed || (stream.broken && (seen->content || held_enough));
  bool kept_back = seen->done || (seen->usage_only && !call_.usage_asked) || (!stream.broken && !stream.told);
  if (!kept_back) stream.pending += event.raw;
}

Task<> Exchange::end_stream(Stream& stream, Result<void> outcome) {
  const providers::StreamObserver& observer = stream.observer;
  record_.status = 200;
  record_.finish_reason = observer.finish_reason();
  if (observer.tokens()) {
    record_.tokens = *observer.tokens();
  } else if (observer.content_events() > 0) {
    record_.tokens = counted(observer, call_.body);
  }
  if (gateway_.config().record_bodies) {
    record_.output = observer.output();
    record_.output_truncated = observer.truncated();
  }
  if (!outcome) note_error(outcome.error(), 200);
  Result<void> settled = co_await settle();
  if (outcome && !settled) {
    outcome = settled;
    stream.told = false;
  }
  if (outcome) {
    stream.pending += kDoneEvent;
    Result<void> written = co_await out_.write(stream.pending);
    if (written) co_await out_.finish();
    co_return;
  }
  if (!stream.told) stream.pending += call_.errors.event(outcome.error());
  co_await out_.write(stream.pending);
  out_.abort();
}

}  // namespace penstock::gateway
