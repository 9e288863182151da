#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/mlflow/message.h"
#include "tracking/checks.h"
#include "tracking/entities.h"

// Domain values of checked messages.
namespace penstock::api::mlflow {

std::vector<std::string> read_texts(const Fields& in, std::string_view name);
tracking::Tag read_tag(const Fields& in);  // its key and value
tracking::Tags read_tags(const Fields& in, std::string_view name);
tracking::Metric read_metric(const Fields& in);
tracking::Batch read_batch(const Fields& in);
std::vector<tracking::DatasetInput> read_dataset_inputs(const Fields& in, std::string_view name);
std::vector<tracking::ModelLink> read_model_links(const Fields& in, std::string_view name);
tracking::View read_view(const Fields& in, std::string_view name);  // ACTIVE_ONLY where it is absent

}  // namespace penstock::api::mlflow
