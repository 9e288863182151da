#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::engine {

// Named as in llama.cpp: bits per weight, then the block format. Matrices only; norms stay F32, and single
// matrices may be kept wider where the format asks for it or their rows don't divide into its blocks.
enum class Quantization : uint8_t { kF16, kQ8_0, kQ5_0, kQ5_K_M, kQ4_0, kQ4_1, kQ4_K_M };

// "f16", "q8_0", "q5_0", "q5_k_m", "q4_0", "q4_1", "q4_k_m"
std::string_view quantization_name(Quantization type);
// Any case; kInvalidArgument lists the names.
Result<Quantization> parse_quantization(std::string_view name);

// Whether weights that are quantised already may be quantised again: errors add up, so it's better to start
// from F32 or F16.
enum class Requantize : uint8_t { kRefused, kAllowed };

struct QuantizeOptions {
  std::filesystem::path input;
  std::filesystem::path output;  // replaced if it exists; may be `input`
  Quantization type = Quantization::kQ4_K_M;
  Requantize requantize = Requantize::kRefused;
  int threads = 1;
};

struct QuantizeReport {
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;
  std::map<std::string, int64_t> input_tensors;  // number of tensors by type: {"f32", 61}, {"q4_1", 210}
  std::map<std::string, int64_t> output_tensors;
};

// Writes the model with its weights in another format: seconds per 100 MB and thread. `output` appears whole
// or not at all. kNotFound, kCorrupt for an input that is no GGUF, kInvalidArgument for weights quantised
// already unless allowed and for a part of a split model, kStorageFull; also the errors of Model::load.
// Blocks; any thread.
Result<QuantizeReport> quantize(const QuantizeOptions& options);

}  // namespace penstock::engine
