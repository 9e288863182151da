#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace penstock::engine {

// Reading of the JSON files beside published weights. Every message names the file.

// kNotFound, kTooLarge, kInvalidArgument for what is not a JSON object.
Result<Json> read_json_object(const std::filesystem::path& file, size_t bytes_max);
Result<Json> read_json_array(const std::filesystem::path& file, size_t bytes_max);

// A whole number from 1 to `max`; kInvalidArgument if it's missing or anything else.
Result<int64_t> required_count(const Json& object, std::string_view key, int64_t max,
                               const std::filesystem::path& file);

}  // namespace penstock::engine
