#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock::api::native {

// One handler per route. The route table (route_table.cc) says which stands where; the caller has checked who
// calls, the query and the body, and writes errors.

Task<Result<Response>> get_version(const NativeServices& services, const Call& call);
Task<Result<Response>> get_health(const NativeServices& services, const Call& call);
Task<Result<Response>> get_plain_health(const NativeServices& services, const Call& call);
Task<Result<Response>> get_metrics(const NativeServices& services, const Call& call);
Task<Result<Response>> get_openapi(const NativeServices& services, const Call& call);
Task<Result<Response>> list_models(const NativeServices& services, const Call& call);
Task<Result<Response>> get_stats(const NativeServices& services, const Call& call);
Task<Result<Response>> list_requests(const NativeServices& services, const Call& call);
Task<Result<Response>> get_request(const NativeServices& services, const Call& call);

// Streams server-sent events until the client goes or the server shuts down.
Task<Result<void>> watch_requests(const NativeServices& services, ResponseStream& out);

}  // namespace penstock::api::native
