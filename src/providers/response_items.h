#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "providers/provider_type.h"

namespace penstock::providers {

// The `instructions` (raw JSON, may be empty) and `input` of a request of the Responses API as the JSON list
// of a chat's messages for `type`: a call joins the assistant message before it, as a chat wants parallel
// calls together.
Result<std::string> read_response_items(std::string_view instructions, std::string_view input,
                                        const ProviderType& type);

}  // namespace penstock::providers
