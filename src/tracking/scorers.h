#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "storage/database/database.h"

// Scorers of MLflow 3: named, versioned descriptions (JSON) of how answers are judged, per experiment. They
// are kept and handed out, never run. Everything works on a connection; errors are in MLflow's words. Whether
// the experiment exists is the caller's to check.
namespace penstock::tracking {

struct ScorerVersion {
  std::string scorer_id;
  std::string experiment_id;
  std::string name;
  int64_t version = 0;
  std::string serialized;  // JSON
  int64_t created_ms = 0;
};

inline constexpr size_t kSerializedScorerBytesMax = 1 << 20;
inline constexpr size_t kScorersListedMax = 1'000;

// Version 1 of a new name, else the next one. kInvalidArgument for one whose JSON holds program text: a
// client that loads it would run that.
Result<ScorerVersion> register_scorer(database::Connection& connection, Random& random, int64_t experiment,
                                      std::string_view name, const std::string& serialized, int64_t now_ms);
// The latest of each name, by experiment and name.
Result<std::vector<ScorerVersion>> list_scorers(database::Connection& connection,
                                                std::span<const int64_t> experiments);
// The same for all active experiments, at most kScorersOfAllMax.
inline constexpr int64_t kScorersOfAllMax = 10'000;
Result<std::vector<ScorerVersion>> list_all_scorers(database::Connection& connection);
// kNotFound unless there is at least one.
Result<std::vector<ScorerVersion>> list_scorer_versions(database::Connection& connection, int64_t experiment,
                                                        std::string_view name);
// The latest, or the one of that number.
Result<ScorerVersion> get_scorer(database::Connection& connection, int64_t experiment, std::string_view name,
                                 std::optional<int64_t> version);
// One version, or all of them.
Result<void> delete_scorer(database::Connection& connection, int64_t experiment, std::string_view name,
                           std::optional<int64_t> version);

}  // namespace penstock::tracking
