#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/http_message.h"

namespace penstock::http {

// How one wire contract writes an error.
using ErrorShape = std::function<Response(const Error& error)>;

// The same for a server of several contracts, which are told apart by path.
using PathErrorShape = std::function<Response(std::string_view path, const Error& error)>;

// The one table from error codes to statuses. kCancelled is 499, which nobody receives but records show.
int http_status(ErrorCode code);

// {"error":{"message","type","param","code"}} with all four keys: `param` is error.field, `code` is
// error.reason or the code's usual name, null where there is none. `retry_after_ms` becomes the headers
// retry-after (whole seconds, rounded up) and retry-after-ms; what no retry can mend (insufficient_quota, not
// implemented) gets `x-should-retry: false`.
Response openai_error(const Error& error);
std::string openai_error_json(const Error& error);  // the same body, for the `data:` of an SSE error event

// {"type":"error","error":{"type","message"}}: Anthropic's, whose clients tell errors by type and status (an
// unavailable service is 529 there). The field at fault stands in the message. Retry headers as above.
Response anthropic_error(const Error& error);
std::string anthropic_error_json(const Error& error);

// {"error":{"code","message","field"}}; `field` only where there is one. Retry headers as above.
Response native_error(const Error& error);

}  // namespace penstock::http
