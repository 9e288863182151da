#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/gguf_writer.h"

namespace penstock::engine {

// The shape of a BERT encoder and what follows it, from config.json, modules.json and 1_Pooling/config.json.
struct BertConfig {
  enum class Pooling : uint8_t { kMean = 1, kFirst = 2 };  // values of llama_pooling_type

  std::string name;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t width = 0;        // of a hidden state
  int64_t inner_width = 0;  // of the feed-forward block
  int64_t context_tokens = 0;
  int64_t vocabulary = 0;
  int64_t token_types = 0;
  float norm_epsilon = 0;
  Pooling pooling = Pooling::kMean;
  bool normalizes = false;  // whether vectors are scaled to length 1
};

// kNotFound for a folder without config.json, kInvalidArgument naming file and field for what BERT in
// libllama doesn't have: other activations, relative positions, decoders, other poolings, further layers.
// Without modules.json mean pooling is assumed, as sentence-transformers does.
Result<BertConfig> read_bert_config(const std::filesystem::path& folder);

// One tensor of the encoder under its two names.
struct BertTensor {
  std::string source;          // in safetensors, without the prefix "bert." that some files have
  std::string target;          // in GGUF
  std::vector<int64_t> shape;  // outermost first
  bool is_matrix = false;      // may be stored narrower than F32
};

std::vector<BertTensor> bert_tensors(const BertConfig& config);

// Whether a tensor is of a head that embedding doesn't use.
bool is_unused_by_embedders(std::string_view source);

void write_bert_keys(const BertConfig& config, GgufWriter& writer);

}  // namespace penstock::engine
