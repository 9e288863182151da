#pragma once

#include <string>
#include <vector>

#include "app/command_line.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/result.h"

// What commands of keys and groups have in common.
namespace penstock::app {

// --budget-usd, --per, --requests-per-minute, ..., --model, --endpoint.
std::vector<Flag> use_flags();
// Writes those that are given as members of a body: limits, budget, models, endpoints.
Result<void> write_use(JsonWriter& json, const Arguments& arguments);

// "300 requests/min, 10 concurrent" and "$50 per month"; "-" for none.
std::string limits_text(const Json& holder);
std::string budget_text(const Json& holder);

// The only positional argument; kInvalidArgument with what is missing.
Result<std::string> needed(const Arguments& arguments, std::string_view what);

// Prints `json` as it is with --json, else by `print`.
Result<void> show(const Arguments& arguments, const Json& json, void (*print)(const Json&));

}  // namespace penstock::app
