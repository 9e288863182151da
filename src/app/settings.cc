#include "app/settings.h"

#include <algorithm>

#include "core/file.h"
#include "core/text.h"

namespace penstock::app {
namespace {

ConfigSchema engine_schema() {
  return ConfigSchema::object(
      {{"threads",
        ConfigSchema::integer("Threads that compute (default: all cores but one)").between(1, 1024)},
       {"sequences_max", ConfigSchema::integer("Answers generated at once").between(1, 256)},
       {"context_tokens", ConfigSchema::integer("Tokens of one prompt and its answer").between(64, 1 << 20)},
       {"queue_max",
        ConfigSchema::integer("Requests that may wait; one more is answered 429").between(1, 100'000)}});
}

ConfigSchema::Fields server_fields() {
  return {
      {"version", ConfigSchema::string("Of this format").one_of({"1"})},
      {"listen",
       ConfigSchema::string("HOST:PORT or unix:PATH to serve on (default 127.0.0.1:8080); a list of them "
                            "is separated by spaces")},
      {"tls",
       ConfigSchema::object({{"certificate", ConfigSchema::string("PEM file, chain included").required()},
                             {"key", ConfigSchema::string("PEM file").required()}},
                            "Serve HTTPS instead of HTTP")},
      {"allowed_hosts",
       ConfigSchema::list(ConfigSchema::string("A host name"),
                          "Names under which browsers may reach the server, besides loopback")},
      {"loops", ConfigSchema::integer("Event loops (default: one per core)").between(1, 1024)},
      {"drain_timeout_ms",
       ConfigSchema::integer("How long open requests may take after a SIGTERM (default 30000)")
           .between(0, 3'600'000)},
      {"durability", ConfigSchema::string("When a record counts as written: in the kernel, or on disk")
                         .one_of({"process", "strict"})},
      {"retention", ConfigSchema::object(
                        {{"bytes_max", ConfigSchema::integer("Of all request records").between(0, INT64_MAX)},
                         {"days_max", ConfigSchema::integer("Age of a record").between(0, 36'500)}},
                        "Which request records are dropped, oldest first (default: none)")},
      {"log",
       ConfigSchema::object(
           {{"level",
             ConfigSchema::string("Least important lines shown").one_of({"debug", "info", "warn", "error"})},
            {"format", ConfigSchema::string("Shape of a line").one_of({"console", "json"})}},
           "Log on standard error")},
      {"webhooks", ConfigSchema::object(
                       {{"allow_private_addresses",
                         ConfigSchema::boolean("Also to private networks and this machine (default false)")},
                        {"allow_http", ConfigSchema::boolean("Also without TLS (default false)")}},
                       "Where the registry's webhooks may go")},
      {"embedded",
       ConfigSchema::boolean("Serve every registered model by an engine of its own (default true)")},
      {"engines",
       ConfigSchema::map(engine_schema(), "Settings of engines, by the name of a registered model")}};
}

void read_log(const ConfigNode& node, Settings& settings) {
  std::string level = node.string_at("level", "info");
  settings.log_level = level == "debug"   ? LogLevel::kDebug
                       : level == "warn"  ? LogLevel::kWarn
                       : level == "error" ? LogLevel::kError
                                          : LogLevel::kInfo;
  if (node.string_at("format") == "json") settings.log_format = LogFormat::kJson;
}

void read_server(const ConfigNode& root, Settings& settings) {
  if (const ConfigNode* listen = root.find("listen")) {
    settings.listen.clear();
    for (std::string_view address : split(listen->scalar(), ' ')) {
      if (!address.empty()) settings.listen.emplace_back(address);
    }
  }
  if (const ConfigNode* tls = root.find("tls")) {
    settings.tls = http::TlsFiles{.certificate = tls->string_at("certificate"), .key = tls->string_at("key")};
  }
  if (const ConfigNode* hosts = root.find("allowed_hosts")) {
    for (const ConfigNode& host : hosts->items()) settings.allowed_hosts.push_back(host.scalar());
  }
  settings.loops = root.integer_at("loops", settings.loops);
  settings.drain_timeout_ms = root.integer_at("drain_timeout_ms", settings.drain_timeout_ms);
  if (root.string_at("durability") == "strict") settings.durability = gateway::Durability::kStrict;
  if (const ConfigNode* retention = root.find("retention")) {
    settings.records_bytes_max = retention->integer_at("bytes_max", 0);
    settings.records_days_max = retention->integer_at("days_max", 0);
  }
  if (const ConfigNode* log = root.find("log")) read_log(*log, settings);
  if (const ConfigNode* webhooks = root.find("webhooks")) {
    settings.webhooks.allow_private = webhooks->boolean_at("allow_private_addresses", false);
    settings.webhooks.allow_http = webhooks->boolean_at("allow_http", false);
  }
}

void read_engines(const ConfigNode& root, Settings& settings) {
  settings.embedded = root.boolean_at("embedded", settings.embedded);
  const ConfigNode* engines = root.find("engines");
  if (engines == nullptr) return;
  for (const auto& [model, node] : engines->members()) {
    settings.engines.push_back({.model = model,
                                .threads = static_cast<int>(node.integer_at("threads", 0)),
                                .sequences_max = node.integer_at("sequences_max", 0),
                                .context_tokens = node.integer_at("context_tokens", 0),
                                .queue_max = node.integer_at("queue_max", 0)});
  }
}

// Into its place, or to the lines of what is wrong.
template <class T>
void keep(Result<T> part, T& into, std::string& problems) {
  if (part) {
    into = std::move(*part);
  } else {
    problems += (problems.empty() ? "" : "\n") + part.error().message;
  }
}

bool is_loopback(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  std::string_view host = address.substr(0, address.rfind(':'));
  bool in_127 = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return in_127 || host == "localhost" || host == "[::1]";
}

}  // namespace

ConfigSchema settings_schema() {
  ConfigSchema::Fields fields = server_fields();
  for (auto& field : access::config_fields()) fields.push_back(std::move(field));
  for (auto& field : gateway::config_fields()) fields.push_back(std::move(field));
  for (auto& field : gateway::price_config_fields()) fields.push_back(std::move(field));
  for (auto& field : gateway::state_config_fields()) fields.push_back(std::move(field));
  return ConfigSchema::object(std::move(fields), "Configuration of penstock serve (penstock.yaml)");
}

Result<Settings> load_settings(const std::filesystem::path& path, const Environment& environment) {
  if (path.empty()) return Settings{};
  ASSIGN_OR_RETURN(std::string text, read_file(path, kConfigBytesMax));
  return read_settings(text, path.string(), environment);
}

Result<Settings> read_settings(std::string_view text, std::string_view file, const Environment& environment) {
  ASSIGN_OR_RETURN(ConfigNode root, load_config(text, file, settings_schema(), environment));
  Settings settings;
  read_server(root, settings);
  read_engines(root, settings);
  std::string problems;
  keep(access::read_config(root), settings.access, problems);
  keep(gateway::read_config(root), settings.gateway, problems);
  keep(gateway::read_price_config(root), settings.prices, problems);
  keep(gateway::read_state_config(root), settings.state, problems);
  if (!problems.empty()) return Failure(Error::invalid("", std::move(problems)));
  return settings;
}

Result<gateway::StateConfig> load_state(const std::filesystem::path& path, const Environment& environment) {
  if (path.empty()) return gateway::StateConfig{};
  ASSIGN_OR_RETURN(std::string text, read_file(path, kConfigBytesMax));
  const std::string absent = "absent";
  Environment lenient = [&](const std::string& name) { return environment(name).value_or(absent); };
  ASSIGN_OR_RETURN(ConfigNode root, load_config(text, path.string(), settings_schema(), lenient));
  ASSIGN_OR_RETURN(gateway::StateConfig state, gateway::read_state_config(root));
  if (state.database_url != absent) return state;
  ASSIGN_OR_RETURN(root, load_config(text, path.string(), settings_schema(), environment));  // says which
  return gateway::read_state_config(root);
}

bool listens_only_here(const Settings& settings) { return std::ranges::all_of(settings.listen, is_loopback); }

Result<void> check_exposure(const Settings& settings) {
  if (!settings.access.keys.empty() || settings.access.oidc) return {};
  for (const std::string& address : settings.listen) {
    if (is_loopback(address)) continue;
    return Failure(
        Error::invalid("listen", "refusing to listen on " + address +
                                     " without authentication: anybody there could spend your money and "
                                     "read your records. Add `keys: [{name: dev, env: PENSTOCK_KEY}]` to "
                                     "penstock.yaml, make an account (penstock users create), or listen on "
                                     "127.0.0.1"));
  }
  return {};
}

}  // namespace penstock::app
