#pragma once

#include <string>
#include <string_view>

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "registry/aliases.h"
#include "registry/registry_store.h"

// What the handlers of the registry share: what a path means, and how it is written.
namespace penstock::api::native {

// The entry that {kind} and {name} of a path mean; a name may also be an entry's id, for those with a '/' in
// them. kNotFound.
Result<registry::Entry> entry_of(database::Connection& connection, const std::string& kind,
                                 const std::string& name);
// Its version {number}. kNotFound.
Result<registry::Version> version_of(database::Connection& connection, const registry::Entry& entry,
                                     const std::string& number);

registry::Mover mover_of(const Call& call, std::string_view reason);

// With what entry_of read, details included.
Result<std::string> entry_document(database::Connection& connection, const registry::Entry& entry);
void write_entry(JsonWriter& json, const registry::Entry& entry);
void write_version(JsonWriter& json, const registry::Version& version);
// With aliases and checks.
Result<std::string> version_document(database::Connection& connection, registry::Version version);
void write_move(JsonWriter& json, const registry::Move& move);
std::string move_document(const registry::Move& move);

}  // namespace penstock::api::native
