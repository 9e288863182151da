#pragma once

#include "core/json.h"
#include "core/result.h"

namespace penstock::datasets {

// Validation by JSON Schema (drafts 6 to 2020-12): type, enum, const, the bounds of numbers, texts, lists and
// objects, properties, patternProperties-free additionalProperties, required, items, uniqueItems, contains,
// allOf, anyOf, oneOf, not, if/then/else. What is not among them ($ref, pattern, format, ...) is refused by
// check_json_schema rather than passed over; titles, descriptions and $schema are accepted.
Result<void> check_json_schema(const Json& schema);

// `schema` must have passed the check.
bool matches_json_schema(const Json& document, const Json& schema);

}  // namespace penstock::datasets
