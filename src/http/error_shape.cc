#include "http/error_shape.h"

#include <algorithm>
#include <iterator>

#include "core/json_writer.h"

namespace penstock::http {
namespace {

struct Row {
  ErrorCode code;
  int status;
  std::string_view openai_type;
  std::string_view openai_code;  // where the error has no finer reason; empty: null
};

constexpr Row kRows[] = {
    {ErrorCode::kInvalidArgument, 400, "invalid_request_error", ""},
    {ErrorCode::kUnauthenticated, 401, "authentication_error", "invalid_api_key"},
    {ErrorCode::kPermissionDenied, 403, "permission_error", ""},
    {ErrorCode::kNotFound, 404, "not_found_error", ""},
    {ErrorCode::kMethodNotAllowed, 405, "invalid_request_error", "method_not_allowed"},
    {ErrorCode::kConflict, 409, "invalid_request_error", ""},
    {ErrorCode::kTooLarge, 413, "invalid_request_error", "request_too_large"},
    {ErrorCode::kRateLimited, 429, "rate_limit_error", "rate_limit_exceeded"},
    {ErrorCode::kCancelled, 499, "server_error", "cancelled"},
    {ErrorCode::kDeadlineExceeded, 504, "server_error", "timeout"},
    {ErrorCode::kUnavailable, 503, "server_error", "unavailable"},
    {ErrorCode::kUpstream, 502, "server_error", "upstream_error"},
    {ErrorCode::kStorageFull, 507, "server_error", "storage_full"},
    {ErrorCode::kCorrupt, 500, "server_error", ""},
    {ErrorCode::kNotImplemented, 501, "invalid_request_error", "not_implemented"},
    {ErrorCode::kInternal, 500, "server_error", ""},
};

constexpr std::string_view kQuota = "insufficient_quota";

const Row& row_of(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return std::end(kRows)[-1];
}

Response shaped(const Error& error, std::string body) {
  Response response = Response::json(http_status(error.code), std::move(body));
  if (error.retry_after_ms) {
    int64_t ms = std::max<int64_t>(*error.retry_after_ms, 0);
    response.head.headers.add("retry-after", std::to_string((ms + 999) / 1000));
    response.head.headers.add("retry-after-ms", std::to_string(ms));
  }
  if (error.reason == kQuota || error.code == ErrorCode::kNotImplemented) {
    response.head.headers.add("x-should-retry", "false");
  }
  return response;
}

}  // namespace

int http_status(ErrorCode code) { return row_of(code).status; }

std::string openai_error_json(const Error& error) {
  const Row& row = row_of(error.code);
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.field("message", error.message);
  json.field("type", error.reason == kQuota ? kQuota : row.openai_type);
  json.optional_field("param", error.field);
  json.optional_field("code", error.reason.empty() ? row.openai_code : std::string_view(error.reason));
  json.end_object().end_object();
  return json.take();
}

Response openai_error(const Error& error) { return shaped(error, openai_error_json(error)); }

Response native_error(const Error& error) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.field("code", error_code_name(error.code)).field("message", error.message);
  if (!error.field.empty()) json.field("field", error.field);
  json.end_object().end_object();
  return shaped(error, json.take());
}

}  // namespace penstock::http
