#include "app/data_directory.h"

#include <system_error>

namespace penstock::app {

namespace fs = std::filesystem;

fs::path data_directory(const Arguments& arguments) {
  return arguments.text("data", default_data_directory().string());
}

fs::path config_file(const Arguments& arguments, const fs::path& data) {
  if (arguments.has("config")) return arguments.text("config");
  fs::path own = data / "penstock.yaml";
  std::error_code ignored;
  return fs::exists(own, ignored) ? own : fs::path();
}

Result<Registry> open_registry(const Arguments& arguments) {
  fs::path data = data_directory(arguments);
  ASSIGN_OR_RETURN(gateway::StateConfig state,
                   load_state(config_file(arguments, data), process_environment()));
  return Registry::open(data, state);
}

}  // namespace penstock::app
