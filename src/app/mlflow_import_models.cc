#include <algorithm>

#include "app/mlflow_import.h"
#include "registry/aliases.h"
#include "registry/lineage.h"
#include "registry/model_rules.h"
#include "registry/registry_store.h"

namespace penstock::app {
namespace {

using database::Connection;

constexpr std::string_view kModelScheme = "models:/";

Timestamp time_of(int64_t ms) { return {ms * 1000}; }

registry::Tags tags_of(const tracking::Tags& tags) {
  registry::Tags out;
  for (const tracking::Tag& tag : tags) out.emplace_back(tag.key, tag.value);
  std::ranges::sort(out);
  return out;
}

// "m-4f..." of "models:/m-4f...".
std::string logged_model_of(std::string_view source) {
  bool by_id = source.starts_with(kModelScheme) && source.substr(kModelScheme.size()).starts_with("m-");
  return by_id ? std::string(source.substr(kModelScheme.size())) : std::string();
}

// Numbers that the store has given away already are given away here, too.
Result<void> skip_to(Connection& connection, const registry::Entry& entry, int64_t number, int64_t& next) {
  for (; next < number; ++next) {
    registry::Version gap{
        .entry = entry.id, .kind = entry.kind, .name = entry.name, .digest = {}, .description = {}};
    gap.created_at = gap.updated_at = entry.created_at;
    ASSIGN_OR_RETURN(registry::Version made, registry::insert_version(connection, gap));
    RETURN_IF_ERROR(registry::delete_version(connection, made.id, entry.created_at));
  }
  return {};
}

}  // namespace

Result<void> MlflowImport::take_models() {
  ASSIGN_OR_RETURN(std::vector<SourceModel> models, source_.models());
  for (const SourceModel& model : models) RETURN_IF_ERROR(take_model(model));
  return {};
}

Result<void> MlflowImport::write_version(Connection& connection, const registry::Entry& entry,
                                         const SourceVersion& from) {
  registry::Version version{
      .entry = entry.id, .kind = entry.kind, .name = entry.name, .digest = {}, .description = {}};
  version.source = moved(from.source);
  version.location = version.source;
  version.model_id = logged_model_of(from.source);
  if (!version.model_id.empty()) {
    auto logged = tracking::get_logged_model(connection, version.model_id, tracking::Deleted::kShown);
    if (logged) version.location = logged->artifact_location;
  }
  if (!from.description.empty()) version.description = from.description;
  version.run_id = from.run_id;
  version.run_link = from.run_link;
  version.created_at = time_of(from.created_at_ms);
  version.updated_at = time_of(from.updated_at_ms);
  version.tags = tags_of(from.tags);
  ASSIGN_OR_RETURN(registry::Version made, registry::insert_version(connection, std::move(version)));
  bool staged = !from.stage.empty() && from.stage != made.stage;
  if (staged) {
    RETURN_IF_ERROR(
        registry::set_version_stage(connection, made.id, from.stage, time_of(from.updated_at_ms)));
  }
  if (from.run_id.empty()) return {};
  return registry::record_edge(connection, {.from = "run:" + from.run_id,
                                            .to = registry::version_node(entry.kind, entry.name, from.number),
                                            .role = "output",
                                            .at = time_of(from.created_at_ms)});
}

// One transaction. False for a name that is taken: then nothing is changed.
Result<bool> MlflowImport::write_model(Connection& connection, const SourceModel& model) {
  registry::Tags tags = tags_of(model.tags);
  auto kind = registry::is_prompt(tags) ? registry::Kind::kPrompt : registry::Kind::kModel;
  ASSIGN_OR_RETURN(auto known, registry::find_entry(connection, kind, model.name));
  if (known) return false;
  registry::Entry fresh{.kind = kind,
                        .name = model.name,
                        .description = model.description,
                        .created_at = time_of(model.created_at_ms),
                        .updated_at = time_of(model.updated_at_ms),
                        .tags = std::move(tags),
                        .aliases = {}};
  ASSIGN_OR_RETURN(registry::Entry entry, registry::insert_entry(connection, std::move(fresh)));
  int64_t next = 1;
  for (const SourceVersion& from : model.versions) {
    RETURN_IF_ERROR(skip_to(connection, entry, from.number, next));
    RETURN_IF_ERROR(write_version(connection, entry, from));
    ++next;
  }
  registry::Mover mover{.name = "import", .role = access::Role::kOwner, .reason = "import mlflow"};
  for (const auto& [alias, number] : model.aliases) {
    RETURN_IF_ERROR(registry::move_alias(connection, entry, alias, number, mover, target_.clock.now()));
  }
  return true;
}

Result<void> MlflowImport::take_model(const SourceModel& model) {
  bool written = false;
  RETURN_IF_ERROR(target_.database.write_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(written, write_model(connection, model));
    return {};
  }));
  if (!written) {
    note("the model '" + model.name + "' is there already and was left as it is");
    return {};
  }
  ++done_.models;
  done_.versions += static_cast<int64_t>(model.versions.size());
  for (const SourceVersion& version : model.versions) {
    bool local = version.source.find("://") == std::string::npos && !version.source.starts_with('/');
    if (local || moved(version.source) != version.source) continue;
    note("version " + std::to_string(version.number) + " of '" + model.name +
         "' has its files elsewhere: " + version.source);
  }
  return {};
}

}  // namespace penstock::app
