#include <pthread.h>
#include <signal.h>

#include <iostream>

#include "app/build_info.h"
#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/default_models.h"
#include "app/platform.h"
#include "app/terminal.h"
#include "core/log.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

// Blocks the signals that end a server or make it read its configuration in every thread started from now on,
// so that one thread can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

Result<Configuration> configuration_of(const Arguments& arguments, const fs::path& data) {
  std::optional<std::string> listen;
  if (arguments.has("listen")) listen = arguments.text("listen");
  return load_configuration(config_file(arguments, data), std::move(listen), process_environment());
}

// Until a signal ends it.
void wait_for_the_end(const sigset_t& signals, Platform& platform) {
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) platform.configuration().reload_file();
  log_info("stopping", {{"signal", received}});
}

// The port of "127.0.0.1:8080", put in place as a whole.
Result<void> write_port_file(const fs::path& file, const std::string& address) {
  return replace_file(file, address.substr(address.rfind(':') + 1) + "\n");
}

void greet(const Platform& platform, const Settings& settings, const fs::path& data) {
  const std::string& address = platform.addresses().front();
  std::string url =
      address.starts_with("unix:") ? address : (settings.tls ? "https://" : "http://") + address;
  std::cout << "\n  " << styled("Penstock " + std::string(version()), Style::kBold) << "  " << url << "\n\n";
  std::cout << "  OpenAI API  " << url << "/v1\n";
  for (const std::string& engine : platform.engines()) std::cout << "  model       " << engine << "\n";
  std::cout << "  data        " << data.string() << "\n\n" << std::flush;
}

Result<void> serve(const Arguments& arguments) {
  fs::path data = data_directory(arguments);
  ASSIGN_OR_RETURN(Configuration configuration, configuration_of(arguments, data));
  const Settings settings = configuration.settings;
  configure_log(settings.log_level, settings.log_format);
  sigset_t signals = block_signals();
  if (settings.embedded) {
    ASSIGN_OR_RETURN(Registry registry, Registry::open(data, settings.state));
    RETURN_IF_ERROR(ensure_default_models(*registry.models, default_model_folders(), data));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Platform> platform, Platform::start(std::move(configuration), data));
  if (arguments.has("port-file")) {
    RETURN_IF_ERROR(write_port_file(arguments.text("port-file"), platform->addresses().front()));
  }
  greet(*platform, settings, data);
  wait_for_the_end(signals, *platform);
  platform->shutdown();
  return {};
}

ExitCode run(const Arguments& arguments) {
  Result<void> served = serve(arguments);
  return served ? ExitCode::kOk : fail(served.error());
}

}  // namespace

Command serve_command() {
  return {
      .name = "serve",
      .summary = "Run the gateway, the platform API and the web UI",
      .positional = {},
      .positional_max = 0,
      .flags = {kDataFlag,
                {"listen", "HOST:PORT", "Where to serve (default 127.0.0.1:8080; port 0 chooses a free one)"},
                kConfigFlag,
                {"port-file", "FILE", "Write the port there once requests are answered"}},
      .details =
          "Registers the models below the folders in $PENSTOCK_MODELS (separated by ':') at the first start\n"
          "and serves every registered model by an engine process of its own. SIGTERM and Ctrl-C let open\n"
          "requests finish. The configuration is read again when its file changes, and on SIGHUP.",
      .examples =
          "  penstock serve\n"
          "  penstock serve --data /srv/penstock --config penstock.yaml\n"
          "  penstock serve --listen 127.0.0.1:0 --port-file /tmp/port",
      .run = run};
}

}  // namespace penstock::app
