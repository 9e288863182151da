#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::registry {

// What the registry asks about runs and logged models, which tracking/ keeps. Implemented in app/. Called
// within transactions.
class ModelOrigins {
 public:
  virtual ~ModelOrigins() = default;

  // Where a run's artifacts lie: "mlflow-artifacts:/0/4f.../artifacts". nullopt: there is no such run.
  virtual Result<std::optional<std::string>> run_artifacts(database::Connection& connection,
                                                           std::string_view run_id) = 0;
  struct LoggedModel {
    std::string artifacts;
    std::string run_id;  // of the run that logged it; empty: none
  };
  virtual Result<std::optional<LoggedModel>> logged_model(database::Connection& connection,
                                                          std::string_view model_id) = 0;
  // Notes on the logged model that a version was made of it.
  virtual Result<void> add_version(database::Connection& connection, std::string_view model_id,
                                   std::string_view name, int64_t number) = 0;
};

// The parts of a URI (RFC 3986 §3): scheme in lower case.
struct UriParts {
  std::string scheme;
  std::string_view authority;
  std::string_view path;
};
UriParts uri_parts(std::string_view uri);

// "models:/name/3", "models:/name/Production", "models:/name/latest", "models:/name@alias",
// "models:/m-4f...".
struct ModelUri {
  std::string model_id{};
  std::string name{};
  std::string version{};
  std::string stage{};
  std::string alias{};
};
// nullopt if it is none.
std::optional<ModelUri> parse_model_uri(std::string_view uri);

// Where a version's files may come from: an object store, the artifacts of the run or logged model that is
// named beside it, another version. Local paths, other hosts and relative parts are refused, as MLflow
// 3.17.2 refuses them and in its words (mlflow/server/handlers.py).
struct SourceClaim {
  std::string_view source;
  std::string_view run_id;
  std::string_view model_id;
};
Result<void> check_source_scheme(std::string_view source);
Result<void> check_source(database::Connection& connection, ModelOrigins& origins, const SourceClaim& claim);

// "Invalid model version source: '...'. The run_id request parameter must identify ..."
Error invalid_source(std::string_view source, std::string_view id_field);

}  // namespace penstock::registry
