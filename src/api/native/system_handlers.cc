#include <utility>

#include "api/native/cost_handlers.h"
#include "api/native/gateway_handlers.h"
#include "api/native/handlers.h"
#include "api/native/openapi.h"
#include "api/native/render.h"
#include "observability/prometheus_text.h"

namespace penstock::api::native {
namespace {

using observability::PrometheusText;

int64_t uptime_s(const NativeServices& services) {
  return (services.clock.now().us - services.version.started_at.us) / 1'000'000;
}

void write_process(PrometheusText& out, const NativeServices& services) {
  constexpr auto kGauge = PrometheusText::Type::kGauge;
  const VersionInfo& version = services.version;
  out.family("penstock_build_info", kGauge, "The running program; always 1.");
  out.sample("penstock_build_info", {{"version", version.version}, {"commit", version.commit}}, int64_t{1});
  out.family("process_start_time_seconds", kGauge,
             "When the process began, in seconds since the Unix epoch.");
  out.sample("process_start_time_seconds", {}, static_cast<double>(version.started_at.us) / 1e6);
}

void write_parts(PrometheusText& out, const std::vector<HealthPart>& parts) {
  out.family("penstock_part_up", PrometheusText::Type::kGauge, "1 while this part of the server is well.");
  for (const HealthPart& part : parts) {
    out.sample("penstock_part_up", {{"part", part.name}}, int64_t{part.status == HealthStatus::kOk ? 1 : 0});
  }
}

}  // namespace

Task<Result<Response>> get_version(const NativeServices& services, const Call&) {
  co_return Response::json(200, version_json(services.version));
}

Task<Result<Response>> get_health(const NativeServices& services, const Call&) {
  co_return Response::json(200, health_json(services.health.parts(), uptime_s(services)));
}

Task<Result<Response>> get_plain_health(const NativeServices& services, const Call&) {
  HealthStatus status = overall_health(services.health.parts());
  std::string body(health_status_name(status));
  co_return Response::text(status == HealthStatus::kDown ? 503 : 200, body + "\n");
}

Task<Result<Response>> get_metrics(const NativeServices& services, const Call&) {
  PrometheusText out;
  write_process(out, services);
  write_parts(out, services.health.parts());
  services.metrics.write(out);
  write_spending_metrics(out, services.costs);
  write_target_metrics(out, services);
  Response response = Response::text(200, out.take());
  response.head.headers.set("content-type", std::string(PrometheusText::kContentType));
  co_return response;
}

Task<Result<Response>> get_openapi(const NativeServices& services, const Call&) {
  co_return Response::json(200, openapi_json(services.version.version));
}

Task<Result<Response>> list_models(const NativeServices& services, const Call&) {
  auto read = [&services]() -> Result<std::string> {
    ASSIGN_OR_RETURN(auto models, services.models.models());
    return models_json(models);
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

}  // namespace penstock::api::native
