#include <utility>

#include "api/mlflow/trace_routes.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "http/content_encoding.h"
#include "observability/traces/otlp.h"

// OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp): POST /v1/traces, with MLflow's headers
// for the experiment and the run.
namespace penstock::api::mlflow {
namespace {

constexpr size_t kDecodedBytesMax = 64 << 20;
constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

// {"detail": "..."}: what MLflow's clients look into for what went wrong.
Response refusal(int status, std::string_view detail) {
  JsonWriter json;
  return Response::json(status, json.begin_object().field("detail", detail).end_object().take());
}

// Errors of the body are OTLP's; those of tracking MLflow's.
Response refusal(const Error& error) {
  if (error.reason == traces::kUnconvertible) return refusal(422, error.message);
  if (error.code == ErrorCode::kTooLarge) return refusal(413, error.message);
  return refusal(400, error.message);
}

Result<traces::SpanBatch> read_batch(std::string_view media_type, std::string_view encoding,
                                     const std::string& body) {
  std::string decoded;
  std::string_view bytes = body;
  if (!encoding.empty()) {
    ASSIGN_OR_RETURN(decoded, http::decode_content(encoding, body, kDecodedBytesMax));
    bytes = decoded;
  }
  return media_type == kJson ? traces::read_otlp_json(bytes) : traces::read_otlp(bytes);
}

// ExportTraceServiceResponse with nothing to say.
Response accepted(std::string_view media_type) {
  Response response;
  response.head.headers.add("content-type", std::string(media_type));
  if (media_type == kJson) response.body = "{}";
  return response;
}

Task<Result<void>> export_traces(TraceServices& services, const Call& call, ResponseStream& out) {
  const Headers& headers = call.request.headers;
  std::string_view content_type = headers.get("content-type");
  std::string media_type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (media_type != kProtobuf && media_type != kJson) {
    co_return co_await out.send(
        refusal(400, "Invalid Content-Type: " + std::string(content_type.empty() ? "None" : content_type) +
                         ". Expected: application/x-protobuf or application/json"));
  }
  Result<traces::SpanBatch> batch =
      read_batch(media_type, headers.get("content-encoding"), call.request.body);
  if (!batch) co_return co_await out.send(refusal(batch.error()));
  std::string_view experiment = headers.get("x-mlflow-experiment-id");
  if (experiment.empty()) experiment = traces::kDefaultExperiment;
  CO_RETURN_IF_ERROR(co_await services.traces.log_spans(std::string(experiment), std::move(*batch),
                                                        std::string(headers.get("x-mlflow-run-id"))));
  co_return co_await out.send(accepted(media_type));
}

}  // namespace

void add_otlp_routes(Contract contract, TraceServices& services) {
  static const Route<TraceServices> kRoutes[] = {
      {"POST", "/v1/traces", nullptr, access::Capability::kDevelop, nullptr, export_traces},
  };
  add_routes<TraceServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
