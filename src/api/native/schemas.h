#pragma once

#include <span>
#include <string_view>

namespace penstock::api::native {

// A named JSON Schema (draft 2020-12, as OpenAPI 3.1 has it), as JSON text.
struct Schema {
  std::string_view name;
  std::string_view json;
};

// What the answers look like. Every object is complete (all members required, no others), so a test that
// validates an answer also finds what is missing here.
std::span<const Schema> schemas();

}  // namespace penstock::api::native
