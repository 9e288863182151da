#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "registry/model_source.h"
#include "registry/promotion.h"
#include "registry/version.h"
#include "storage/database/database.h"

namespace penstock::registry {

struct NewModel {
  std::string name;
  std::string description{};
  Tags tags{};
};

struct NewModelVersion {
  std::string name;
  std::string source;
  std::optional<std::string> run_id{};
  std::optional<std::string> model_id{};
  std::string run_link{};
  std::string description{};
  Tags tags{};
  std::string created_by{};
};

struct ModelSearch {
  std::string filter{};
  int64_t results_max = 100;
  std::vector<std::string> order_by{};
  std::string page_token{};
};

// A registered model with tags, aliases and the newest version in each stage.
struct RegisteredModelDetails {
  Entry entry;
  std::vector<Version> latest;
};
struct ModelPage {
  std::vector<RegisteredModelDetails> models;
  std::string next_token;  // empty: there is no more
};
struct VersionPage {
  std::vector<Version> versions;
  std::string next_token;
};

// Models and prompts as MLflow's clients know them: in one namespace, each with versions, tags, stages and
// aliases. A prompt is what carries the tag "mlflow.prompt.is_prompt" when it is made, and is of the kind
// prompt here. Behaves and words its errors as MLflow 3.17.2 does.
//
// What Penstock itself serves is a registered model, too. Such a version has a digest; it, its name and the
// tag that says what it is for can't be changed or deleted here.
//
// Thread-safe. Everything else must outlive it.
class ModelRegistry {
 public:
  static constexpr int64_t kModelsPageMax = 1'000;
  static constexpr int64_t kVersionsPageMax = 200'000;

  // `announced` is called after a change that somebody is to be told of has been committed.
  ModelRegistry(database::Database& database, ModelOrigins& origins, std::function<void()> announced,
                const Clock& clock = system_clock());

  Task<Result<RegisteredModelDetails>> create(NewModel model);
  Task<Result<RegisteredModelDetails>> get(std::string name);
  Task<Result<RegisteredModelDetails>> update(std::string name, std::string description);
  Task<Result<RegisteredModelDetails>> rename(std::string name, std::string new_name);
  // Its aliases are taken away first, under the promotion rules.
  Task<Result<void>> remove(std::string name, Mover mover);
  Task<Result<ModelPage>> search(ModelSearch search);
  Task<Result<void>> set_tag(std::string name, std::string key, std::string value);
  Task<Result<void>> delete_tag(std::string name, std::string key);
  // With aliases. Of all stages if none is given.
  Task<Result<std::vector<Version>>> latest_versions(std::string name, std::vector<std::string> stages);

  // Versions come with aliases, but those of a search.
  Task<Result<Version>> create_version(NewModelVersion version);
  Task<Result<Version>> get_version(std::string name, std::string number);
  Task<Result<Version>> update_version(std::string name, std::string number,
                                       std::optional<std::string> description);
  // A stage is promoted to under the rules of an alias of its name in lower case.
  struct StageMove {
    std::string name;
    std::string number;
    std::string stage;
    bool archive_existing = false;
  };
  Task<Result<Version>> transition_stage(StageMove move, Mover mover);
  Task<Result<void>> delete_version(std::string name, std::string number, Mover mover);
  Task<Result<VersionPage>> search_versions(ModelSearch search);
  Task<Result<void>> set_version_tag(std::string name, std::string number, std::string key,
                                     std::string value);
  Task<Result<void>> delete_version_tag(std::string name, std::string number, std::string key);
  Task<Result<std::string>> download_uri(std::string name, std::string number);

  Task<Result<void>> set_alias(std::string name, std::string alias, std::string number, Mover mover);
  Task<Result<void>> delete_alias(std::string name, std::string alias, Mover mover);
  Task<Result<Version>> version_by_alias(std::string name, std::string alias);

 private:
  template <class T>
  Task<Result<T>> change(std::function<Result<T>(database::Connection&, bool& announced)> work);

  database::Database& database_;
  ModelOrigins& origins_;
  std::function<void()> announced_;
  const Clock& clock_;
};

}  // namespace penstock::registry
