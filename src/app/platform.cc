#include "app/platform.h"

#include <thread>

#include "api/native/routes.h"
#include "api/openai/routes.h"
#include "app/build_info.h"
#include "app/guard.h"
#include "app/ui_files.h"
#include "core/log.h"
#include "http/client.h"

namespace penstock::app {
namespace {

constexpr size_t kPoolThreads = 2;
constexpr size_t kPoolQueueMax = 256;

size_t loop_count(const Settings& settings) {
  if (settings.loops > 0) return static_cast<size_t>(settings.loops);
  return std::max(1u, std::thread::hardware_concurrency());
}

EngineSettings settings_for(const Settings& settings, const std::string& model) {
  for (const EngineSettings& engine : settings.engines) {
    if (engine.model == model) return engine;
  }
  return {.model = model};
}

}  // namespace

Platform::Platform(Settings settings, Stores stores)
    : settings_(std::move(settings)),
      stores_(std::move(stores)),
      pool_({.name = "reads", .threads = kPoolThreads, .queue_max = kPoolQueueMax}),
      log_(*stores_.requests),
      stats_(system_clock()),
      live_(log_) {}

Result<std::unique_ptr<Platform>> Platform::start(Settings settings, const std::filesystem::path& data) {
  ASSIGN_OR_RETURN(Stores stores, Stores::open(data, settings));
  std::unique_ptr<Platform> platform(new Platform(std::move(settings), std::move(stores)));
  ASSIGN_OR_RETURN(platform->loops_, http::EventLoops::create(loop_count(platform->settings_)));
  platform->client_ = http::make_client(*platform->loops_);
  ASSIGN_OR_RETURN(observability::Rebuild rebuilt, platform->stats_.rebuild(*platform->stores_.requests));
  log_info("records read", {{"requests_of_last_24_h", rebuilt.requests}, {"complete", rebuilt.complete}});
  platform->follower_ =
      platform->log_.follow([p = platform.get()](const observability::RequestRecord& record) {
        p->stats_.add(record);
        p->metrics_.add(record);
      });
  RETURN_IF_ERROR(platform->start_access());
  RETURN_IF_ERROR(platform->start_engines(data));
  RETURN_IF_ERROR(platform->start_server());
  return platform;
}

Result<void> Platform::start_access() {
  bool only_here = listens_only_here(settings_);
  directory_ = std::make_unique<access::Directory>(
      settings_.access, *stores_.registry.database, system_clock(),
      only_here ? access::Anonymous::kOwner : access::Anonymous::kRefused);
  RETURN_IF_ERROR(directory_->reload());
  if (directory_->snapshot()->has_credentials()) return {};
  return check_exposure(settings_);
}

Result<void> Platform::start_engines(const std::filesystem::path& data) {
  ASSIGN_OR_RETURN(std::filesystem::path sockets, socket_directory(data));
  ASSIGN_OR_RETURN(std::vector<registry::RegisteredModel> models, stores_.registry.models->list());
  std::vector<EngineSpec> specs;
  for (const EngineSettings& engine : settings_.engines) {
    if (std::ranges::find(models, engine.model, &registry::RegisteredModel::name) == models.end()) {
      return Failure(Error::invalid(
          "engines",
          "engines." + engine.model + ": no model of that name is registered; see penstock models list"));
    }
  }
  for (const registry::RegisteredModel& model : models) {
    EngineSettings engine = settings_for(settings_, model.name);
    bool configured =
        std::ranges::find(settings_.engines, model.name, &EngineSettings::model) != settings_.engines.end();
    if (!settings_.embedded && !configured) continue;
    std::filesystem::path socket = sockets / ("engine-" + std::to_string(specs.size()) + ".sock");
    specs.push_back({.settings = std::move(engine), .model_file = model.path, .socket = socket});
    upstreams_.push_back({.model = model.name,
                          .kind = model.kind,
                          .endpoint = {.unix_path = socket, .prefix = "/v1"},
                          .version = {model.name, std::to_string(model.version), model.digest.text()}});
  }
  supervisor_ = std::make_unique<EngineSupervisor>(*loops_, *client_, std::move(specs));
  supervisor_->start();
  return {};
}

Result<void> Platform::start_server() {
  gateway::GatewayServices services{.client = *client_,
                                    .log = log_,
                                    .clock = system_clock(),
                                    .random = system_random(),
                                    .durability = settings_.durability};
  ASSIGN_OR_RETURN(gateway_, gateway::Gateway::create(settings_.gateway, upstreams_, services));
  status_ = std::make_unique<PlatformStatus>(*stores_.registry.models, *supervisor_, *gateway_,
                                             stores_.requests->recovery());
  version_ = {.version = std::string(version()),
              .commit = std::string(commit()),
              .compiler = std::string(compiler()),
              .started_at = system_clock().now()};
  native_.reset(new api::native::NativeServices{log_, live_, stats_, metrics_, *status_, *status_, version_,
                                                pool_, system_clock(), *directory_});
  api::openai::register_routes(router_, *gateway_);
  api::native::register_native_routes(router_, *native_);
  router_.guard([this](Request& request) { return guard(*directory_, request); });
  router_.fallback(
      [](Request& request, ResponseStream& out) { return http::serve_static(ui_files(), request, out); });

  http::ServerOptions options{.allowed_hosts = settings_.allowed_hosts, .server_name = "penstock"};
  ASSIGN_OR_RETURN(
      server_, http::Server::create(*loops_, std::move(options), router_.handler(), router_.error_shape()));
  for (const std::string& address : settings_.listen) {
    ASSIGN_OR_RETURN(std::string bound, server_->listen(address, settings_.tls));
    addresses_.push_back(std::move(bound));
  }
  return {};
}

std::vector<std::string> Platform::engines() const {
  std::vector<std::string> names;
  for (const gateway::EngineUpstream& upstream : upstreams_) names.push_back(upstream.model);
  return names;
}

void Platform::shutdown() {
  live_.end();
  if (server_) server_->drain(settings_.drain_timeout_ms);
  if (supervisor_) supervisor_->stop();
}

Platform::~Platform() {
  shutdown();
  server_.reset();
  supervisor_.reset();
  client_.reset();
  loops_.reset();
}

}  // namespace penstock::app
