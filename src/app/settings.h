#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/config.h"
#include "core/config.h"
#include "core/log.h"
#include "core/result.h"
#include "gateway/gateway.h"
#include "gateway/price_config.h"
#include "gateway/state_config.h"
#include "http/server.h"
#include "registry/webhooks.h"

namespace penstock::app {

// One of our own inference servers.
struct EngineSettings {
  std::string model;          // a registered model; clients ask for it by this name
  int threads = 0;            // 0: all cores but one, at least one
  int64_t sequences_max = 0;  // 0: the engine's default, as below
  int64_t context_tokens = 0;
  int64_t queue_max = 0;
};

// Everything penstock.yaml can say.
struct Settings {
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> allowed_hosts;
  int64_t loops = 0;  // 0: one per core
  int64_t drain_timeout_ms = 30'000;
  gateway::Durability durability = gateway::Durability::kProcess;
  int64_t records_bytes_max = 0;  // 0: keep all
  int64_t records_days_max = 0;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kConsole;
  bool embedded = true;  // serve every registered model by an engine of its own
  std::vector<EngineSettings> engines;
  gateway::GatewayConfig gateway;
  access::AccessConfig access;
  gateway::PriceConfig prices;
  gateway::StateConfig state;
  registry::WebhookRules webhooks;
};

ConfigSchema settings_schema();

inline constexpr size_t kConfigBytesMax = 4 << 20;

// From a file; from defaults alone if `path` is empty. kInvalidArgument lists every problem with its place.
Result<Settings> load_settings(const std::filesystem::path& path, const Environment& environment);
// The same of the text of `file`.
Result<Settings> read_settings(std::string_view text, std::string_view file, const Environment& environment);

// Only what is said about the database, for commands that need not know the other sections' secrets.
Result<gateway::StateConfig> load_state(const std::filesystem::path& path, const Environment& environment);

// Whether only this machine can reach it: every address is loopback or a Unix socket.
bool listens_only_here(const Settings& settings);

// Refuses what would expose an open gateway, for a server whose database holds no key and no account: an
// address that is not loopback needs keys in the configuration.
Result<void> check_exposure(const Settings& settings);

}  // namespace penstock::app
