#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::api::native {

// One query parameter of a route: what it may be, for checking and for the OpenAPI document alike.
struct Parameter {
  enum class Type : uint8_t { kInteger, kText, kChoice };

  std::string_view name;
  Type type = Type::kText;
  std::string_view description;
  int64_t minimum = 0;  // of a number; of a text's bytes
  int64_t maximum = 0;
  std::optional<int64_t> fallback{};  // of a number
  std::span<const std::string_view> choices{};
};

// The checked query of one request. A parameter without a value ("model=") counts as absent.
class Query {
 public:
  // kInvalidArgument naming the parameter: one that is not in `known`, given twice, or of a wrong value.
  static Result<Query> parse(std::string_view raw, std::span<const Parameter> known);

  std::string text(std::string_view name) const;  // empty if absent
  // Its fallback if absent.
  std::optional<int64_t> integer(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, int64_t, std::less<>> integers_;
};

}  // namespace penstock::api::native
