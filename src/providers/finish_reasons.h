#pragma once

#include <string_view>

namespace penstock::providers {

// Anthropic's stop_reason as OpenAI's finish_reason, and back. What neither knows is an ordinary end.
std::string_view to_finish_reason(std::string_view stop_reason);
std::string_view to_stop_reason(std::string_view finish_reason);

}  // namespace penstock::providers
