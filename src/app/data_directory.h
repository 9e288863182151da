#pragma once

#include <filesystem>

#include "app/command_line.h"
#include "app/stores.h"

namespace penstock::app {

// For commands that work on a data directory, beside its server or without one.
inline constexpr Flag kDataFlag = {"data", "DIR",
                                   "Where everything durable is kept (default ~/.local/share/penstock)"};
inline constexpr Flag kConfigFlag = {"config", "FILE",
                                     "Configuration (default DIR/penstock.yaml, if there is one)"};

std::filesystem::path data_directory(const Arguments& arguments);
// --config, else DATA/penstock.yaml if there is one, else none.
std::filesystem::path config_file(const Arguments& arguments, const std::filesystem::path& data);

// The registry of the data directory, on the database that its configuration names.
Result<Registry> open_registry(const Arguments& arguments);

}  // namespace penstock::app
