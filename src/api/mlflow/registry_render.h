#pragma once

#include <string>
#include <vector>

#include "core/json_writer.h"
#include "registry/model_registry.h"

namespace penstock::api::mlflow {

void write_model_version(JsonWriter& json, const registry::Version& version);
void write_registered_model(JsonWriter& json, const registry::RegisteredModelDetails& model);

std::string registered_model_answer(const registry::RegisteredModelDetails& model);
std::string model_version_answer(const registry::Version& version);

}  // namespace penstock::api::mlflow
