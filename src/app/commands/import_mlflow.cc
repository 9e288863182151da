#include <unistd.h>

#include <iostream>

#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/mlflow_import.h"
#include "app/terminal.h"
#include "core/json_writer.h"
#include "tracking/tracking.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

// Where the server that wrote the store kept what its clients logged to "mlflow-artifacts:/".
fs::path artifacts_of(const Arguments& arguments, const fs::path& base) {
  if (arguments.has("artifacts")) return arguments.text("artifacts");
  std::error_code ignored;
  fs::path usual = base / "mlartifacts";
  return fs::is_directory(usual, ignored) ? usual : fs::path();
}

std::string report_json(const MlflowImported& done) {
  JsonWriter json;
  json.begin_object().field("experiments", done.experiments).field("runs", done.runs);
  json.field("runs_there_already", done.runs_there).field("metric_points", done.points);
  json.field("params", done.params).field("tags", done.tags).field("logged_models", done.logged_models);
  json.field("registered_models", done.models).field("model_versions", done.versions);
  json.field("files", done.files).field("bytes", done.bytes).key("notes").begin_array();
  for (const std::string& note : done.notes) json.value(note);
  json.end_array().key("left_out").begin_object();
  for (const LeftOut& left : done.left_out) json.field(left.what, left.count);
  return json.end_object().end_object().take();
}

void print_report(const MlflowImported& done) {
  std::cout << table(
      {{"EXPERIMENTS", "RUNS", "ALREADY THERE", "POINTS", "PARAMS", "LOGGED MODELS", "MODELS", "VERSIONS",
        "FILES", "SIZE"},
       {std::to_string(done.experiments), std::to_string(done.runs), std::to_string(done.runs_there),
        std::to_string(done.points), std::to_string(done.params), std::to_string(done.logged_models),
        std::to_string(done.models), std::to_string(done.versions), std::to_string(done.files),
        bytes_text(done.bytes)}},
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const std::string& note : done.notes) std::cerr << "note: " << note << "\n";
  for (const LeftOut& left : done.left_out) {
    std::cerr << "not imported: " << left.count << " " << left.what << "\n";
  }
}

void show_progress(const MlflowImported& done) {
  if (is_terminal(STDERR_FILENO)) {
    std::cerr << "\r" << done.runs << " runs, " << done.points << " points, " << bytes_text(done.bytes)
              << " of files" << std::flush;
  }
}

Result<void> import(const Arguments& arguments) {
  fs::path path = arguments.positional()[0];
  ASSIGN_OR_RETURN(std::unique_ptr<MlflowSource> source, open_mlflow_store(path));
  ASSIGN_OR_RETURN(Registry registry, open_registry(arguments));
  tracking::Tracking tracking(*registry.database, system_clock(), system_random());
  RETURN_IF_ERROR(tracking.prepare());
  std::error_code ignored;
  fs::path base = fs::absolute(path, ignored).parent_path();
  MlflowImport import(*source, {.database = *registry.database,
                                .blobs = *registry.blobs,
                                .base = base,
                                .artifacts = artifacts_of(arguments, base),
                                .clock = system_clock(),
                                .progress = show_progress});
  ASSIGN_OR_RETURN(MlflowImported done, import.run());
  if (is_terminal(STDERR_FILENO)) std::cerr << "\n";
  if (arguments.has("json")) {
    std::cout << report_json(done) << "\n";
  } else {
    print_report(done);
  }
  return {};
}

ExitCode run(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which store? penstock import mlflow mlflow.db"));
    return ExitCode::kUsage;
  }
  Result<void> done = import(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

}  // namespace

Command import_mlflow_command() {
  return {
      .name = "import mlflow",
      .summary = "Take over experiments, runs, models and files of MLflow",
      .positional = "PATH",
      .positional_max = 1,
      .flags =
          {kDataFlag,
           kConfigFlag,
           {"artifacts", "DIR",
            "Where the old server kept the files of mlflow-artifacts:/ (default: mlartifacts beside PATH)"},
           {"json", "", "As one JSON object"}},
      .details =
          "PATH is an mlflow.db (SQLite) or an mlruns folder, of which nothing is changed. Runs and logged "
          "models\n"
          "keep their ids, experiments their names, versions their numbers and aliases. Files are taken into "
          "the\n"
          "blobs. Every run is compared with what was read, and every file by its digest. An import that "
          "was\n"
          "broken off goes on when it is started again; the server may run meanwhile.",
      .examples =
          "  penstock import mlflow ./mlflow.db --artifacts ./mlartifacts\n"
          "  penstock import mlflow ./mlruns --json | jq .notes",
      .run = run};
}

}  // namespace penstock::app
