#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "registry/models.h"

namespace penstock::app {

// Registers a model from a GGUF file, or from a folder with model.safetensors (an embedding model of the BERT
// family, converted on the way). An empty `name` is made from the file. Blocking, seconds long.
struct ModelImport {
  std::filesystem::path path;
  std::string name;
  std::string licence;
  std::string source;
};
Result<registry::RegisteredModel> import_model(registry::Models& models, const ModelImport& what,
                                               const std::filesystem::path& scratch);

// The models that ./run fetches. Registers those of them that are found below `folders` and are not
// registered yet.
Result<void> ensure_default_models(registry::Models& models,
                                   const std::vector<std::filesystem::path>& folders,
                                   const std::filesystem::path& scratch);

// The folders named by $PENSTOCK_MODELS, separated by ':'.
std::vector<std::filesystem::path> default_model_folders();

}  // namespace penstock::app
