#pragma once

#include <string>
#include <string_view>

namespace penstock::api::native {

// The OpenAPI 3.1 document of the native API, from the route table and the schemas.
std::string openapi_json(std::string_view version);

// A route's path as the document has it: "/groups/{path}" of "/groups/{path...}".
std::string documented_path(std::string_view path);

}  // namespace penstock::api::native
