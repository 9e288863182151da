#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/stage.h"

namespace penstock::datasets::dvc {

// The stages of a dvc.yaml with what its dvc.lock (empty: there is none) knows of them. ${...} is filled from
// `vars` and from the params.yaml beside it. Stages with foreach or matrix are taken from the lock, where
// they stand resolved.
Result<std::vector<Stage>> read_pipeline_file(const std::filesystem::path& path, std::string_view text,
                                              std::string_view lock_text);

// A stage as dvc.lock has it: command, dependencies, params, outputs.
Value lock_entry(const Stage& stage);
// Writes the stages' entries into the dvc.lock beside their dvc.yaml; the other entries stay as they are.
Result<void> write_lock_file(const std::vector<Stage>& stages);

// Top-level `params`, `metrics` and `plots` of a dvc.yaml.
Result<std::vector<std::string>> top_level_files(const std::filesystem::path& path, std::string_view text,
                                                 std::string_view key);

}  // namespace penstock::datasets::dvc
