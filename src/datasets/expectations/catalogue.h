#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "datasets/expectations/map_expectation.h"
#include "datasets/expectations/question.h"

namespace penstock::datasets {

enum class ParameterType : uint8_t { kAny, kText, kNumber, kFlag, kList, kObject, kColumn, kColumns };
enum class Need : uint8_t { kOptional, kRequired };

struct Parameter {
  std::string_view name;
  ParameterType type = ParameterType::kAny;
  Need need = Need::kOptional;
};

// One row of the catalogue: everything there is to know about an expectation. One of `map` and `aggregate` is
// set.
struct ExpectationType {
  std::string_view name;
  std::string_view summary;
  std::span<const Parameter> parameters;  // its own; those of all expectations come on top
  Pending<MapCondition> (*map)(const Question&) = nullptr;
  Pending<Outcome> (*aggregate)(const Question&) = nullptr;
};

std::span<const ExpectationType> catalogue();
const ExpectationType* find_expectation(std::string_view name);  // nullptr if there is none

// Great Expectations 1.x' name of one that 0.x called otherwise; else `name`.
std::string_view current_name(std::string_view name);
// "be_unique" -> "expect_column_values_to_be_unique"; empty if there is none.
std::string_view full_name(std::string_view short_name);

// Whether `kwargs` are what the expectation takes: kInvalidArgument names the unknown, missing or mistyped
// one.
Result<void> check_arguments(const ExpectationType& type, const JsonObject& kwargs);

}  // namespace penstock::datasets
