#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace penstock::engine {

// What a GGUF file says of its model.
struct ModelInfo {
  std::string architecture;  // "llama", "bert", ...
  std::string name;          // general.name; may be empty
  std::string licence;       // general.license, an SPDX identifier in lower case; may be empty
  std::string quantisation;  // "F32", "Q4_1", ...: the type of most of its weights
  int64_t parameters = 0;
  int64_t context_tokens = 0;
  int64_t embedding_size = 0;
  int64_t layers = 0;
  int64_t vocabulary_size = 0;
  int64_t file_bytes = 0;
  bool is_embedding = false;  // makes vectors, not text
  bool has_chat_template = false;
};

// Reads the head of the file, not the weights. kNotFound; kCorrupt for what is no GGUF file or is cut short.
Result<ModelInfo> inspect_model(const std::filesystem::path& file);

}  // namespace penstock::engine
