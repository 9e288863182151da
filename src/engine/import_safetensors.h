#pragma once

#include <cstdint>
#include <filesystem>

#include "core/result.h"

namespace penstock::engine {

// Of the matrices. Vectors (norms and biases) are always F32.
enum class WeightType : uint8_t { kF32, kF16 };

struct ImportOptions {
  std::filesystem::path folder;  // as the model's author publishes it
  std::filesystem::path output;  // the GGUF file; replaced if it exists
  WeightType type = WeightType::kF16;
};

// Makes a GGUF file that libllama loads from a folder of safetensors. Known so far: BERT sentence embedders
// (all-MiniLM, BGE small, base, large). Read are model.safetensors (F32, F16 or BF16), config.json, the
// vocabulary from tokenizer.json or vocab.txt, and, where there are any, 1_Pooling/config.json and
// modules.json. Nothing in the folder is executed.
//
// Vectors of texts tokenised by Model::tokenize agree with the reference implementation: cosine > 0.9999 over
// testdata/minilm_sentences.txt. libllama's tokeniser differs from BERT's in scripts with vowel signs of
// category Mc (Devanagari, Tamil, ...: it drops them) and for words of more than 100 characters.
//
// Errors name file and tensor or field: kNotFound for an absent file, kInvalidArgument for a model of another
// kind or a tensor that is missing, unknown or of the wrong shape, kCorrupt for a malformed file, kTooLarge
// beyond the limits of safetensors.h. `output` appears whole or not at all. Memory: the whole model once;
// about a second for 90 MB. Any thread.
Result<void> import_safetensors(const ImportOptions& options);

}  // namespace penstock::engine
