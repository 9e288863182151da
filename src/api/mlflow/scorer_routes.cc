#include <utility>

#include "api/mlflow/evaluation_routes.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "tracking/scorers.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;
using database::Connection;
using tracking::ScorerVersion;
using Versions = std::vector<ScorerVersion>;

constexpr Field kRegisterFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                     {.name = "name", .count = Count::kRequired},
                                     {.name = "serialized_scorer", .count = Count::kRequired}};
constexpr Message kRegister{"RegisterScorer", kRegisterFields};
constexpr Field kListFields[] = {{"experiment_id"}, {.name = "experiment_ids", .count = Count::kMany}};
constexpr Message kList{"ListScorers", kListFields};
constexpr Field kVersionFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                    {.name = "name", .count = Count::kRequired},
                                    {.name = "version", .type = Type::kInt64}};
constexpr Message kVersion{"GetScorer", kVersionFields};

std::string name_of(const Call& call) { return std::string(call.in.text("name")); }
std::string experiment_of(const Call& call) { return std::string(call.in.text("experiment_id")); }

std::optional<int64_t> version_of(const Call& call) {
  return call.in.has("version") ? std::optional(call.in.integer("version")) : std::nullopt;
}

// The number of an active experiment.
Result<int64_t> experiment(EvaluationServices& services, Connection& connection, const std::string& id) {
  std::optional<int64_t> number = parse_int(id);
  if (!number) return Failure(Error::invalid("experiment_id", "Invalid experiment ID: '" + id + "'"));
  RETURN_IF_ERROR(services.check_experiment(connection, id));
  return *number;
}

void write_scorer(JsonWriter& json, const ScorerVersion& scorer) {
  json.begin_object().raw_field("experiment_id", scorer.experiment_id).field("scorer_name", scorer.name);
  json.field("scorer_version", scorer.version).field("serialized_scorer", scorer.serialized);
  json.field("creation_time", scorer.created_ms).field("scorer_id", scorer.scorer_id).end_object();
}

std::string scorers_json(const Versions& scorers) {
  JsonWriter json(1024);
  json.begin_object();
  if (!scorers.empty()) {
    json.key("scorers").begin_array();
    for (const ScorerVersion& scorer : scorers) write_scorer(json, scorer);
    json.end_array();
  }
  return json.end_object().take();
}

Task<Result<std::string>> register_scorer(EvaluationServices& services, const Call& call) {
  std::string serialized(call.in.text("serialized_scorer"));
  int64_t now_ms = services.clock.now().us / 1000;
  auto work = [&services, id = experiment_of(call), name = name_of(call), serialized,
               now_ms](Connection& connection) -> Result<ScorerVersion> {
    ASSIGN_OR_RETURN(int64_t number, experiment(services, connection, id));
    return tracking::register_scorer(connection, services.random, number, name, serialized, now_ms);
  };
  ASSIGN_OR_CO_RETURN(ScorerVersion made, co_await services.database.write<ScorerVersion>(std::move(work)));
  JsonWriter json;
  json.begin_object().field("version", made.version).field("scorer_id", made.scorer_id);
  json.field("experiment_id", made.experiment_id).field("name", made.name);
  json.field("serialized_scorer", made.serialized).field("creation_time", made.created_ms);
  co_return json.end_object().take();
}

Task<Result<std::string>> list_scorers(EvaluationServices& services, const Call& call) {
  std::vector<std::string> ids;
  for (std::string_view id : call.in.texts("experiment_ids")) ids.emplace_back(id);
  if (!experiment_of(call).empty()) {
    if (!ids.empty()) {
      co_return Failure(Error::invalid("experiment_id",
                                       "Cannot specify both 'experiment_id' and 'experiment_ids'. Use "
                                       "'experiment_ids' to scope the query to multiple experiments, or "
                                       "'experiment_id' to scope it to a single experiment."));
    }
    ids.push_back(experiment_of(call));
  }
  bool all = ids.empty() && !call.in.has("experiment_ids");
  auto work = [&services, ids, all](Connection& connection) -> Result<Versions> {
    if (all) return tracking::list_all_scorers(connection);
    std::vector<int64_t> numbers;
    for (const std::string& id : ids) {
      ASSIGN_OR_RETURN(numbers.emplace_back(), experiment(services, connection, id));
    }
    return tracking::list_scorers(connection, numbers);
  };
  ASSIGN_OR_CO_RETURN(Versions scorers, co_await services.database.read<Versions>(std::move(work)));
  co_return scorers_json(scorers);
}

Task<Result<std::string>> list_versions(EvaluationServices& services, const Call& call) {
  auto work = [&services, id = experiment_of(call),
               name = name_of(call)](Connection& connection) -> Result<Versions> {
    ASSIGN_OR_RETURN(int64_t number, experiment(services, connection, id));
    return tracking::list_scorer_versions(connection, number, name);
  };
  ASSIGN_OR_CO_RETURN(Versions scorers, co_await services.database.read<Versions>(std::move(work)));
  co_return scorers_json(scorers);
}

Task<Result<std::string>> get_scorer(EvaluationServices& services, const Call& call) {
  auto work = [&services, id = experiment_of(call), name = name_of(call),
               version = version_of(call)](Connection& connection) -> Result<ScorerVersion> {
    ASSIGN_OR_RETURN(int64_t number, experiment(services, connection, id));
    return tracking::get_scorer(connection, number, name, version);
  };
  ASSIGN_OR_CO_RETURN(ScorerVersion scorer, co_await services.database.read<ScorerVersion>(std::move(work)));
  JsonWriter json;
  json.begin_object().key("scorer");
  write_scorer(json, scorer);
  co_return json.end_object().take();
}

Task<Result<std::string>> delete_scorer(EvaluationServices& services, const Call& call) {
  auto work = [&services, id = experiment_of(call), name = name_of(call),
               version = version_of(call)](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(int64_t number, experiment(services, connection, id));
    return tracking::delete_scorer(connection, number, name, version);
  };
  CO_RETURN_IF_ERROR(co_await services.database.write<void>(std::move(work)));
  co_return std::string("{}");
}

// Which scorers judge traces as they come: none, for none is run here.
Task<Result<std::string>> online_configs(EvaluationServices&, const Call&) {
  co_return std::string("{\"configs\":[]}");
}

Task<Result<std::string>> set_online_config(EvaluationServices&, const Call&) {
  co_return Failure(Error{.code = ErrorCode::kNotImplemented,
                          .message = "scorers are kept here and not run: there is no online scoring"});
}

}  // namespace

void add_scorer_routes(Contract contract, EvaluationServices& services) {
  static const Route<EvaluationServices> kRoutes[] = {
      {"POST", "3.0/mlflow/scorers/register", &kRegister, Capability::kDevelop, register_scorer},
      {"GET", "3.0/mlflow/scorers/list", &kList, Capability::kReadRuns, list_scorers},
      {"GET", "3.0/mlflow/scorers/versions", &kVersion, Capability::kReadRuns, list_versions},
      {"GET", "3.0/mlflow/scorers/get", &kVersion, Capability::kReadRuns, get_scorer},
      {"GET", "3.0/mlflow/scorers/online-configs", nullptr, Capability::kReadRuns, online_configs},
      {"PUT POST", "3.0/mlflow/scorers/online-config", nullptr, Capability::kDevelop, set_online_config},
      {"DELETE", "3.0/mlflow/scorers/delete", &kVersion, Capability::kDevelop, delete_scorer},
  };
  add_routes<EvaluationServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
