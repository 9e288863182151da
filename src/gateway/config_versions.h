#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

// Every configuration that took effect: the table config_versions.
namespace penstock::gateway {

// How a configuration came into effect.
enum class ConfigSource : uint8_t { kStart, kFile, kApi, kUndo };
std::string_view config_source_name(ConfigSource source);  // "start"

// One configuration that took effect on one server.
struct ConfigVersion {
  int64_t number = 0;    // 1, 2, 3 ...; of all servers on the database together
  int64_t previous = 0;  // where an undo leads; 0: it was the server's first
  std::string server;    // whose: host and file
  Timestamp at;
  std::string actor;  // a principal's id; empty: whoever wrote the file
  ConfigSource source = ConfigSource::kFile;
  std::string comment;
  std::string text;  // of penstock.yaml; it refers to secrets and holds none. Empty in lists
};

// Tables of this part: numbers 40 to 49.
std::span<const database::Migration> config_version_migrations();

// Each works inside one transaction.

// Adds `version`, whose number is given to it and returned.
Result<int64_t> add_config_version(database::Connection& connection, const ConfigVersion& version);
// The newest of `server`; empty if it has none.
Result<std::optional<ConfigVersion>> newest_config_version(database::Connection& connection,
                                                           std::string_view server);
// kNotFound if there is no such number.
Result<ConfigVersion> get_config_version(database::Connection& connection, int64_t number);
// Newest first, without texts; only numbers below `below`, if it is not 0.
Result<std::vector<ConfigVersion>> list_config_versions(database::Connection& connection, int64_t below,
                                                        int64_t limit);

}  // namespace penstock::gateway
