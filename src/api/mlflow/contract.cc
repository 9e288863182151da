#include "api/mlflow/contract.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

struct CodeRow {
  std::string_view name;
  int status;
};

// mlflow/exceptions.py, ERROR_CODE_TO_HTTP_STATUS.
constexpr std::array<CodeRow, 21> kCodes = {{
    {"INTERNAL_ERROR", 500},
    {"INVALID_STATE", 500},
    {"DATA_LOSS", 500},
    {"NOT_IMPLEMENTED", 501},
    {"TEMPORARILY_UNAVAILABLE", 503},
    {"DEADLINE_EXCEEDED", 504},
    {"REQUEST_LIMIT_EXCEEDED", 429},
    {"CANCELLED", 499},
    {"RESOURCE_EXHAUSTED", 429},
    {"ABORTED", 409},
    {"RESOURCE_CONFLICT", 409},
    {"ALREADY_EXISTS", 409},
    {"NOT_FOUND", 404},
    {"ENDPOINT_NOT_FOUND", 404},
    {"RESOURCE_DOES_NOT_EXIST", 404},
    {"PERMISSION_DENIED", 403},
    {"CUSTOMER_UNAUTHORIZED", 401},
    {"UNAUTHENTICATED", 401},
    {"BAD_REQUEST", 400},
    {"RESOURCE_ALREADY_EXISTS", 400},
    {"INVALID_PARAMETER_VALUE", 400},
}};

struct ErrorRow {
  ErrorCode code;
  std::string_view name;
  int status;
};

// Clients repeat 408, 429 and most 5xx for minutes: only what may go well later is one of those.
constexpr std::array<ErrorRow, 16> kErrors = {{
    {ErrorCode::kInvalidArgument, "INVALID_PARAMETER_VALUE", 400},
    {ErrorCode::kUnauthenticated, "UNAUTHENTICATED", 401},
    {ErrorCode::kPermissionDenied, "PERMISSION_DENIED", 403},
    {ErrorCode::kNotFound, "RESOURCE_DOES_NOT_EXIST", 404},
    {ErrorCode::kMethodNotAllowed, "ENDPOINT_NOT_FOUND", 405},
    {ErrorCode::kConflict, "RESOURCE_CONFLICT", 409},
    {ErrorCode::kTooLarge, "INVALID_PARAMETER_VALUE", 400},
    {ErrorCode::kRateLimited, "REQUEST_LIMIT_EXCEEDED", 429},
    {ErrorCode::kCancelled, "CANCELLED", 499},
    {ErrorCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", 504},
    {ErrorCode::kUnavailable, "TEMPORARILY_UNAVAILABLE", 503},
    {ErrorCode::kUpstream, "INTERNAL_ERROR", 502},
    {ErrorCode::kStorageFull, "RESOURCE_EXHAUSTED", 507},
    {ErrorCode::kCorrupt, "DATA_LOSS", 500},
    {ErrorCode::kNotImplemented, "NOT_IMPLEMENTED", 501},
    {ErrorCode::kInternal, "INTERNAL_ERROR", 500},
}};

constexpr std::array<std::string_view, 2> kPrefixes = {"/api/", "/ajax-api/"};
constexpr std::array<std::string_view, 3> kShaped = {"/api/2.0/", "/api/3.0/", "/ajax-api/"};
constexpr std::array<std::string_view, 5> kOwnPaths = {"/version", "/get-artifact", "/graphql", "/v1/traces",
                                                       "/model-versions/get-artifact"};
constexpr std::string_view kServerInfoPath = "3.0/mlflow/server-info";

constexpr std::string_view kServerInfo =
    R"({"store_type":"SqlStore","workspaces_enabled":false,)"
    R"("trace_archival_enabled":false,"features_enabled":{"gateway":false}})";

constexpr Message kNothing{.name = "Nothing", .fields = {}};
const Json kNoFields = JsonObject();

Response error_response(std::string_view name, int status, const Error& error) {
  JsonWriter json(64 + error.message.size());
  json.begin_object().field("error_code", name).field("message", error.message).end_object();
  Response response = Response::json(status, json.take());
  if (error.retry_after_ms) {
    int64_t ms = std::max<int64_t>(*error.retry_after_ms, 0);
    response.head.headers.add("retry-after", std::to_string((ms + 999) / 1000));
  }
  if (status == 401) response.head.headers.add("www-authenticate", "Basic realm=\"mlflow\"");
  return response;
}

// Errors of the server, the guard and the router: there is nothing at a path, not: no such run.
Response outer_error(const Error& error) {
  if (error.code != ErrorCode::kNotFound) return mlflow_error(error);
  return error_response("ENDPOINT_NOT_FOUND", 404, error);
}

// One row as the router knows it.
struct Bound {
  std::string method;
  const Message* message;
  access::Capability needs;
  internal::Answer answer;
  internal::Stream stream;
};

Result<void> check_right(const Bound& route, Call& call) {
  call.principal = call.snapshot->find(call.request.principal);
  if (route.needs == access::Capability::kOpen) return {};
  if (call.principal == nullptr) {
    return Failure(Error{.code = ErrorCode::kUnauthenticated,
                         .message = "You are not authenticated. Send a user's name and password, or an API "
                                    "token as MLFLOW_TRACKING_TOKEN."});
  }
  if (access::may(call.principal->role, route.needs)) return {};
  return Failure(Error{.code = ErrorCode::kPermissionDenied,
                       .message = "Permission denied: this needs the right '" +
                                  std::string(access::capability_name(route.needs)) + "', which the role '" +
                                  std::string(access::role_name(call.principal->role)) + "' does not have."});
}

Result<void> check_content_type(const Request& request) {
  if (request.method != "POST" && request.method != "PUT") return {};
  std::string_view type = request.headers.get("content-type");
  if (type.empty()) {
    return Failure(Error::invalid("content-type", "Bad Request. Content-Type header is missing."));
  }
  if (equals_ignoring_case(trim(type.substr(0, type.find(';'))), "application/json")) return {};
  return Failure(
      Error::invalid("content-type", "Bad Request. Content-Type must be one of ['application/json']."));
}

Result<Json> read_document(const Bound& route, const Request& request) {
  if (route.message == nullptr) return Json(JsonObject());
  RETURN_IF_ERROR(check_content_type(request));
  bool from_query = (request.method == "GET" || request.method == "HEAD") && !request.query.empty();
  return from_query ? read_query(request.query, *route.message, request.params)
                    : read_body(request.body, *route.message, request.params);
}

Task<> serve(const access::Directory& directory, const Bound& route, const Request& request,
             ResponseStream& out) {
  const Message& message = route.message == nullptr ? kNothing : *route.message;
  Call call{
      .request = request, .in = Fields(message, kNoFields.get_object()), .snapshot = directory.snapshot()};
  if (Result<void> allowed = check_right(route, call); !allowed) {
    std::ignore = co_await out.send(mlflow_error(allowed.error()));
    co_return;
  }
  Result<Json> document = read_document(route, request);
  if (!document) {
    std::ignore = co_await out.send(mlflow_error(document.error()));
    co_return;
  }
  call.in = Fields(message, document->get_object());
  if (route.stream) {
    Result<void> done = co_await route.stream(call, out);
    if (!done && !out.started()) std::ignore = co_await out.send(mlflow_error(done.error()));
    co_return;
  }
  Result<std::string> answer = co_await route.answer(call);
  Response response = answer ? Response::json(200, *std::move(answer)) : mlflow_error(answer.error());
  // An error here means that the client has gone, and then there is nobody to tell.
  std::ignore = co_await out.send(std::move(response));
}

Task<> send_text(ResponseStream& out, Response response) {
  std::ignore = co_await out.send(std::move(response));
}

}  // namespace

Response mlflow_error(const Error& error) {
  auto named = std::ranges::find(kCodes, std::string_view(error.reason), &CodeRow::name);
  if (named != kCodes.end()) return error_response(named->name, named->status, error);
  auto row = std::ranges::find(kErrors, error.code, &ErrorRow::code);
  return error_response(row->name, row->status, error);
}

void internal::add(Contract contract, std::string_view methods, const Row& row, Answer answer,
                   Stream stream) {
  for (std::string_view method : split(methods, ' ')) {
    auto bound = std::make_shared<const Bound>(std::string(method), row.message, row.needs, answer, stream);
    Handler handler = [bound, &directory = contract.directory](Request& request, ResponseStream& out) {
      return serve(directory, *bound, request, out);
    };
    auto add_at = [&](std::string_view path) {
      if (row.streamed_bytes_max > 0) {
        contract.router.add_streaming(method, path, row.streamed_bytes_max, handler);
      } else {
        contract.router.add(method, path, handler);
      }
    };
    if (row.path.starts_with('/')) {
      add_at(row.path);
      continue;
    }
    for (std::string_view prefix : kPrefixes) add_at(std::string(prefix).append(row.path));
  }
}

void add_contract(Contract contract) {
  for (std::string_view prefix : kShaped) contract.router.shape(prefix, outer_error);
  contract.router.add("GET", "/version", [](Request&, ResponseStream& out) {
    return send_text(out, Response::text(200, std::string(kMlflowVersion)));
  });
  for (std::string_view prefix : kPrefixes) {
    contract.router.add("GET", std::string(prefix).append(kServerInfoPath),
                        [](Request&, ResponseStream& out) {
                          return send_text(out, Response::json(200, std::string(kServerInfo)));
                        });
  }
}

bool asks_itself(std::string_view path) {
  return path.starts_with("/ajax-api/") || std::ranges::find(kOwnPaths, path) != kOwnPaths.end();
}

bool is_open(std::string_view path) {
  return path == "/version" || std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
           return path.starts_with(prefix) && path.substr(prefix.size()) == kServerInfoPath;
         });
}

}  // namespace penstock::api::mlflow
