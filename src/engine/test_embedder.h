#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/temporary_directory.h"

namespace penstock::engine {

inline void write_text(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A safetensors file: any header before any bytes.
inline std::string safetensors_of(std::string_view header, std::string_view data) {
  const uint64_t length = header.size();
  std::string text(sizeof length, '\0');
  std::memcpy(text.data(), &length, sizeof length);
  return text.append(header).append(data);
}

// The folder of a BERT embedder with one layer of width 8, as its author would publish it. Tests change a
// part, then write it.
struct TinyEmbedder {
  using Shape = std::vector<int64_t>;
  struct Tensor {
    Shape shape;
    float value = 0.5F;  // of every element
  };

  std::string config =
      R"({"model_type":"bert","hidden_act":"gelu","num_hidden_layers":1,"num_attention_heads":2,)"
      R"("hidden_size":8,)"
      R"("intermediate_size":16,"max_position_embeddings":4,"vocab_size":9,"type_vocab_size":2})";
  std::string vocab_txt = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwater\n##s\n";
  std::string tokenizer_json;  // not written if empty
  std::string modules = R"([{"type":"sentence_transformers.models.Transformer","path":""},)"
                        R"({"type":"sentence_transformers.models.Pooling","path":"1_Pooling"},)"
                        R"({"type":"sentence_transformers.models.Normalize","path":"2_Normalize"}])";
  std::string pooling = R"({"word_embedding_dimension":8,"pooling_mode_mean_tokens":true})";
  std::map<std::string, Tensor> tensors = {
      {"embeddings.word_embeddings.weight", {{9, 8}}},
      {"embeddings.position_embeddings.weight", {{4, 8}}},
      {"embeddings.token_type_embeddings.weight", {{2, 8}}},
      {"embeddings.LayerNorm.weight", {{8}}},
      {"embeddings.LayerNorm.bias", {{8}}},
      {"encoder.layer.0.attention.self.query.weight", {{8, 8}}},
      {"encoder.layer.0.attention.self.query.bias", {{8}}},
      {"encoder.layer.0.attention.self.key.weight", {{8, 8}}},
      {"encoder.layer.0.attention.self.key.bias", {{8}}},
      {"encoder.layer.0.attention.self.value.weight", {{8, 8}}},
      {"encoder.layer.0.attention.self.value.bias", {{8}}},
      {"encoder.layer.0.attention.output.dense.weight", {{8, 8}}},
      {"encoder.layer.0.attention.output.dense.bias", {{8}}},
      {"encoder.layer.0.attention.output.LayerNorm.weight", {{8}}},
      {"encoder.layer.0.attention.output.LayerNorm.bias", {{8}}},
      {"encoder.layer.0.intermediate.dense.weight", {{16, 8}}},
      {"encoder.layer.0.intermediate.dense.bias", {{16}}},
      {"encoder.layer.0.output.dense.weight", {{8, 16}}},
      {"encoder.layer.0.output.dense.bias", {{8}}},
      {"encoder.layer.0.output.LayerNorm.weight", {{8}}},
      {"encoder.layer.0.output.LayerNorm.bias", {{8}}},
      {"pooler.dense.weight", {{8, 8}}},
  };

  std::string safetensors() const {
    JsonObject header{{"__metadata__", {{"format", "pt"}}}};
    std::string data;
    for (const auto& [name, tensor] : tensors) {
      int64_t elements = 1;
      for (int64_t extent : tensor.shape) elements *= extent;
      const size_t begin = data.size();
      for (int64_t i = 0; i < elements; ++i) {
        data.append(reinterpret_cast<const char*>(&tensor.value), sizeof tensor.value);
      }
      header[name] = {{"dtype", "F32"},
                      {"shape", JsonArray(tensor.shape.begin(), tensor.shape.end())},
                      {"data_offsets", {begin, data.size()}}};
    }
    return safetensors_of(to_json(header), data);
  }

  void write(const std::filesystem::path& folder) const {
    std::filesystem::create_directories(folder / "1_Pooling");
    write_text(folder / "config.json", config);
    write_text(folder / "vocab.txt", vocab_txt);
    if (!tokenizer_json.empty()) write_text(folder / "tokenizer.json", tokenizer_json);
    if (!modules.empty()) write_text(folder / "modules.json", modules);
    write_text(folder / "1_Pooling" / "config.json", pooling);
    write_text(folder / "model.safetensors", safetensors());
  }
};

}  // namespace penstock::engine
