#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/result.h"
#include "providers/provider_type.h"

namespace penstock::providers {

struct MessageTurns {
  std::string messages;           // JSON list of chat messages
  std::set<std::string> dropped;  // what had no counterpart: "messages.content.thinking"
};

// The `system` (a string, a list of text blocks, or empty) and `messages` of a request of Anthropic's
// Messages API as messages of a chat for `type`. Results of tools become messages of their own; images among
// them, which a chat's tool messages cannot hold, go into the user's message that follows. kInvalidArgument
// names the block.
Result<MessageTurns> read_message_turns(std::string_view system, std::string_view messages,
                                        const ProviderType& type);

}  // namespace penstock::providers
