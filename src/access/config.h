#pragma once

#include <string>
#include <vector>

#include "access/principal.h"
#include "core/config.h"
#include "core/result.h"

namespace penstock::access {

// What penstock.yaml says about who may call: keys and groups.
struct AccessConfig {
  std::vector<Key> keys;
  std::vector<Group> groups;
};

// The sections `keys` and `groups`.
ConfigSchema::Fields config_fields();

// Reads them from a loaded configuration; errors name file, line and the fix.
Result<AccessConfig> read_config(const ConfigNode& root);

// "acme", "acme/search": 1 to 8 segments of letters, digits and . _ -, 128 bytes in all. kInvalidArgument
// naming `field`.
Result<void> check_group_path(std::string_view path, std::string_view field);

}  // namespace penstock::access
