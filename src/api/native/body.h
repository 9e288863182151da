#pragma once

#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace penstock::api::native {

// The JSON of a request's body, checked against a component of schemas.h: the same text that the OpenAPI
// document shows. kInvalidArgument names the first field that does not fit ("limits[0].amount"), what it must
// be and, for an unknown one, the nearest known name.
//
// Schemas may use: $ref, type, properties, required, additionalProperties (false or a schema), items, enum,
// minimum, maximum, minLength, maxLength, maxItems, minItems; description, examples, format and default are
// for readers. A component that uses anything else is a bug and aborts.
Result<Json> parse_body(std::string_view text, std::string_view schema);

inline constexpr size_t kBodyBytesMax = 1 << 20;
inline constexpr size_t kBodyDepthMax = 16;

}  // namespace penstock::api::native
