#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/native/cost_handlers.h"
#include "api/native/services.h"
#include "app/access_services.h"
#include "app/engine_supervisor.h"
#include "app/platform_status.h"
#include "app/registry_part.h"
#include "app/reload.h"
#include "app/settings.h"
#include "app/spending.h"
#include "app/stores.h"
#include "app/tracking_services.h"
#include "core/blocking_pool.h"
#include "gateway/gateway.h"
#include "gateway/health_checks.h"
#include "http/event_loops.h"
#include "http/router.h"
#include "http/server.h"
#include "observability/live_requests.h"
#include "observability/metrics.h"
#include "observability/request_log.h"
#include "observability/request_stats.h"
#include "registry/prompt_resolver.h"

namespace penstock::app {

// The whole of `penstock serve`: makes every part in order, lowest first, and takes them down in reverse.
class Platform {
 public:
  static Result<std::unique_ptr<Platform>> start(Configuration configuration,
                                                 const std::filesystem::path& data);
  ~Platform();  // shutdown()

  // Where it listens, with real ports: "127.0.0.1:8080".
  const std::vector<std::string>& addresses() const { return addresses_; }
  std::vector<std::string> engines() const;

  // What the server works by; reads its file again on SIGHUP.
  Reload& configuration() { return *reload_; }

  // Stops accepting, lets open requests finish within the configured time, ends the engines. Blocks; once.
  void shutdown();

 private:
  Platform(Settings settings, Stores stores);
  Result<void> start_engines(const std::filesystem::path& data);
  Result<void> start_gateway(Configuration configuration);
  Result<void> start_server();
  Result<void> start_admin_socket(const std::filesystem::path& data);

  Settings settings_;
  Stores stores_;
  BlockingPool pool_;
  std::unique_ptr<http::EventLoops> loops_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<EngineSupervisor> supervisor_;
  observability::RequestLog log_;
  observability::RequestStats stats_;
  observability::RequestMetrics metrics_;
  observability::LiveRequests live_;
  observability::RequestLog::Follower follower_;
  std::vector<gateway::EngineUpstream> upstreams_;
  registry::PromptResolver prompts_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<gateway::HealthChecks> health_checks_;
  std::atomic<int64_t> drain_timeout_ms_;
  std::unique_ptr<Reload> reload_;
  std::unique_ptr<PlatformStatus> status_;
  api::native::VersionInfo version_;
  std::unique_ptr<api::native::CostServices> costs_;
  std::unique_ptr<RegistryPart> registry_;
  std::unique_ptr<api::native::NativeServices> native_;
  std::unique_ptr<AccessServices> access_;
  std::unique_ptr<Spending> spending_;
  std::unique_ptr<TrackingServices> tracking_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> admin_server_;  // on DATA/run/admin.sock
  std::vector<std::string> addresses_;
};

}  // namespace penstock::app
