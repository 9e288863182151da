#include "app/platform.h"

#include <thread>

#include "api/anthropic/routes.h"
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

blobs::Sync upload_sync(const Settings& settings) {
  return settings.durability == gateway::Durability::kStrict ? blobs::Sync::kNow : blobs::Sync::kLater;
}

}  // namespace

Platform::Platform(Settings settings, Stores stores)
    : settings_(std::move(settings)),
      stores_(std::move(stores)),
      pool_({.name = "reads", .threads = kPoolThreads, .queue_max = kPoolQueueMax}),
      log_(*stores_.requests),
      stats_(system_clock()),
      live_(log_),
      prompts_(*stores_.registry.database, system_clock()),
      drain_timeout_ms_(settings_.drain_timeout_ms) {}

Result<std::unique_ptr<Platform>> Platform::start(Configuration configuration,
                                                  const std::filesystem::path& data) {
  ASSIGN_OR_RETURN(Stores stores, Stores::open(data, configuration.settings));
  std::unique_ptr<Platform> platform(new Platform(configuration.settings, std::move(stores)));
  ASSIGN_OR_RETURN(platform->loops_, http::EventLoops::create(loop_count(platform->settings_)));
  platform->client_ = http::make_client(*platform->loops_);
  ASSIGN_OR_RETURN(observability::Rebuild rebuilt, platform->stats_.rebuild(*platform->stores_.requests));
  log_info("records read", {{"requests_of_last_24_h", rebuilt.requests}, {"complete", rebuilt.complete}});
  platform->follower_ =
      platform->log_.follow([p = platform.get()](const observability::RequestRecord& record) {
        p->stats_.add(record);
        p->metrics_.add(record);
      });
  ASSIGN_OR_RETURN(platform->access_,
                   AccessServices::open(platform->settings_, data, *platform->stores_.registry.database,
                                        *platform->client_));
  platform->access_->start(*platform->loops_);
  ASSIGN_OR_RETURN(platform->spending_, Spending::open(platform->settings_, data,
                                                       {.database = *platform->stores_.registry.database,
                                                        .requests = *platform->stores_.requests,
                                                        .log = platform->log_,
                                                        .directory = platform->access_->directory()}));
  platform->spending_->start(*platform->loops_);
  RETURN_IF_ERROR(platform->start_engines(data));
  RETURN_IF_ERROR(platform->start_gateway(std::move(configuration)));
  RETURN_IF_ERROR(platform->start_server());
  RETURN_IF_ERROR(platform->start_admin_socket(data));
  platform->reload_->start();
  return platform;
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
    if (std::error_code ignored; !std::filesystem::exists(model.path, ignored)) {
      log_warn("a registered model is not served: its weights are not on this machine",
               {{"model", model.name}, {"digest", model.digest.text()}});
      continue;
    }
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

Result<void> Platform::start_gateway(Configuration configuration) {
  gateway::GatewayServices services{.client = *client_,
                                    .log = log_,
                                    .admission = spending_->admission(),
                                    .spend = spending_->journal(),
                                    .prices = spending_->prices(),
                                    .clock = system_clock(),
                                    .random = system_random(),
                                    .durability = settings_.durability,
                                    .prompts = &prompts_};
  ASSIGN_OR_RETURN(gateway_, gateway::Gateway::create(settings_.gateway, upstreams_, services));
  std::vector<Executor> executors;
  for (size_t i = 0; i < loops_->size(); ++i) executors.push_back(loops_->executor(i));
  health_checks_ = std::make_unique<gateway::HealthChecks>(*client_, system_random(), std::move(executors));
  health_checks_->follow(gateway_->setup());
  reload_ = std::make_unique<Reload>(
      std::move(configuration),
      config_parts({.prices = spending_->prices(),
                    .gateway = *gateway_,
                    .engines = upstreams_,
                    .health_checks = *health_checks_,
                    .directory = access_->directory(),
                    .drain_timeout_ms = drain_timeout_ms_}),
      ReloadServices{
          .database = *stores_.registry.database, .audit = access_->audit(), .clock = system_clock()});
  return {};
}

Result<void> Platform::start_server() {
  ASSIGN_OR_RETURN(std::string database, stores_.registry.database->describe());
  status_ = std::make_unique<PlatformStatus>(*stores_.registry.database, database, *stores_.registry.models,
                                             *supervisor_, *gateway_, stores_.requests->recovery(), *reload_);
  version_ = {.version = std::string(version()),
              .commit = std::string(commit()),
              .compiler = std::string(compiler()),
              .started_at = system_clock().now()};
  costs_.reset(new api::native::CostServices{*stores_.registry.database, spending_->budgets(),
                                             spending_->admission(), spending_->prices()});
  registry_ =
      std::make_unique<RegistryPart>(*stores_.registry.database, *loops_, settings_.webhooks, system_clock());
  native_.reset(new api::native::NativeServices{
      *reload_, [this] { return gateway_->setup(); }, log_, live_, stats_, metrics_, *status_, *status_,
      version_, pool_, system_clock(), access_->directory(), access_->audit(), access_->keys(),
      access_->accounts(), *costs_, registry_->native(), access_->oidc()});
  api::openai::register_routes(router_, *gateway_);
  api::anthropic::register_routes(router_, *gateway_);
  api::native::register_native_routes(router_, *native_);
  ASSIGN_OR_RETURN(tracking_, TrackingServices::open({.database = *stores_.registry.database,
                                                      .blobs = *stores_.registry.blobs,
                                                      .registry = registry_->models(),
                                                      .clock = system_clock(),
                                                      .pool = pool_,
                                                      .sync = upload_sync(settings_)}));
  tracking_->add_routes({.router = router_, .directory = access_->directory()});
  registry_->add_routes({.router = router_, .directory = access_->directory()});
  registry_->start(*loops_);
  router_.guard([this](Request& request) { return guard(access_->directory(), request); });
  router_.second_guard([this](Request& request, Error refused) {
    return password_guard(access_->directory(), access_->basic_login(), request, std::move(refused));
  });
  router_.fallback(
      [](Request& request, ResponseStream& out) { return http::serve_static(ui_files(), request, out); });

  http::ServerOptions options{.allowed_hosts = settings_.allowed_hosts,
                              .server_name = "penstock",
                              .streamed_body = router_.streamed_body()};
  ASSIGN_OR_RETURN(
      server_, http::Server::create(*loops_, std::move(options), router_.handler(), router_.error_shape()));
  for (const std::string& address : settings_.listen) {
    ASSIGN_OR_RETURN(std::string bound, server_->listen(address, settings_.tls));
    addresses_.push_back(std::move(bound));
  }
  return {};
}

// Whoever may open the socket owns the data directory, so he needs no key: the way in for the first account,
// and back in for an owner who has lost his password.
Result<void> Platform::start_admin_socket(const std::filesystem::path& data) {
  ASSIGN_OR_RETURN(std::filesystem::path directory, socket_directory(data));
  Handler as_local = [this](Request& request, ResponseStream& out) {
    request.principal = "local";
    return router_.handle(request, out);
  };
  http::ServerOptions options{
      .check_host = false, .server_name = "penstock", .streamed_body = router_.streamed_body()};
  ASSIGN_OR_RETURN(admin_server_, http::Server::create(*loops_, std::move(options), std::move(as_local),
                                                       router_.error_shape()));
  RETURN_IF_ERROR(admin_server_->listen("unix:" + (directory / "admin.sock").string()));
  return {};
}

std::vector<std::string> Platform::engines() const {
  std::vector<std::string> names;
  for (const gateway::EngineUpstream& upstream : upstreams_) names.push_back(upstream.model);
  return names;
}

void Platform::shutdown() {
  live_.end();
  if (reload_) reload_->stop();
  if (server_) server_->drain(drain_timeout_ms_);
  if (admin_server_) admin_server_->drain(drain_timeout_ms_);
  if (health_checks_) health_checks_->stop();
  if (registry_) registry_->stop();
  if (access_) access_->stop();
  if (spending_) spending_->stop();
  if (supervisor_) supervisor_->stop();
}

Platform::~Platform() {
  shutdown();
  server_.reset();
  admin_server_.reset();
  supervisor_.reset();
  health_checks_.reset();
  registry_.reset();
  client_.reset();
  loops_.reset();
}

}  // namespace penstock::app
