#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_files.h"
#include "app/terminal.h"
#include "core/file.h"
#include "core/json_text.h"
#include "datasets/expectations/catalogue.h"
#include "datasets/expectations/profile.h"

namespace penstock::app {
namespace {

Result<void> profile_file(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto file, data_file(arguments));
  ASSIGN_OR_RETURN(auto engine, DataEngine::open(arguments));
  Result<datasets::Suite> suite = [&] {
    ProgressLine progress(engine->connection());
    return datasets::profile(engine->connection(), file);
  }();
  if (!suite) return Failure(suite.error());
  suite->name = arguments.text("name", "profile");
  std::string text = json_text(datasets::suite_document(*suite), JsonLayout::kIndented) + "\n";
  if (arguments.has("output")) return replace_file(arguments.text("output"), text);
  std::cout << text;
  return {};
}

ExitCode run_profile(const Arguments& arguments) {
  Result<void> done = profile_file(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

void print_parameters(const datasets::ExpectationType& type) {
  std::cout << type.name << "\n  " << type.summary << "\n\nArguments:\n";
  for (const datasets::Parameter& parameter : type.parameters) {
    bool required = parameter.need == datasets::Need::kRequired;
    std::cout << "  " << parameter.name << (required ? " (required)" : "") << "\n";
  }
  std::cout << "  and of all: mostly, row_condition, condition_parser, result_format\n";
}

ExitCode run_expectations(const Arguments& arguments) {
  if (!arguments.positional().empty()) {
    std::string_view name = datasets::full_name(arguments.positional()[0]);
    if (name.empty()) {
      return fail(Error::invalid("", "no expectation is called '" + arguments.positional()[0] +
                                         "'; penstock data expectations lists them"));
    }
    print_parameters(*datasets::find_expectation(name));
    return ExitCode::kOk;
  }
  std::vector<std::vector<std::string>> rows = {{"EXPECTATION", "WHAT IT ASKS FOR"}};
  for (const datasets::ExpectationType& type : datasets::catalogue()) {
    rows.push_back({std::string(type.name), std::string(type.summary)});
  }
  std::cout << table(rows);
  return ExitCode::kOk;
}

}  // namespace

Command data_profile_command() {
  return {
      .name = "data profile",
      .summary = "Propose a suite of expectations for a data file",
      .positional = "FILE",
      .positional_max = 1,
      .flags = {{"output", "FILE", "Write the suite there instead of printing it"},
                {"name", "TEXT", "The suite's name (default profile)"},
                kFormatFlag,
                kDelimiterFlag,
                kMemoryFlag,
                kThreadsFlag},
      .details =
          "The suite is met by the file as it is; loosen and complete it before later files are held to it.",
      .examples = "  penstock data profile users.parquet --output suite.json",
      .run = run_profile};
}

Command data_expectations_command() {
  return {.name = "data expectations",
          .summary = "List the expectations, or describe one",
          .positional = "[NAME]",
          .positional_max = 1,
          .flags = {},
          .details = "",
          .examples = "  penstock data expectations\n  penstock data expectations be_in_set",
          .run = run_expectations};
}

}  // namespace penstock::app
