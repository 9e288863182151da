#include <string>
#include <utility>

#include "api/native/handlers.h"
#include "api/native/render.h"
#include "http/sse.h"

namespace penstock::api::native {
namespace {

using observability::LiveRequests;

constexpr int64_t kKeepAliveMs = 15'000;
// What a browser waits before it connects again.
constexpr std::string_view kFirstBytes = "retry: 2000\n\n";
constexpr std::string_view kKeepAlive = ": keep-alive\n\n";

std::string events_of(const LiveRequests::Batch& batch) {
  std::string out;
  if (batch.dropped > 0)
    out += http::sse_event("dropped", "{\"count\":" + std::to_string(batch.dropped) + "}");
  for (const auto& record : batch.requests) out += http::sse_event("request", request_summary_json(*record));
  return out.empty() ? std::string(kKeepAlive) : out;
}

}  // namespace

Task<Result<void>> watch_requests(const NativeServices& services, ResponseStream& out) {
  ASSIGN_OR_CO_RETURN(auto watcher, services.live.subscribe());
  ResponseHead head;
  head.headers = {{"content-type", "text/event-stream"},
                  {"cache-control", "no-store"},
                  {"x-accel-buffering", "no"}};  // nginx would hold events back
  CO_RETURN_IF_ERROR(co_await out.start(std::move(head)));
  CO_RETURN_IF_ERROR(co_await out.write(kFirstBytes));
  for (;;) {
    ASSIGN_OR_CO_RETURN(LiveRequests::Batch batch, co_await watcher->next(kKeepAliveMs, out.disconnected()));
    const std::string events = events_of(batch);
    CO_RETURN_IF_ERROR(co_await out.write(events));
    if (batch.ended) co_return co_await out.finish();
  }
}

}  // namespace penstock::api::native
