#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/cancel.h"
#include "core/timer.h"
#include "gateway/gateway.h"
#include "http/sse.h"
#include "providers/openai_answer.h"

namespace penstock::gateway {

// One call on its way: the state between its arrival and its record. Lives in the frame of Gateway::relay.
class Exchange {
 public:
  Exchange(const Gateway& gateway, Call& call, ResponseStream& out);

  Task<> run();
  // The whole answer is `error`: records and sends it.
  Task<> answer_error(Error error);

 private:
  // What a relayed stream has come to.
  struct Stream;

  // Errors mean that nothing has been sent yet.
  Task<Result<void>> exchange();
  Task<Result<std::unique_ptr<HttpAnswer>>> call_upstream();
  std::string_view upstream_body();  // the client's, patched where it must be
  Headers upstream_headers() const;

  Task<Result<void>> answer_refusal(HttpAnswer& answer);  // the upstream said 4xx or 5xx
  Task<Result<void>> answer_whole(HttpAnswer& answer);
  Task<Result<void>> answer_stream(HttpAnswer& answer);
  Task<Result<void>> relay_events(HttpAnswer& answer, Stream& stream);
  void take_event(const http::SseEvent& event, Stream& stream);
  Task<> end_stream(Stream& stream, Result<void> outcome);

  Task<> read_to_end(HttpAnswer& answer);

  ResponseHead answer_head(const ResponseHead& upstream) const;
  // Ends the upstream call once the client has gone: at once for an engine, else after drain_ms.
  void watch_client();
  void note_error(const Error& error, int status);
  void price();
  Task<Result<void>> settle();  // completes and writes the record; once

  const Gateway& gateway_;
  Call& call_;
  ResponseStream& out_;
  const Route* route_ = nullptr;
  std::string upstream_model_;
  std::string patched_body_;
  observability::RequestRecord record_;
  bool recorded_ = false;
  int64_t upstream_wait_us_ = 0;
  CancelSource upstream_cancel_;
  CancelToken::Subscription client_watch_;
  std::optional<Timer> drain_timer_;
};

}  // namespace penstock::gateway
