#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "observability/prometheus_text.h"

// The gateway's routes as they are, and the configuration that they come from.
namespace penstock::api::native {

Task<Result<Response>> get_gateway(const NativeServices& services, const Call& call);

Task<Result<Response>> get_config(const NativeServices& services, const Call& call);
Task<Result<Response>> list_config_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> get_config_version(const NativeServices& services, const Call& call);
Task<Result<Response>> diff_config_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> check_config(const NativeServices& services, const Call& call);
Task<Result<Response>> apply_config(const NativeServices& services, const Call& call);
Task<Result<Response>> undo_config(const NativeServices& services, const Call& call);
Task<Result<Response>> reload_config(const NativeServices& services, const Call& call);

// Targets in Prometheus' exposition: one series of each family per route and target of the configuration, at
// most kTargetSeriesMax.
void write_target_metrics(observability::PrometheusText& out, const NativeServices& services);
inline constexpr size_t kTargetSeriesMax = 1'000;

}  // namespace penstock::api::native
