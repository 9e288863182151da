#include "app/restart_only.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace penstock::app {
namespace {

auto tls_files(const Settings& settings) {
  const http::TlsFiles files = settings.tls.value_or(http::TlsFiles{});
  return std::tuple(files.certificate, files.key);
}

bool same_engine(const EngineSettings& a, const EngineSettings& b) {
  auto fields = [](const EngineSettings& engine) {
    return std::tie(engine.model, engine.threads, engine.sequences_max, engine.context_tokens,
                    engine.queue_max);
  };
  return fields(a) == fields(b);
}

auto retention(const Settings& settings) {
  return std::tuple(settings.records_bytes_max, settings.records_days_max);
}

auto state(const Settings& settings) {
  const gateway::StateConfig& state = settings.state;
  return std::tuple(state.database_url, state.database_connections, state.database_statement_timeout_ms,
                    state.on_store_loss);
}

struct Section {
  std::string_view name;
  bool (*same)(const Settings& a, const Settings& b);
};

using S = const Settings&;
constexpr Section kSections[] = {
    {"listen", [](S a, S b) { return a.listen == b.listen; }},
    {"tls", [](S a, S b) { return tls_files(a) == tls_files(b); }},
    {"allowed_hosts", [](S a, S b) { return a.allowed_hosts == b.allowed_hosts; }},
    {"loops", [](S a, S b) { return a.loops == b.loops; }},
    {"durability", [](S a, S b) { return a.durability == b.durability; }},
    {"retention", [](S a, S b) { return retention(a) == retention(b); }},
    {"log.format", [](S a, S b) { return a.log_format == b.log_format; }},
    {"cache.bytes_max", [](S a, S b) { return a.gateway.cache_bytes_max == b.gateway.cache_bytes_max; }},
    {"state", [](S a, S b) { return state(a) == state(b); }},
    {"auth", [](S a, S b) { return a.access.oidc == b.access.oidc; }},
    {"webhooks",
     [](S a, S b) {
       return a.webhooks.allow_private == b.webhooks.allow_private &&
              a.webhooks.allow_http == b.webhooks.allow_http;
     }},
    {"embedded", [](S a, S b) { return a.embedded == b.embedded; }},
    {"engines", [](S a, S b) { return std::ranges::equal(a.engines, b.engines, same_engine); }},
};

}  // namespace

std::vector<std::string> needs_restart(const Settings& started_with, const Settings& now) {
  std::vector<std::string> sections;
  for (const Section& section : kSections) {
    if (!section.same(started_with, now)) sections.emplace_back(section.name);
  }
  return sections;
}

}  // namespace penstock::app
