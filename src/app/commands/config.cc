#include <iostream>

#include "app/commands/commands.h"
#include "app/settings.h"
#include "core/json_writer.h"

namespace penstock::app {
namespace {

ExitCode run_check(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which file? penstock config check penstock.yaml"));
    return ExitCode::kUsage;
  }
  const std::string& file = arguments.positional()[0];
  Result<Settings> settings = load_settings(file, process_environment());
  Result<void> exposure = settings ? check_exposure(*settings) : Result<void>{};
  const Error* problem = !settings ? &settings.error() : !exposure ? &exposure.error() : nullptr;
  if (arguments.has("json")) {
    JsonWriter json;
    json.begin_object().field("file", file).field("valid", problem == nullptr);
    json.optional_field("problems", problem == nullptr ? "" : problem->message).end_object();
    std::cout << json.text() << "\n";
    return problem == nullptr ? ExitCode::kOk : ExitCode::kInvalid;
  }
  if (problem != nullptr) {
    std::cerr << problem->message << "\n";
    return ExitCode::kInvalid;
  }
  const gateway::GatewayConfig& gateway = settings->gateway;
  std::cout << file << ": valid; " << gateway.providers.size() << " provider(s), " << gateway.routes.size()
            << " model(s), " << settings->prices.models.size() << " price(s), "
            << settings->access.keys.size() << " client key(s)\n";
  return ExitCode::kOk;
}

ExitCode run_schema(const Arguments&) {
  Json schema = json_schema(settings_schema());
  schema.as_object()["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  std::cout << to_json(schema) << "\n";
  return ExitCode::kOk;
}

}  // namespace

Command config_check_command() {
  return {
      .name = "config check",
      .summary = "Check a configuration file and say all that is wrong with it",
      .positional = "FILE",
      .positional_max = 1,
      .flags = {{"json", "", "As one JSON object"}},
      .details = "Environment variables and secret files that it names must be there, as for penstock serve.",
      .examples = "  penstock config check penstock.yaml",
      .run = run_check};
}

Command config_schema_command() {
  return {.name = "config schema",
          .summary = "Print the JSON Schema of the configuration file",
          .positional = {},
          .positional_max = 0,
          .flags = {},
          .details = "Editors complete and check penstock.yaml with it.",
          .examples = "  penstock config schema > penstock.schema.json",
          .run = run_schema};
}

}  // namespace penstock::app
