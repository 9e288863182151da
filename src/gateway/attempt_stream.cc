#include <utility>

#include "gateway/attempt.h"

// The part of an attempt that reads a stream of events.
namespace penstock::gateway {
namespace {

constexpr size_t kHeldBytesMax = 256 << 10;  // of events before the first content
constexpr int kHeldEventsMax = 64;
constexpr int64_t kRateWindowUs = 10'000'000;
constexpr int64_t kEndWaitMs = 500;

Error broken_stream(std::string message, std::string reason) {
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message), .reason = std::move(reason)};
}

}  // namespace

Task<Attempt::Outcome> Attempt::read_until_content() {
  providers::Protocol protocol = target_->upstream->type->protocol;
  providers::Operation operation = context_.call.operation;
  if (!answer_->head().headers.get("content-type").starts_with("text/event-stream")) {
    co_return std::unexpected(failure(
        broken_stream("the upstream did not answer with a stream of events", "upstream_not_a_stream")));
  }
  observer_ = providers::make_observer(operation, protocol, context_.output_bytes_max);
  if (!providers::is_native(operation, protocol)) {
    translation_ = providers::make_answer_translation(operation, protocol, translation_context());
  }
  while (!content_ && !ended_) {
    Result<bool> more = co_await read_events();
    if (content_) break;  // from now on a failure is told inside the stream, however the bytes were cut
    if (more && broken_ && !*more) broken_ = check_end();
    if (more && !broken_) more = Failure(broken_.error());
    if (!more) {
      AttemptFailure failed = failure(std::move(more).error());
      if (failed.cause == FailureCause::kBroken) failed.cause = broken_cause_;
      co_return std::unexpected(std::move(failed));
    }
    if (!*more) break;
  }
  if (!first_token_at_) first_token();  // an answer without content: complete, or held long enough
  co_return Outcome{};
}

Task<Result<std::string_view>> Attempt::next() {
  while (pending_.empty() && broken_ && !ended_) {
    ASSIGN_OR_CO_RETURN(bool more, co_await read_events());
    CO_RETURN_IF_ERROR(check_rate());
    if (!more) {
      CO_RETURN_IF_ERROR(check_end());
      ended_ = true;
    }
  }
  if (ended_ && broken_) co_return std::string_view{};  // the last events go with closing()
  if (pending_.empty() && !broken_) co_return Failure(broken_.error());
  given_ = std::exchange(pending_, {});
  co_return std::string_view(given_);
}

Task<Result<bool>> Attempt::read_events() {
  int64_t asked_us = context_.clock.monotonic_us();
  Result<std::string_view> piece = co_await answer_->read();
  waited_us_ += context_.clock.monotonic_us() - asked_us;
  if (!piece) co_return Failure(in_time(std::move(piece).error()));
  if (piece->empty()) co_return false;
  CO_RETURN_IF_ERROR(parser_.feed(*piece, [this](const http::SseEvent& event) { take(event); }));
  co_return true;
}

void Attempt::take(const http::SseEvent& event) {
  if (ended_ || !broken_) return;
  if (event.silent) {
    pending_ += event.raw;
    return;
  }
  auto seen = observer_->observe(event);
  if (!seen) {
    broken_ = Failure(std::move(seen).error());
    return;
  }
  if (seen->content && !content_) {
    content_ = true;
    first_token();
  }
  ++held_;
  if (held_ > kHeldEventsMax || pending_.size() > kHeldBytesMax) content_ = true;
  if (!seen->error.empty()) {
    broken_ = Failure(broken_stream(seen->error, "upstream_error"));
    broken_cause_ = cause_of(seen->cause).value_or(FailureCause::kBroken);
    error_told_ = content_ && translation_ == nullptr;
    if (error_told_) pending_ += event.raw;
    return;
  }
  ended_ = seen->done;
  if (translation_ != nullptr) {
    if (!ended_) broken_ = translation_->event(event, pending_);
    if (ended_) broken_ = translation_->event(event, closing_);
    return;
  }
  if (ended_) {
    closing_ = event.raw;
  } else if (!seen->usage_only || context_.call.usage_asked) {
    pending_ += event.raw;
  }
}

Result<void> Attempt::check_end() const {
  if (ended_ || observer_->finished()) return {};
  return Failure(
      broken_stream("the upstream's stream ended before its answer was complete", "upstream_stream_cut"));
}

// A stream that drips is as bad as one that stalls; idle_ms sees only the latter.
Result<void> Attempt::check_rate() {
  double least = route_->config.timeouts.min_tokens_per_s;
  if (least <= 0 || ended_) return {};
  int64_t now_us = context_.clock.monotonic_us();
  if (rate_window_began_us_ == 0) rate_window_began_us_ = now_us;
  int64_t elapsed_us = now_us - rate_window_began_us_;
  if (elapsed_us < kRateWindowUs) return {};
  int64_t events = observer_->content_events();
  double rate = static_cast<double>(events - rate_window_events_) * 1e6 / static_cast<double>(elapsed_us);
  rate_window_began_us_ = now_us;
  rate_window_events_ = events;
  if (rate >= least) return {};
  return Failure(Error{.code = ErrorCode::kDeadlineExceeded,
                       .message = "the upstream's stream was slower than min_tokens_per_s",
                       .reason = "upstream_too_slow"});
}

std::string Attempt::closing() {
  if (translation_ != nullptr) {
    translation_->finish(closing_);
  } else if (closing_.empty()) {
    closing_ = target_->upstream->type->protocol == providers::Protocol::kAnthropic
                   ? http::sse_event("message_stop", R"({"type":"message_stop"})")
                   : "data: [DONE]\n\n";
  }
  return std::exchange(pending_, {}) + std::exchange(closing_, {});
}

// The upstream's connection can be used again only if its answer was read to the end, which may come a moment
// after its closing event.
Task<> Attempt::drain() {
  Timer limit(co_await current_executor());
  limit.start(kEndWaitMs, [this] { cancel_.cancel(); });
  while (true) {
    Result<std::string_view> piece = co_await answer_->read();
    if (!piece || piece->empty()) break;
  }
  limit.cancel();
}

}  // namespace penstock::gateway
