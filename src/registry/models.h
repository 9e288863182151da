#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/digest.h"
#include "core/result.h"
#include "registry/registry_store.h"
#include "storage/blobs/blobs.h"
#include "storage/database/database.h"

namespace penstock::registry {

// The tag of a model's version that says what the model is for.
inline constexpr std::string_view kModelKindTag = "task";

// What a model is for.
enum class ModelKind : uint8_t { kChat, kEmbedding };
std::string_view model_kind_name(ModelKind kind);  // "chat", "embedding"
std::optional<ModelKind> parse_model_kind(std::string_view name);

// A file to register.
struct ModelFile {
  std::string name;
  ModelKind kind = ModelKind::kChat;
  std::filesystem::path path;  // stays where it is; its content is taken into the blobs
  std::string licence;
  std::string source;
};

// One version of a model, ready to be loaded.
struct RegisteredModel {
  std::string name;
  ModelKind kind = ModelKind::kChat;
  int64_t version = 0;
  Digest digest;
  std::string licence;
  int64_t size_bytes = 0;
  std::string source;
  Timestamp registered_at;
  std::filesystem::path path;  // in the blobs: never write to it
};

// Models as versions in the registry with their weights in the blobs. Thread-safe; everything blocks (files,
// SQL): call it at start-up, from a command or on a BlockingPool, never on a loop. All three outlive it.
class Models {
 public:
  Models(database::Database& database, blobs::Blobs& blobs, const Clock& clock = system_clock());

  // Takes the file into the blobs and registers it. The same bytes under the same name are the same version.
  // kInvalidArgument for a bad name or an empty file, kNotFound for an absent one.
  Result<RegisteredModel> register_file(const ModelFile& file);

  // The newest version with weights of each model that has one, by name.
  Result<std::vector<RegisteredModel>> list();
  // kNotFound; kCorrupt when its weights are missing from the blobs. Without a number: the newest.
  Result<RegisteredModel> find(std::string_view name, std::optional<int64_t> version = {});

 private:
  database::Database& database_;
  blobs::Blobs& blobs_;
  const Clock& clock_;
};

}  // namespace penstock::registry
