#pragma once

#include <span>
#include <string_view>

namespace penstock::api::native {

// A named JSON Schema (draft 2020-12, as OpenAPI 3.1 has it), as JSON text.
struct Schema {
  std::string_view name;
  std::string_view json;
};

// What bodies look like. Every object of an answer is complete (all members required, no others), so a test
// that validates an answer also finds what is missing here. A module's own stand in a file of its own
// (access_schemas.cc, ...), which schemas.cc lists.
std::span<const Schema> schemas();

std::span<const Schema> gateway_schemas();
std::span<const Schema> cost_schemas();
std::span<const Schema> access_schemas();
std::span<const Schema> account_schemas();
std::span<const Schema> registry_schemas();

}  // namespace penstock::api::native
