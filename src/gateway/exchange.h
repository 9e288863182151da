#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "core/cancel.h"
#include "core/timer.h"
#include "gateway/attempt.h"
#include "gateway/cache_key.h"
#include "gateway/gateway.h"
#include "gateway/try_plan.h"

namespace penstock::gateway {

class Race;

// One call on its way: the state between its arrival and its record. Lives in the frame of Gateway::relay.
class Exchange {
 public:
  Exchange(const Gateway& gateway, Call& call, ResponseStream& out);
  ~Exchange();

  Task<> run();
  // The whole answer is `error`: records and sends it.
  Task<> answer_error(Error error);

 private:
  // Errors mean that nothing has been sent yet.
  Task<Result<void>> exchange();
  // Puts the route's prompt into the call. Only where the route has one.
  Task<Result<void>> apply_prompt();
  // Lets the call in: limits and budgets of its caller are taken, or the call is refused.
  Task<Result<void>> admit();
  Result<std::optional<Money>> cost_ceiling(int64_t output_tokens_max) const;
  int64_t input_tokens_guessed() const;
  // Writes down what is about to be spent at the target of `attempt_`, before its upstream is written to.
  Result<void> open_spending();
  void checkpoint(const Attempt& attempt);
  // Of a whole answer whose provider tells no usage.
  TokenCounts tokens_guessed(std::string_view output) const;
  TokenCounts tokens_so_far(const providers::AnswerObserver& observer) const;
  Task<Result<void>> try_targets();
  // The answer's beginning from `step`, or, where that is late and the route hedges, from whichever of
  // several targets is first. attempt_ is the one that counts.
  using Begun = std::expected<void, AttemptFailure>;
  Task<Begun> begin(TryPlan& plan, const TryPlan::Step& step);
  // Takes over attempt_, which has not begun.
  Task<Begun> begin_hedged(TryPlan& plan, const TryPlan::Step& step);
  bool may_hedge(const TryPlan::Step& step) const;
  int64_t hedge_after_ms(const TryPlan::Step& step) const;
  Task<Result<void>> answer_whole(Attempt& attempt);
  Task<Result<void>> answer_stream(Attempt& attempt);
  Task<Result<void>> relay_events(Attempt& attempt);
  Task<> end_stream(Attempt& attempt, Result<void> outcome);
  std::string cache_scope() const;
  Task<Result<bool>> answer_from_cache();
  Task<Result<void>> answer_cached(const CachedAnswer& cached, double similarity);
  Task<std::vector<float>> embed(std::string text);
  void capture(std::string_view events);
  void keep_answer(std::string body, std::string_view content_type);
  // Nothing more is tried: the upstream's own words where there are any.
  Task<Result<void>> answer_failure(AttemptFailure failure, const TryPlan& plan);

  uint64_t sticky_unit() const;
  int64_t deadline_us() const;
  int64_t try_until_us() const;
  // `failure` null and `error` empty: it answered.
  void note_attempt(const Attempt& attempt, const AttemptFailure* failure, std::string_view error);
  void note_target(const Attempt& attempt);
  ResponseHead answer_head(const Attempt& attempt) const;
  void add_own_headers(Headers& headers) const;
  // Ends the upstream call once the client has gone: at once for an engine, else after drain_ms.
  void watch_client();
  void client_left();
  void note_error(const Error& error, int status);
  // What `tokens` cost at the target at hand; nullopt: it has no price.
  std::optional<Money> cost_of_call(const TokenCounts& tokens) const;
  Task<Result<void>> settle();  // completes and writes the record; once

  const Gateway& gateway_;
  std::shared_ptr<const Setup> setup_;
  Call& call_;
  ResponseStream& out_;
  const Route* route_ = nullptr;
  std::shared_ptr<const PriceTable> prices_;  // as of the call's beginning
  Reservation reservation_;
  SpendJournal::Entry spending_;
  observability::RequestRecord record_;
  bool keeps_answer_ = false;  // in the cache, under:
  Digest cache_key_;
  std::optional<Question> question_;
  std::vector<float> embedding_;
  std::string prompted_body_;  // what call_ refers to where the route has a prompt
  std::string captured_;       // what of a stream has been given to the client
  bool recorded_ = false;
  bool spending_open_ = false;
  bool gave_up_ = false;  // every way was tried: the client need not repeat the call
  std::optional<AttemptContext> context_;
  std::unique_ptr<Attempt> attempt_;  // the last one
  std::unique_ptr<Race> race_;        // the others of a hedged call
  int64_t upstream_wait_us_ = 0;
  Executor executor_;
  CancelToken::Subscription client_watch_;
  std::optional<Timer> drain_timer_;
};

}  // namespace penstock::gateway
