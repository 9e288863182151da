#include <iostream>

#include "app/build_info.h"
#include "app/commands/commands.h"
#include "core/json_writer.h"

namespace penstock::app {
namespace {

ExitCode run_version(const Arguments& arguments) {
  if (arguments.has("json")) {
    JsonWriter json;
    json.begin_object().field("version", version()).field("commit", commit()).field("compiler", compiler());
    std::cout << json.end_object().text() << "\n";
  } else {
    std::cout << "penstock " << version() << " (" << commit() << ", " << compiler() << ")\n";
  }
  return ExitCode::kOk;
}

}  // namespace

Command version_command() {
  return {.name = "version",
          .summary = "Print the version",
          .positional = {},
          .positional_max = 0,
          .flags = {{"json", "", "As one JSON object"}},
          .details = {},
          .examples = "  penstock version --json",
          .run = run_version};
}

}  // namespace penstock::app
