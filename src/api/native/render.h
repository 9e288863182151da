#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/native/services.h"
#include "observability/request_log.h"
#include "observability/request_stats.h"

namespace penstock::api::native {

// Domain values as the JSON of the native API; schemas.cc holds what each looks like.

std::string request_summary_json(const observability::RequestRecord& record);
// With input and output: as JSON where they are, else as text, null where nothing was kept.
std::string request_detail_json(const observability::RequestRecord& record);
std::string request_page_json(const observability::RequestPage& page);
std::string stats_json(const observability::StatsSummary& summary);

std::string version_json(const VersionInfo& version);
std::string models_json(const std::vector<ModelInfo>& models);

// The whole is down when an essential part is, ok when every part is, else degraded.
HealthStatus overall_health(const std::vector<HealthPart>& parts);
std::string_view health_status_name(HealthStatus status);
std::string health_json(const std::vector<HealthPart>& parts, int64_t uptime_s);

}  // namespace penstock::api::native
