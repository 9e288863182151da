#include <sys/statvfs.h>
#include <algorithm>

#include <iostream>
#include <thread>

#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/json_writer.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;
  bool good = false;
  std::string detail;
};

Finding check_config(const Arguments& arguments) {
  fs::path data = data_directory(arguments);
  fs::path file = config_file(arguments, data);
  if (file.empty()) {
    return {"configuration", true, "none at " + (data / "penstock.yaml").string() + "; defaults are used"};
  }
  Result<Settings> settings = load_settings(file, process_environment());
  return {"configuration", settings.has_value(), settings ? file.string() : settings.error().message};
}

Finding check_space(const fs::path& data) {
  constexpr int64_t kFreeMin = int64_t{1} << 30;
  fs::path existing = data;
  std::error_code ignored;
  while (!existing.empty() && !fs::exists(existing, ignored)) existing = existing.parent_path();
  struct statvfs found{};
  if (statvfs(existing.c_str(), &found) != 0)
    return {"disk space", false, "cannot look at " + existing.string()};
  int64_t free = static_cast<int64_t>(found.f_bavail) * static_cast<int64_t>(found.f_frsize);
  return {"disk space", free >= kFreeMin, bytes_text(free) + " free at " + existing.string()};
}

Finding check_models(const Registry& registry) {
  auto models = registry.models->list();
  if (!models) return {"models", false, models.error().message};
  if (models->empty()) return {"models", false, "none is registered; see penstock models import --help"};
  std::string names;
  for (const auto& model : *models) names += (names.empty() ? "" : ", ") + model.name;
  return {"models", true, names};
}

// The database, and what it says about models.
std::vector<Finding> check_database(const Arguments& arguments) {
  fs::path data = data_directory(arguments);
  auto state = load_state(config_file(arguments, data), process_environment());
  if (!state) return {{"database", false, state.error().message}};
  std::error_code ignored;
  if (state->database_url.empty() && !fs::exists(data / "penstock.db", ignored)) {
    return {{"database", true, "none yet; penstock serve makes " + (data / "penstock.db").string()}};
  }
  auto registry = Registry::open(data, *state);
  if (!registry) return {{"database", false, registry.error().message}};
  auto description = registry->database->describe();
  if (!description) return {{"database", false, description.error().message}};
  return {{"database", true, *description}, check_models(*registry)};
}

Finding check_processor() {
  bool able = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  std::string cores = std::to_string(std::thread::hardware_concurrency()) + " core(s), ";
  return {"processor", able,
          cores + (able ? "AVX2 and FMA" : "no AVX2 or FMA: the engine of this build cannot run here")};
}

Finding check_server(const Arguments& arguments) {
  auto server = ServerClient::create(arguments);
  if (!server) return {"server", false, server.error().message};
  auto health = (*server)->get("/api/v1/health");
  if (!health) return {"server", false, health.error().message};
  std::string bad;
  if (const Json* parts = find(*health, "parts"); parts != nullptr && parts->is_array()) {
    for (const Json& part : parts->get_array()) {
      if (string_at(part, "status") == "ok") continue;
      bad.append("; ").append(string_at(part, "name")).append(": ").append(string_at(part, "detail"));
    }
  }
  return {"server", string_at(*health, "status") == "ok",
          (*server)->server() + " is " + std::string(string_at(*health, "status")) + bad};
}

ExitCode run(const Arguments& arguments) {
  std::vector<Finding> findings = {check_processor(), check_space(data_directory(arguments)),
                                   check_config(arguments)};
  for (Finding& finding : check_database(arguments)) findings.push_back(std::move(finding));
  findings.push_back(check_server(arguments));
  bool all_good = std::ranges::all_of(findings, &Finding::good);
  if (arguments.has("json")) {
    JsonWriter json;
    json.begin_object().field("ok", all_good).key("checks").begin_array();
    for (const Finding& finding : findings) {
      json.begin_object()
          .field("name", finding.what)
          .field("ok", finding.good)
          .field("detail", finding.detail);
      json.end_object();
    }
    std::cout << json.end_array().end_object().text() << "\n";
  } else {
    for (const Finding& finding : findings) {
      std::cout << (finding.good ? styled("ok    ", Style::kGreen) : styled("wrong ", Style::kRed))
                << finding.what << ": " << finding.detail << "\n";
    }
  }
  return all_good ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

Command doctor_command() {
  return {.name = "doctor",
          .summary = "Look for what keeps Penstock from working here",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, kDataFlag, kConfigFlag, {"json", "", "As one JSON object"}},
          .details =
              "Checks the processor, disk space, configuration, database, registered models and the running "
              "server.",
          .examples = "  penstock doctor\n  penstock doctor --json | jq '.checks[] | select(.ok | not)'",
          .run = run};
}

}  // namespace penstock::app
