#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace penstock::engine {

// What a GGUF file says about itself.
struct ModelInfo {
  std::string architecture;  // "llama", "bert", ...
  std::string name;          // as its author calls it; may be empty
  std::string quantization;  // "F16", "Q4_1", "Q4_K - Medium", ...; "unknown" if the file doesn't say
  int64_t parameters = 0;
  int64_t context_tokens = 0;   // trained length; 0 if the file doesn't say
  int64_t embedding_width = 0;  // floats of a hidden state; 0 if the file doesn't say
  bool is_embedding = false;    // made to embed texts rather than to write them
  bool has_chat_template = false;
  int64_t size_bytes = 0;
};

// Reads the head of the file: keys and tensor shapes, no weights, so a model of any size takes milliseconds.
// Safe on any bytes: ggml's own reader is not asked. kNotFound, kCorrupt with the place and the reason,
// kTooLarge beyond the limits of gguf_reader.h. Any thread.
Result<ModelInfo> inspect_model(const std::filesystem::path& file);

}  // namespace penstock::engine
