#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace penstock {

// Where a list of pages goes on, as an opaque text: the sort keys of the last row of the page before, so that
// the next page is found by an index and rows added meanwhile move nothing. JSON in base64url, unsigned: it
// says nothing that its reader could not ask for.
std::string make_page_token(const JsonArray& keys);

// The keys of a token that make_page_token made, which must be `count`; kInvalidArgument otherwise.
Result<JsonArray> read_page_token(std::string_view token, size_t count);

}  // namespace penstock
