#include "registry/models.h"

#include <array>
#include <utility>

namespace penstock::registry {
namespace {

constexpr std::array<std::pair<ModelKind, std::string_view>, 2> kKindNames = {{
    {ModelKind::kChat, "chat"},
    {ModelKind::kEmbedding, "embedding"},
}};

Result<ModelKind> kind_of(const Version& version) {
  const std::string* tag = find_tag(version.tags, kModelKindTag);
  auto kind = tag == nullptr ? std::nullopt : parse_model_kind(*tag);
  if (kind) return *kind;
  return Failure(Error{.code = ErrorCode::kCorrupt,
                       .message = "model '" + version.name + "' version " + std::to_string(version.number) +
                                  " does not say whether it is for chat or embeddings"});
}

Result<RegisteredModel> model_of(const Version& version, const blobs::Blobs& blobs) {
  RegisteredModel model;
  model.name = version.name;
  ASSIGN_OR_RETURN(model.kind, kind_of(version));
  model.version = version.number;
  model.digest = *version.digest;
  model.licence = version.licence;
  model.size_bytes = version.size_bytes;
  model.source = version.source;
  model.registered_at = version.created_at;
  model.path = blobs.path(*version.digest);
  return model;
}

}  // namespace

std::string_view model_kind_name(ModelKind kind) {
  for (const auto& [known, name] : kKindNames) {
    if (known == kind) return name;
  }
  return "unknown";
}

std::optional<ModelKind> parse_model_kind(std::string_view name) {
  for (const auto& [kind, known] : kKindNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

Models::Models(database::Database& database, blobs::Blobs& blobs, const Clock& clock)
    : database_(database), blobs_(blobs), clock_(clock) {}

Result<RegisteredModel> Models::register_file(const ModelFile& file) {
  RETURN_IF_ERROR(check_name(file.name));  // before a large file is copied
  ASSIGN_OR_RETURN(blobs::BlobInfo blob, blobs_.put_file(file.path));
  if (blob.size_bytes == 0) {
    return Failure(Error::invalid("path", "model file " + file.path.string() + " is empty"));
  }
  Version version;
  version.kind = Kind::kModel;
  version.name = file.name;
  version.digest = blob.digest;
  version.size_bytes = blob.size_bytes;
  version.licence = file.licence;
  version.source = file.source;
  version.tags = {{std::string(kModelKindTag), std::string(model_kind_name(file.kind))}};
  version.created_at = clock_.now();
  RETURN_IF_ERROR(database_.write_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(version, register_version(connection, version));
    return {};
  }));
  return model_of(version, blobs_);
}

Result<std::vector<RegisteredModel>> Models::list() {
  std::vector<Version> versions;
  RETURN_IF_ERROR(database_.read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(versions, list_latest(connection, Kind::kModel));
    return {};
  }));
  std::vector<RegisteredModel> models;
  for (const Version& version : versions) {
    ASSIGN_OR_RETURN(RegisteredModel model, model_of(version, blobs_));
    models.push_back(std::move(model));
  }
  return models;
}

Result<RegisteredModel> Models::find(std::string_view name, std::optional<int64_t> number) {
  Version version;
  RETURN_IF_ERROR(database_.read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(version, number ? get_version(connection, Kind::kModel, name, *number)
                                     : get_latest(connection, Kind::kModel, name));
    return {};
  }));
  if (!version.digest) {
    return Failure(Error::not_found("model '" + version.name + "' version " + std::to_string(version.number) +
                                    " has no weights here; its files lie at " + version.source));
  }
  if (!blobs_.contains(*version.digest)) {
    return Failure(Error{.code = ErrorCode::kCorrupt,
                         .message = "the weights of model '" + version.name + "' (" + version.digest->text() +
                                    ") are missing from the blobs; import the model again"});
  }
  return model_of(version, blobs_);
}

}  // namespace penstock::registry
