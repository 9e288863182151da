#pragma once

#include <string>
#include <string_view>

namespace penstock::api::native {

// The OpenAPI 3.1 document of the native API, from the route table and the schemas.
std::string openapi_json(std::string_view version);

}  // namespace penstock::api::native
