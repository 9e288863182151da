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
  std::string_view anthropic_type;
};

constexpr Row kRows[] = {
    {ErrorCode::kInvalidArgument, 400, "invalid_request_error", "", "invalid_request_error"},
    {ErrorCode::kUnauthenticated, 401, "authentication_error", "invalid_api_key", "authentication_error"},
    {ErrorCode::kPermissionDenied, 403, "permission_error", "", "permission_error"},
    {ErrorCode::kNotFound, 404, "not_found_error", "", "not_found_error"},
    {ErrorCode::kMethodNotAllowed, 405, "invalid_request_error", "method_not_allowed",
     "invalid_request_error"},
    {ErrorCode::kConflict, 409, "invalid_request_error", "", "conflict_error"},
    {ErrorCode::kTooLarge, 413, "invalid_request_error", "request_too_large", "request_too_large"},
    {ErrorCode::kRateLimited, 429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error"},
    {ErrorCode::kCancelled, 499, "server_error", "cancelled", "api_error"},
    {ErrorCode::kDeadlineExceeded, 504, "server_error", "timeout", "timeout_error"},
    {ErrorCode::kUnavailable, 503, "server_error", "unavailable", "overloaded_error"},
    {ErrorCode::kUpstream, 502, "server_error", "upstream_error", "api_error"},
    {ErrorCode::kStorageFull, 507, "server_error", "storage_full", "api_error"},
    {ErrorCode::kCorrupt, 500, "server_error", "", "api_error"},
    {ErrorCode::kNotImplemented, 501, "invalid_request_error", "not_implemented", "api_error"},
    {ErrorCode::kInternal, 500, "server_error", "", "api_error"},
};

constexpr int kOverloaded = 529;  // Anthropic's own status
constexpr std::string_view kQuota = "insufficient_quota";

const Row& row_of(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return std::end(kRows)[-1];
}

Response shaped(const Error& error, int status, std::string body) {
  Response response = Response::json(status, std::move(body));
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

Response openai_error(const Error& error) {
  return shaped(error, http_status(error.code), openai_error_json(error));
}

std::string anthropic_error_json(const Error& error) {
  std::string message = error.message;
  if (!error.field.empty() && !message.contains(error.field)) message = error.field + ": " + message;
  JsonWriter json;
  json.begin_object().field("type", "error").key("error").begin_object();
  json.field("type", row_of(error.code).anthropic_type).field("message", message).end_object().end_object();
  return json.take();
}

Response anthropic_error(const Error& error) {
  int status = error.code == ErrorCode::kUnavailable ? kOverloaded : http_status(error.code);
  return shaped(error, status, anthropic_error_json(error));
}

Response native_error(const Error& error) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.field("code", error_code_name(error.code)).field("message", error.message);
  if (!error.field.empty()) json.field("field", error.field);
  json.end_object().end_object();
  return shaped(error, http_status(error.code), json.take());
}

}  // namespace penstock::http
