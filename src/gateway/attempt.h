#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cancel.h"
#include "core/timer.h"
#include "gateway/call.h"
#include "gateway/failure.h"
#include "gateway/route_table.h"
#include "gateway/try_plan.h"
#include "http/sse.h"
#include "providers/answer.h"
#include "providers/translation.h"

namespace penstock::gateway {

// What all tries of one call share; outlives them.
struct AttemptContext {
  HttpClient& client;
  const Clock& clock;
  const Call& call;
  std::string request_id;
  size_t output_bytes_max = 0;  // of a stream's text that is kept for the record
  int64_t deadline_us = 0;      // monotonic; INT64_MAX: none
};

struct AttemptFailure {
  FailureCause cause = FailureCause::kConnect;
  Error error;     // for the client and the record
  int status = 0;  // the upstream's; 0: there was none
  int64_t retry_after_ms = 0;
  // What the upstream said, in the client's contract: passed on as it is when nothing else helps.
  std::optional<Response> answer;
};

// One try at one target: from its request until its answer is the one that counts (a whole answer has been
// read, a stream has come to its first content) and, for a stream, on to its end. Tells breaker, key ring and
// statistics of the target how it went. Lives on one loop.
class Attempt {
 public:
  Attempt(const AttemptContext& context, const TryPlan::Step& step);
  ~Attempt();  // gives its place back
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Sends and reads as far as said above. Once.
  Task<std::expected<void, AttemptFailure>> begin();

  // After a whole answer: the client's bytes.
  std::string& body() { return body_; }
  const providers::AnswerFacts& facts() const { return facts_; }

  // After a stream began: the events to pass on next, in the client's contract; what was held back first.
  // Empty at the complete end. An error: the upstream broke off.
  Task<Result<std::string_view>> next();
  // What ends a complete stream for the client: its last events and [DONE] or message_stop. Once.
  std::string closing();
  // The last event of a stream that failed, where the translation has its own; else empty.
  std::string error_event(const Error& error) {
    return translation_ == nullptr ? std::string() : translation_->error_event(error);
  }
  // The upstream's error was passed on as an event, so that none need be made.
  bool error_told() const { return error_told_; }
  const providers::AnswerObserver& observer() const { return *observer_; }
  // Reads what may come after the end, so that the connection can be used again.
  Task<> drain();

  // Ends it from outside: the client has gone, or another was quicker.
  void cancel() { cancel_.cancel(); }

  const Target& target() const { return *target_; }
  const Route& route() const { return *route_; }
  const std::string& upstream_model() const { return upstream_model_; }
  const ResponseHead& head() const { return answer_->head(); }  // once it has begun
  std::string_view upstream_request_id() const;
  const std::vector<std::string>& dropped_fields() const { return dropped_; }
  std::optional<Timestamp> first_token_at() const { return first_token_at_; }
  bool has_another_key() const;
  int64_t waited_us() const { return waited_us_; }  // for the upstream, so far
  int64_t duration_ms() const;                      // since begin()

 private:
  using Outcome = std::expected<void, AttemptFailure>;

  Task<Outcome> try_once();
  Task<Outcome> send();
  // What the provider's words say; nullopt: nothing.
  static std::optional<FailureCause> cause_of(providers::RefusalCause cause);
  Task<Outcome> read_refusal();
  Task<Outcome> read_whole();
  Task<Outcome> read_until_content();
  Task<Result<bool>> read_events();  // one piece; false: the stream has ended
  void take(const http::SseEvent& event);
  Result<void> check_rate();
  Result<void> check_end() const;
  void first_token();
  providers::TranslationContext translation_context() const;
  void report(const Outcome& outcome);
  AttemptFailure failure(Error error) const;
  Error in_time(Error error) const;  // tells a cancel by our own timer from one by the client

  const AttemptContext& context_;
  const Route* route_;
  const Target* target_;
  BreakerPass pass_;
  std::string upstream_model_;
  std::string sent_body_;
  std::vector<std::string> dropped_;
  int key_ = -1;
  int64_t began_us_ = 0;
  int64_t waited_us_ = 0;
  std::unique_ptr<HttpAnswer> answer_;
  CancelSource cancel_;
  std::optional<Timer> ttft_timer_;
  bool ttft_passed_ = false;

  std::string body_;
  providers::AnswerFacts facts_;

  std::unique_ptr<providers::AnswerObserver> observer_;
  std::unique_ptr<providers::AnswerTranslation> translation_;
  http::SseParser parser_{http::SseSilence::kReport};
  std::string pending_;  // client's events that next() has not given out
  std::string given_;    // what next() gave out last
  std::string closing_;  // native: the upstream's own closing event
  int held_ = 0;         // events before the first content
  bool content_ = false;
  bool ended_ = false;  // the upstream's closing event was seen
  bool error_told_ = false;
  Result<void> broken_ = {};  // the upstream broke its protocol, or said an error
  FailureCause broken_cause_ = FailureCause::kBroken;
  std::optional<Timestamp> first_token_at_;
  int64_t rate_window_began_us_ = 0;
  int64_t rate_window_events_ = 0;
};

}  // namespace penstock::gateway
