#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/oidc.h"
#include "access/principal.h"
#include "core/config.h"
#include "core/result.h"

namespace penstock::access {

// What penstock.yaml says about who may call: keys, groups and the identity provider.
struct AccessConfig {
  std::vector<Key> keys;
  std::vector<Group> groups;
  std::optional<OidcConfig> oidc;
};

// The sections `keys`, `groups` and `auth`.
ConfigSchema::Fields config_fields();

// Reads them from a loaded configuration; errors name file, line and the fix.
Result<AccessConfig> read_config(const ConfigNode& root);

// "acme", "acme/search": 1 to 8 segments of letters, digits and . _ -, 128 bytes in all. kInvalidArgument
// naming `field`.
Result<void> check_group_path(std::string_view path, std::string_view field);

}  // namespace penstock::access
