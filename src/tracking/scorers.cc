#include "tracking/scorers.h"

#include <algorithm>
#include <array>

#include "core/json.h"
#include "core/text.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr int kDepthMax = 32;

#define PENSTOCK_SCORER_COLUMNS                                                        \
  "SELECT s.scorer_id, s.experiment_id, s.name, v.version, v.serialized, v.created_ms" \
  " FROM tracking_scorers s JOIN tracking_scorer_versions v ON v.scorer_id = s.scorer_id"
#define PENSTOCK_SCORER_LATEST \
  " AND v.version = (SELECT MAX(w.version) FROM tracking_scorer_versions w WHERE w.scorer_id = s.scorer_id)"
constexpr std::string_view kVersions =
    PENSTOCK_SCORER_COLUMNS " WHERE s.experiment_id = $1 AND s.name = $2 ORDER BY v.version";
constexpr std::string_view kLatest =
    PENSTOCK_SCORER_COLUMNS " WHERE s.experiment_id = $1" PENSTOCK_SCORER_LATEST " ORDER BY s.name";
// Row 1 is experiment "0".
constexpr std::string_view kLatestOfAll = PENSTOCK_SCORER_COLUMNS
    " JOIN tracking_experiments e ON e.id = s.experiment_id + 1"
    " WHERE e.deleted = 0" PENSTOCK_SCORER_LATEST " ORDER BY s.experiment_id, s.name LIMIT $1";
#undef PENSTOCK_SCORER_LATEST
#undef PENSTOCK_SCORER_COLUMNS
constexpr std::string_view kFind =
    "SELECT scorer_id FROM tracking_scorers WHERE experiment_id = $1 AND name = $2";
constexpr std::string_view kInsert =
    "INSERT INTO tracking_scorers (scorer_id, experiment_id, name) VALUES ($1, $2, $3)";
constexpr std::string_view kInsertVersion =
    "INSERT INTO tracking_scorer_versions (scorer_id, version, serialized, created_ms) VALUES ($1, $2, $3, "
    "$4)";
constexpr std::string_view kNextVersion =
    "SELECT COALESCE(MAX(version), 0) + 1 FROM tracking_scorer_versions WHERE scorer_id = $1";
constexpr std::string_view kDeleteVersion =
    "DELETE FROM tracking_scorer_versions WHERE scorer_id = $1 AND version = $2";
constexpr std::string_view kDeleteVersions = "DELETE FROM tracking_scorer_versions WHERE scorer_id = $1";
constexpr std::string_view kDelete = "DELETE FROM tracking_scorers WHERE scorer_id = $1";

ScorerVersion read_version(const Row& row) {
  return {.scorer_id = std::string(row.text(0)),
          .experiment_id = std::to_string(row.integer(1)),
          .name = std::string(row.text(2)),
          .version = row.integer(3),
          .serialized = std::string(row.text(4)),
          .created_ms = row.integer(5)};
}

Failure not_found(int64_t experiment, std::string_view name, std::optional<int64_t> version) {
  std::string which = "Scorer with name '" + std::string(name) + "'";
  if (version) which += " and version " + std::to_string(*version);
  return Failure(Error::not_found(which + " not found for experiment " + std::to_string(experiment) + "."));
}

bool holds_program(const Json& value, int depth = 0) {
  if (depth > kDepthMax) return true;
  if (value.is_array()) {
    return std::ranges::any_of(value.get_array(),
                               [&](const Json& item) { return holds_program(item, depth + 1); });
  }
  if (!value.is_object()) return false;
  return std::ranges::any_of(value.get_object(), [&](const auto& member) {
    bool source = member.key() == "call_source" && !member.value().is_null();
    return source || holds_program(member.value(), depth + 1);
  });
}

Result<void> check(std::string_view name, const std::string& serialized) {
  if (trim(name).empty()) {
    return Failure(Error::invalid("name", "Scorer name cannot be empty or contain only whitespace."));
  }
  if (serialized.size() > kSerializedScorerBytesMax) {
    return Failure(Error::invalid(
        "serialized_scorer",
        "serialized_scorer has at most " + std::to_string(kSerializedScorerBytesMax) + " bytes"));
  }
  Result<Json> value = parse_json(serialized);
  if (!value) return Failure(Error::invalid("serialized_scorer", "serialized_scorer must be valid JSON"));
  if (!holds_program(*value)) return {};
  return Failure(
      Error::invalid("serialized_scorer",
                     "Custom scorer registration (using @scorer decorator) is not supported: the scorer "
                     "holds program text, which "
                     "whoever loads it would run. Keep its code in a source repository and import it."));
}

Result<std::optional<std::string>> find_scorer(Connection& connection, int64_t experiment,
                                               std::string_view name) {
  std::optional<std::string> id;
  const Value values[] = {experiment, std::string(name)};
  RETURN_IF_ERROR(connection.query(kFind, values, [&](const Row& row) {
    id = row.text(0);
    return false;
  }));
  return id;
}

std::string new_scorer_id(Random& random) {
  std::array<uint64_t, 2> bits = {random.next_u64(), random.next_u64()};
  std::string digits = hex(std::as_bytes(std::span(bits)));
  for (size_t at : {8, 13, 18, 23}) digits.insert(at, "-");
  return digits;
}

}  // namespace

Result<ScorerVersion> register_scorer(Connection& connection, Random& random, int64_t experiment,
                                      std::string_view name, const std::string& serialized, int64_t now_ms) {
  RETURN_IF_ERROR(check(name, serialized));
  ASSIGN_OR_RETURN(std::optional<std::string> id, find_scorer(connection, experiment, name));
  if (!id) {
    id = new_scorer_id(random);
    const Value values[] = {*id, experiment, std::string(name)};
    RETURN_IF_ERROR(connection.execute(kInsert, values));
  }
  ScorerVersion made{.scorer_id = *id,
                     .experiment_id = std::to_string(experiment),
                     .name = std::string(name),
                     .serialized = serialized,
                     .created_ms = now_ms};
  const Value of_scorer[] = {*id};
  RETURN_IF_ERROR(connection.query(kNextVersion, of_scorer, [&](const Row& row) {
    made.version = row.integer(0);
    return false;
  }));
  const Value values[] = {*id, made.version, serialized, now_ms};
  RETURN_IF_ERROR(connection.execute(kInsertVersion, values));
  return made;
}

Result<std::vector<ScorerVersion>> list_scorers(Connection& connection,
                                                std::span<const int64_t> experiments) {
  if (experiments.size() > kScorersListedMax) {
    return Failure(Error::invalid("experiment_ids", "at most " + std::to_string(kScorersListedMax) +
                                                        " experiments can be named at once"));
  }
  std::vector<ScorerVersion> all;
  for (int64_t experiment : experiments) {
    const Value values[] = {experiment};
    ASSIGN_OR_RETURN(std::vector<ScorerVersion> some,
                     database::rows<ScorerVersion>(connection, kLatest, values, read_version));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

Result<std::vector<ScorerVersion>> list_all_scorers(Connection& connection) {
  const Value values[] = {kScorersOfAllMax};
  return database::rows<ScorerVersion>(connection, kLatestOfAll, values, read_version);
}

Result<std::vector<ScorerVersion>> list_scorer_versions(Connection& connection, int64_t experiment,
                                                        std::string_view name) {
  const Value values[] = {experiment, std::string(name)};
  ASSIGN_OR_RETURN(std::vector<ScorerVersion> versions,
                   database::rows<ScorerVersion>(connection, kVersions, values, read_version));
  if (versions.empty()) return not_found(experiment, name, std::nullopt);
  return versions;
}

Result<ScorerVersion> get_scorer(Connection& connection, int64_t experiment, std::string_view name,
                                 std::optional<int64_t> version) {
  ASSIGN_OR_RETURN(std::vector<ScorerVersion> versions, list_scorer_versions(connection, experiment, name));
  if (!version) return versions.back();
  auto found = std::ranges::find(versions, *version, &ScorerVersion::version);
  if (found == versions.end()) return not_found(experiment, name, version);
  return *found;
}

Result<void> delete_scorer(Connection& connection, int64_t experiment, std::string_view name,
                           std::optional<int64_t> version) {
  ASSIGN_OR_RETURN(ScorerVersion found, get_scorer(connection, experiment, name, version));
  if (version) {
    const Value values[] = {found.scorer_id, *version};
    RETURN_IF_ERROR(connection.execute(kDeleteVersion, values));
    return {};
  }
  const Value values[] = {found.scorer_id};
  RETURN_IF_ERROR(connection.execute(kDeleteVersions, values));
  RETURN_IF_ERROR(connection.execute(kDelete, values));
  return {};
}

}  // namespace penstock::tracking
