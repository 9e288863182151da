#pragma once

#include <string_view>

#include "core/json_fields.h"
#include "providers/translation.h"

namespace penstock::providers {

// A request in the upstream's own protocol, mended for a provider of `type`: the model's name, the usage of a
// stream asked for, fields left out that it refuses and renamed that it calls otherwise. An empty body in the
// result: the client's bytes are right as they are. `fields` must have been parsed from `body`.
TranslatedRequest adapt_request(const ProviderType& type, Operation operation, std::string_view body,
                                const JsonFields& fields, std::string_view upstream_model);

}  // namespace penstock::providers
