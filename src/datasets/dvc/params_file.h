#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

// A file of parameters or metrics: YAML or JSON by its name (.json). TOML and Python, which DVC reads too,
// are kNotImplemented. Numbers are spelled as Python's repr() spells them, which is what dvc.lock holds.
Result<Value> read_params_file(const std::filesystem::path& path);
Result<Value> read_params_text(const std::filesystem::path& path, std::string_view text);

}  // namespace penstock::datasets::dvc
