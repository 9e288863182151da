#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "registry/model_registry.h"
#include "registry/webhook_store.h"

// What the parts of ModelRegistry share: finding models and prompts by name, and telling whoever subscribed.
namespace penstock::registry {

// The model or prompt of that name. A name that no model could have is refused unless one has it: Penstock's
// own may hold '/' and ':'.
Result<Entry> require_model(database::Connection& connection, std::string_view name);
// With tags and aliases.
Result<Entry> require_model_details(database::Connection& connection, std::string_view name);
Result<Version> require_model_version(database::Connection& connection, std::string_view name,
                                      std::string_view number);
Result<Version> with_aliases(database::Connection& connection, Version version);
Result<RegisteredModelDetails> with_latest(database::Connection& connection, const Entry& entry);

// The version that an alias points to, with aliases; "latest" is the newest one, without.
Result<Version> resolve_alias(database::Connection& connection, std::string_view name,
                              std::string_view alias);

Error model_not_found(std::string_view name);
Error version_not_found(std::string_view name, std::string_view number);
// A change of what Penstock serves from its own files.
Error served_here(std::string_view what);

// The tags, each key once: the last one counts.
Tags distinct(Tags tags);

// Tells of something done to a model or, where `prompt`, to a prompt: entity "registered_model" or "prompt"
// and what stands behind: "", "_version", "_tag", ... `data` as MLflow's webhooks have it.
enum class Topic : uint8_t { kModel, kVersion, kModelTag, kVersionTag, kAlias };
Result<bool> tell(database::Connection& connection, Topic topic, bool prompt, std::string_view action,
                  std::string_view data, Timestamp now);
// A JSON object of texts: {"name": ..., "key": ...}.
std::string announcement(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

}  // namespace penstock::registry
