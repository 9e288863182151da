#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "registry/version.h"

namespace penstock::registry {

// What MLflow 3.17.2 lets names, tags and aliases of registered models be, in its words
// (mlflow/utils/validation.py). All errors are kInvalidArgument.

inline constexpr std::string_view kPromptTag = "mlflow.prompt.is_prompt";
inline constexpr std::string_view kPromptTextTag = "mlflow.prompt.text";
inline constexpr std::string_view kPromptTypeTag = "_mlflow_prompt_type";
inline constexpr std::string_view kPromptFormatTag = "_mlflow_prompt_response_format";
inline constexpr std::string_view kPromptSource = "prompt-template";

inline constexpr size_t kModelNameCharactersMax = 256;
inline constexpr size_t kTagKeyCharactersMax = 250;
inline constexpr size_t kTagValueCharactersMax = 100'000;
inline constexpr size_t kAliasCharactersMax = 255;
inline constexpr size_t kDescriptionCharactersMax = 100'000;
inline constexpr size_t kSourceCharactersMax = 65'535;

// Not empty, without '/' and ':', and a path that is its own normal form.
Result<void> check_model_name(std::string_view name, std::string_view field = "name");
Result<void> check_model_tag(std::string_view key, std::string_view value);
Result<void> check_version_tag(std::string_view key, std::string_view value);
Result<void> check_tag_key(std::string_view key);
Result<void> check_alias(std::string_view alias);
// Also not "latest" and not "v" and a number.
Result<void> check_new_alias(std::string_view alias);
Result<void> check_length(std::string_view field, std::string_view text, size_t characters_max);

// "Staging" for "staging".
Result<std::string_view> canonical_stage(std::string_view stage);
Result<int64_t> parse_version_number(std::string_view text);

// Whether the tags say that this is a prompt.
bool is_prompt(const Tags& tags);

// 'text', as Python writes it.
std::string python_quoted(std::string_view text);

}  // namespace penstock::registry
