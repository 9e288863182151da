// Commands for existing dvc.yaml projects: repro, metrics, params.

#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_repository.h"
#include "datasets/dvc/measures.h"
#include "datasets/dvc/reproduce.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;
using dvc::Measures;

ExitCode run_repro(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    std::cout << std::flush;
    dvc::ReproduceOptions options{.force = arguments.has("force"),
                                  .dry = arguments.has("dry"),
                                  .single = arguments.has("single-item"),
                                  .no_commit = arguments.has("no-commit")};
    RETURN_IF_ERROR(dvc::reproduce(repository, arguments.positional(), options));
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

// {"metrics.json": {...}} as dvc shows one revision.
dvc::Value as_dvc_shows(const dvc::Value& measures) {
  dvc::Value data = dvc::Value::map();
  for (const auto& [file, values] : measures.members) {
    dvc::Value wrapped = dvc::Value::map();
    wrapped.set("data", values);
    data.set(file, std::move(wrapped));
  }
  dvc::Value revision = dvc::Value::map();
  revision.set("data", std::move(data));
  dvc::Value all = dvc::Value::map();
  all.members.emplace_back("", std::move(revision));
  return all;
}

ExitCode show_diff(const Arguments& arguments, Measures which) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    const std::vector<std::string>& words = arguments.positional();
    std::string from = words.size() > 1 ? words[1] : "HEAD";
    std::string to = words.size() > 2 ? words[2] : "";
    ASSIGN_OR_RETURN(dvc::Value before, dvc::measures(repository, from, which));
    ASSIGN_OR_RETURN(dvc::Value after, dvc::measures(repository, to, which));
    dvc::Value diff = dvc::measures_diff(before, after);
    if (arguments.has("json")) {
      print_json(diff);
    } else {
      std::cout << dvc::measures_diff_text(diff, which, from, to.empty() ? "workspace" : to);
    }
    return ExitCode::kOk;
  });
}

ExitCode run_metrics(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.positional();
  std::string action = words.empty() ? "" : words[0];
  if (action == "diff") return show_diff(arguments, Measures::kMetrics);
  if (action != "show") return missing_word(data_metrics_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    std::string revision = words.size() > 1 ? words[1] : "";
    ASSIGN_OR_RETURN(dvc::Value measures, dvc::measures(repository, revision, Measures::kMetrics));
    if (arguments.has("json")) {
      print_json(as_dvc_shows(measures));
    } else {
      std::cout << dvc::measures_text(measures);
    }
    return ExitCode::kOk;
  });
}

ExitCode run_params(const Arguments& arguments) {
  if (arguments.positional().empty() || arguments.positional()[0] != "diff")
    return missing_word(data_params_command());
  return show_diff(arguments, Measures::kParams);
}

}  // namespace

Command data_repro_command() {
  return {.name = "data repro",
          .summary = "Run the stages of dvc.yaml that changed",
          .positional = "[STAGE...]",
          .positional_max = kTargetsMax,
          .flags = {kForceFlag,
                    {"dry", "", "Show what would run"},
                    {"single-item", "", "Without the stages that these need", 's'},
                    {"no-commit", "", "Outputs stay out of the cache"}},
          .details = "A stage's command runs by /bin/sh in the stage's folder. DVC's run cache is not used.",
          .examples = "  penstock data repro\n  penstock data repro train --dry",
          .run = run_repro};
}

Command data_metrics_command() {
  return {.name = "data metrics",
          .summary = "Show metrics files and how they differ between revisions",
          .positional = "show [REV] | diff [FROM [TO]]",
          .positional_max = 3,
          .flags = {kDataJson},
          .examples = "  penstock data metrics show\n  penstock data metrics diff main",
          .run = run_metrics};
}

Command data_params_command() {
  return {.name = "data params",
          .summary = "Show how parameters differ between revisions",
          .positional = "diff [FROM [TO]]",
          .positional_max = 3,
          .flags = {kDataJson},
          .examples = "  penstock data params diff HEAD~1",
          .run = run_params};
}

}  // namespace penstock::app
