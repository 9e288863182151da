#pragma once

#include <optional>
#include <string>

#include "core/digest.h"
#include "gateway/call.h"

namespace penstock::gateway {

// What a call's answer is kept under: who may share it, what was asked of which route, and every field of the
// request that can change the answer. Who asked (`user`, `metadata`) and what only the provider reads
// (`prompt_cache_key`, `store`, ...) is left out.
Digest exact_cache_key(const Call& call, std::string_view scope, std::string_view route);

// A call's question and the context it is asked in.
struct Question {
  std::string text;  // of the last message, a user's
  Digest context;    // everything else: scope, route, earlier messages, tools, temperature
};
// nullopt: the last message is no user's, or more than text.
std::optional<Question> question_of(const Call& call, std::string_view scope, std::string_view route);

}  // namespace penstock::gateway
