#pragma once

#include <optional>

#include "access/oidc.h"
#include "core/config.h"
#include "core/result.h"

namespace penstock::access {

// The section `auth` of penstock.yaml: {oidc: {issuer, client_id, ...}}.
ConfigSchema auth_schema();
Result<std::optional<OidcConfig>> read_auth(const ConfigNode& auth);

}  // namespace penstock::access
