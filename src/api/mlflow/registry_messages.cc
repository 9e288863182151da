#include "api/mlflow/registry_messages.h"

#include <array>

namespace penstock::api::mlflow {
namespace {

constexpr Field required(std::string_view name) { return {.name = name, .count = Count::kRequired}; }
constexpr Field text(std::string_view name) { return {.name = name}; }
constexpr Field texts(std::string_view name) { return {.name = name, .count = Count::kMany}; }

constexpr std::array kTagFields = {text("key"), text("value")};
constexpr Message kRegistryTag{.name = "ModelTag", .fields = kTagFields};
constexpr Field kTags{
    .name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kRegistryTag};

constexpr std::array kCreateModelFields = {required("name"), kTags, text("description")};
constexpr std::array kRenameFields = {required("name"), required("new_name")};
constexpr std::array kUpdateModelFields = {required("name"), text("description")};
constexpr std::array kNameFields = {required("name")};
constexpr std::array kSearchFields = {text("filter"), Field{.name = "max_results", .type = Type::kInt64},
                                      texts("order_by"), text("page_token")};
constexpr std::array kLatestFields = {required("name"), texts("stages")};
constexpr std::array kSetModelTagFields = {required("name"), required("key"), text("value")};
constexpr std::array kDeleteModelTagFields = {required("name"), required("key")};
constexpr std::array kSetAliasFields = {required("name"), required("alias"), required("version")};
constexpr std::array kAliasFields = {required("name"), required("alias")};
constexpr std::array kCreateVersionFields = {required("name"), required("source"),  text("run_id"),  kTags,
                                             text("run_link"), text("description"), text("model_id")};
constexpr std::array kUpdateVersionFields = {required("name"), required("version"), text("description")};
constexpr std::array kTransitionFields = {required("name"), required("version"), required("stage"),
                                          Field{.name = "archive_existing_versions", .type = Type::kBool}};
constexpr std::array kVersionFields = {required("name"), required("version")};
constexpr std::array kDownloadFields = {text("name"), text("version")};
constexpr std::array kSetVersionTagFields = {required("name"), required("version"), required("key"),
                                             text("value")};
constexpr std::array kDeleteVersionTagFields = {required("name"), required("version"), required("key")};

}  // namespace

const Message kCreateRegisteredModel{.name = "CreateRegisteredModel", .fields = kCreateModelFields};
const Message kRenameRegisteredModel{.name = "RenameRegisteredModel", .fields = kRenameFields};
const Message kUpdateRegisteredModel{.name = "UpdateRegisteredModel", .fields = kUpdateModelFields};
const Message kModelName{.name = "GetRegisteredModel", .fields = kNameFields};
const Message kSearchRegistry{.name = "SearchRegisteredModels", .fields = kSearchFields};
const Message kGetLatestVersions{.name = "GetLatestVersions", .fields = kLatestFields};
const Message kSetRegisteredModelTag{.name = "SetRegisteredModelTag", .fields = kSetModelTagFields};
const Message kDeleteRegisteredModelTag{.name = "DeleteRegisteredModelTag", .fields = kDeleteModelTagFields};
const Message kSetRegisteredModelAlias{.name = "SetRegisteredModelAlias", .fields = kSetAliasFields};
const Message kModelAlias{.name = "GetModelVersionByAlias", .fields = kAliasFields};
const Message kCreateModelVersion{.name = "CreateModelVersion", .fields = kCreateVersionFields};
const Message kUpdateModelVersion{.name = "UpdateModelVersion", .fields = kUpdateVersionFields};
const Message kTransitionModelVersionStage{.name = "TransitionModelVersionStage",
                                           .fields = kTransitionFields};
const Message kModelVersion{.name = "GetModelVersion", .fields = kVersionFields};
const Message kGetModelVersionDownloadUri{.name = "GetModelVersionDownloadUri", .fields = kDownloadFields};
const Message kSetModelVersionTag{.name = "SetModelVersionTag", .fields = kSetVersionTagFields};
const Message kDeleteModelVersionTag{.name = "DeleteModelVersionTag", .fields = kDeleteVersionTagFields};

}  // namespace penstock::api::mlflow
