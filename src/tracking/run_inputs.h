#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"

// Which datasets and models runs used and made. All of it works on a connection, within its caller's
// transaction.
namespace penstock::tracking {

// Adds to what an active run used. A dataset is known by experiment, name and digest; one that the run has
// already stays as it is.
Result<void> log_inputs(database::Connection& connection, std::string_view run_id,
                        std::span<const DatasetInput> datasets, std::span<const ModelLink> models);
// Adds to what an active run made; BAD_REQUEST where one of the models is its output already.
Result<void> log_outputs(database::Connection& connection, std::string_view run_id,
                         std::span<const ModelLink> models);

struct DatasetSummary {
  std::string experiment_id;
  std::string name;
  std::string digest;
  std::string context;  // empty: none
};
inline constexpr int64_t kDatasetSummariesMax = 1000;
// The datasets that runs of these experiments used, each once with each context, by experiment and name.
Result<std::vector<DatasetSummary>> search_datasets(database::Connection& connection,
                                                    std::span<const std::string> experiment_ids);

// Of a row (run, name, digest, source_type, source, schema, profile, tags).
DatasetInput read_dataset_input(const database::Row& row);

}  // namespace penstock::tracking
