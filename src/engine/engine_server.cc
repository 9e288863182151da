#include "engine/engine_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "core/file.h"
#include "core/log.h"
#include "engine/engine_routes.h"
#include "engine/engine_service.h"
#include "http/event_loops.h"
#include "http/router.h"
#include "http/server.h"

namespace penstock::engine {
namespace {

constexpr int64_t kParentCheckMs = 1'000;

// Keeps SIGTERM and SIGINT, for threads started later too, until someone waits for them.
class ShutdownSignals {
 public:
  ShutdownSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~ShutdownSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;

  // Returns at a signal, or when `parent_pid` (0: nobody) is no longer our parent.
  void wait(int parent_pid) const {
    const timespec pause{.tv_sec = kParentCheckMs / 1000, .tv_nsec = kParentCheckMs % 1000 * 1'000'000};
    while (parent_pid == 0 || ::getppid() == parent_pid) {
      if (sigtimedwait(&signals_, nullptr, &pause) > 0) return;
    }
    log_warn("the engine ends: its parent has gone");
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

Result<void> write_port(const std::filesystem::path& file, std::string_view address) {
  if (file.empty()) return {};
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || address.starts_with("unix:")) return {};
  return replace_file(file, fmt::format("{}\n", address.substr(colon + 1)));
}

}  // namespace

Result<void> run_engine(const EngineOptions& options) {
  const ShutdownSignals signals;
  ASSIGN_OR_RETURN(auto loops, http::EventLoops::create(1, "engine-http"));
  std::unique_ptr<EngineService> service;
  std::atomic<EngineService*> loaded = nullptr;
  http::Router router;
  add_routes(router, loaded);
  http::ServerOptions serving;
  serving.check_host = !options.listen.starts_with("unix:");
  ASSIGN_OR_RETURN(auto server,
                   http::Server::create(*loops, serving, router.handler(), router.error_shape()));
  ASSIGN_OR_RETURN(const std::string address, server->listen(options.listen));
  ASSIGN_OR_RETURN(service, EngineService::create(options, system_clock(), system_random()));
  loaded.store(service.get(), std::memory_order_release);
  RETURN_IF_ERROR(write_port(options.port_file, address));
  log_info("engine ready",
           {{"model", service->name}, {"address", address}, {"fingerprint", service->model->fingerprint()}});
  signals.wait(options.parent_pid);
  log_info("engine stops", {{"model", service->name}});
  server->drain(options.drain_ms);
  return {};
}

}  // namespace penstock::engine
