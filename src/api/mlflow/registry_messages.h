#pragma once

#include "api/mlflow/message.h"

// The messages of MLflow's model registry (mlflow/protos/model_registry.proto).
namespace penstock::api::mlflow {

extern const Message kCreateRegisteredModel;
extern const Message kRenameRegisteredModel;
extern const Message kUpdateRegisteredModel;
extern const Message kModelName;  // of DeleteRegisteredModel, GetRegisteredModel
extern const Message kSearchRegistry;
extern const Message kGetLatestVersions;
extern const Message kSetRegisteredModelTag;
extern const Message kDeleteRegisteredModelTag;
extern const Message kSetRegisteredModelAlias;
extern const Message kModelAlias;  // of DeleteRegisteredModelAlias, GetModelVersionByAlias
extern const Message kCreateModelVersion;
extern const Message kUpdateModelVersion;
extern const Message kTransitionModelVersionStage;
extern const Message kModelVersion;  // of DeleteModelVersion, GetModelVersion
extern const Message kGetModelVersionDownloadUri;
extern const Message kSetModelVersionTag;
extern const Message kDeleteModelVersionTag;

}  // namespace penstock::api::mlflow
