#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/cancel.h"
#include "core/timer.h"
#include "gateway/attempt.h"
#include "gateway/gateway.h"
#include "gateway/try_plan.h"

namespace penstock::gateway {

// One call on its way: the state between its arrival and its record. Lives in the frame of Gateway::relay.
class Exchange {
 public:
  Exchange(const Gateway& gateway, Call& call, ResponseStream& out);

  Task<> run();
  // The whole answer is `error`: records and sends it.
  Task<> answer_error(Error error);

 private:
  // Errors mean that nothing has been sent yet.
  Task<Result<void>> exchange();
  Task<Result<void>> try_targets();
  Task<Result<void>> answer_whole(Attempt& attempt);
  Task<Result<void>> answer_stream(Attempt& attempt);
  Task<Result<void>> relay_events(Attempt& attempt);
  Task<> end_stream(Attempt& attempt, Result<void> outcome);
  // Nothing more is tried: the upstream's own words where there are any.
  Task<Result<void>> answer_failure(AttemptFailure failure, const TryPlan& plan);

  uint64_t sticky_unit() const;
  int64_t deadline_us() const;
  void note_attempt(const Attempt& attempt, const AttemptFailure* failure);
  void note_target(const Attempt& attempt);
  ResponseHead answer_head(const Attempt& attempt) const;
  void add_own_headers(Headers& headers) const;
  // Ends the upstream call once the client has gone: at once for an engine, else after drain_ms.
  void watch_client();
  void client_left();
  void note_error(const Error& error, int status);
  void price();
  Task<Result<void>> settle();  // completes and writes the record; once

  const Gateway& gateway_;
  std::shared_ptr<const Setup> setup_;
  Call& call_;
  ResponseStream& out_;
  const Route* route_ = nullptr;
  observability::RequestRecord record_;
  bool recorded_ = false;
  bool gave_up_ = false;  // every way was tried: the client need not repeat the call
  std::optional<AttemptContext> context_;
  std::unique_ptr<Attempt> attempt_;  // the last one
  int64_t upstream_wait_us_ = 0;
  Executor executor_;
  CancelToken::Subscription client_watch_;
  std::optional<Timer> drain_timer_;
};

}  // namespace penstock::gateway
