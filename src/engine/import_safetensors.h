#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace penstock::engine {

enum class ImportType : uint8_t { kF32, kF16 };

struct ImportOptions {
  // As sentence-transformers saves it: model.safetensors, config.json, vocab.txt, 1_Pooling/config.json.
  std::filesystem::path folder{};
  std::filesystem::path output{};  // the GGUF file; replaced if it exists
  ImportType type = ImportType::kF32;
  std::string name{};  // general.name; empty: the folder's
};

// Writes a BERT text embedder (all-MiniLM, BGE, E5, ...) as a GGUF file that the engine serves. With kF16
// matrices have half the size; vectors and positions stay F32. Errors name the file and what in it is missing
// or not supported: kNotFound, kCorrupt, kNotImplemented (another architecture, a cased vocabulary). On error
// there is no output.
Result<void> import_safetensors(const ImportOptions& options);

}  // namespace penstock::engine
