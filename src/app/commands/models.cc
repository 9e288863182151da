#include <iostream>

#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/default_models.h"
#include "app/terminal.h"
#include "core/json_writer.h"

namespace penstock::app {
namespace {

void write_model(JsonWriter& json, const registry::RegisteredModel& model) {
  json.begin_object().field("name", model.name).field("kind", registry::model_kind_name(model.kind));
  json.field("version", model.version).field("digest", model.digest.text()).field("licence", model.licence);
  json.field("size_bytes", model.size_bytes).field("source", model.source);
  json.field("registered_at_us", model.registered_at.us).end_object();
}

void print_table(const std::vector<registry::RegisteredModel>& models) {
  std::vector<std::vector<std::string>> rows = {{"NAME", "KIND", "VERSION", "SIZE", "LICENCE", "DIGEST"}};
  for (const auto& model : models) {
    rows.push_back({model.name, std::string(registry::model_kind_name(model.kind)),
                    std::to_string(model.version), bytes_text(model.size_bytes), model.licence,
                    model.digest.hex().substr(0, 12)});
  }
  std::cout << table(rows, {2, 3});
}

Result<void> list(const Arguments& arguments) {
  ASSIGN_OR_RETURN(Registry registry, open_registry(arguments));
  ASSIGN_OR_RETURN(std::vector<registry::RegisteredModel> models, registry.models->list());
  if (arguments.has("json")) {
    JsonWriter json;
    json.begin_object().key("models").begin_array();
    for (const auto& model : models) write_model(json, model);
    std::cout << json.end_array().end_object().text() << "\n";
  } else if (models.empty()) {
    std::cout << "No models yet. Register one: penstock models import FILE.gguf --name NAME\n";
  } else {
    print_table(models);
  }
  return {};
}

Result<void> import(const Arguments& arguments) {
  ASSIGN_OR_RETURN(Registry registry, open_registry(arguments));
  ASSIGN_OR_RETURN(registry::RegisteredModel model,
                   import_model(*registry.models,
                                {.path = arguments.positional()[0],
                                 .name = arguments.text("name"),
                                 .licence = arguments.text("licence"),
                                 .source = arguments.text("source", arguments.positional()[0])},
                                data_directory(arguments)));
  if (arguments.has("json")) {
    JsonWriter json;
    write_model(json, model);
    std::cout << json.text() << "\n";
  } else {
    print_table({model});
    std::cout << "A running server serves it after its next start.\n";
  }
  return {};
}

ExitCode run_list(const Arguments& arguments) {
  Result<void> done = list(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

ExitCode run_import(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which file? penstock models import FILE.gguf"));
    return ExitCode::kUsage;
  }
  Result<void> done = import(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

}  // namespace

Command models_list_command() {
  return {.name = "models list",
          .summary = "List the registered models",
          .positional = {},
          .positional_max = 0,
          .flags = {kDataFlag, kConfigFlag, {"json", "", "As one JSON object"}},
          .details = {},
          .examples = "  penstock models list\n  penstock models list --json | jq -r '.models[].name'",
          .run = run_list};
}

Command models_import_command() {
  return {.name = "models import",
          .summary = "Register a model: a GGUF file, or a folder with model.safetensors",
          .positional = "PATH",
          .positional_max = 1,
          .flags = {kDataFlag,
                    kConfigFlag,
                    {"name", "NAME", "Name to register and serve it under (default: from the file)"},
                    {"licence", "SPDX", "Its licence, e.g. Apache-2.0"},
                    {"source", "TEXT", "Where it came from (default: the path)"},
                    {"json", "", "As one JSON object"}},
          .details =
              "The file is taken into the blobs under its SHA-256. The same content under the same name "
              "stays the\n"
              "same version. Folders of safetensors may hold embedding models of the BERT family.",
          .examples =
              "  penstock models import model.gguf --name support --licence Apache-2.0\n"
              "  penstock models import ./all-MiniLM-L6-v2 --name all-minilm-l6-v2",
          .run = run_import};
}

}  // namespace penstock::app
