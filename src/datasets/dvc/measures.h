#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/repository.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

enum class Measures : uint8_t { kMetrics, kParams };

// The metrics files of a revision ("": the work tree) with their values: {"metrics.json": {"auc": 0.5}}.
// Files that stages of dvc.yaml name, or its top-level `metrics`; for parameters those that stages depend on,
// and params.yaml.
Result<Value> measures(Repository& repository, const std::string& revision, Measures which);

// {"metrics.json": {"auc": {"old": 0.5, "new": 0.75, "diff": 0.25}}}: what differs, nested names joined by
// dots.
Value measures_diff(const Value& before, const Value& after);

std::string measures_text(const Value& measures);
std::string measures_diff_text(const Value& diff, Measures which, std::string_view old_name,
                               std::string_view new_name);

}  // namespace penstock::datasets::dvc
