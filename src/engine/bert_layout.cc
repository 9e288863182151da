#include "engine/bert_layout.h"

#include <fmt/format.h>

#include <array>

#include "engine/model_folder.h"

namespace penstock::engine {
namespace {

namespace fs = std::filesystem;

constexpr size_t kConfigBytesMax = 1 << 20;
constexpr int64_t kLayersMax = 512;  // libllama's own
constexpr int64_t kHeadsMax = 1 << 10;
constexpr int64_t kWidthMax = 1 << 16;
constexpr int64_t kContextMax = 1 << 20;
constexpr int64_t kVocabularyMax = 1 << 20;
constexpr int64_t kTokenTypesMax = 1 << 10;
constexpr double kNormEpsilonDefault = 1e-12;

struct Count {
  std::string_view key;
  int64_t BertConfig::* member;
  int64_t max;
};

constexpr std::array kCounts = {
    Count{"num_hidden_layers", &BertConfig::layers, kLayersMax},
    Count{"num_attention_heads", &BertConfig::heads, kHeadsMax},
    Count{"hidden_size", &BertConfig::width, kWidthMax},
    Count{"intermediate_size", &BertConfig::inner_width, kWidthMax},
    Count{"max_position_embeddings", &BertConfig::context_tokens, kContextMax},
    Count{"vocab_size", &BertConfig::vocabulary, kVocabularyMax},
    Count{"type_vocab_size", &BertConfig::token_types, kTokenTypesMax},
};

// What config.json may say; an absent field means the same.
struct Expected {
  std::string_view key;
  std::string_view value;
};

constexpr std::array kExpected = {
    Expected{"model_type", "bert"},
    Expected{"hidden_act", "gelu"},
    Expected{"position_embedding_type", "absolute"},
};

Error refused(const fs::path& file, std::string_view what) {
  return Error::invalid("", fmt::format("{}: {}", file.string(), what));
}

Result<void> read_encoder(const fs::path& file, BertConfig& config) {
  ASSIGN_OR_RETURN(const Json document, read_json_object(file, kConfigBytesMax));
  for (const Expected& expected : kExpected) {
    const Json* value = find(document, expected.key);
    if (value == nullptr || string_at(document, expected.key) == expected.value) continue;
    return Failure(refused(file, fmt::format("{} is {}, only \"{}\" can be imported", expected.key,
                                             to_json(*value), expected.value)));
  }
  if (bool_at(document, "is_decoder")) return Failure(refused(file, "is_decoder is true: not an embedder"));
  for (const Count& count : kCounts) {
    ASSIGN_OR_RETURN(config.*count.member, required_count(document, count.key, count.max, file));
  }
  if (config.width % config.heads != 0) {
    return Failure(refused(file, "hidden_size is not a multiple of num_attention_heads"));
  }
  config.norm_epsilon = static_cast<float>(number_at(document, "layer_norm_eps", kNormEpsilonDefault));
  if (!(config.norm_epsilon > 0)) return Failure(refused(file, "layer_norm_eps must be above 0"));
  return {};
}

Result<void> read_pooling(const fs::path& file, const BertConfig& config, BertConfig::Pooling& pooling) {
  ASSIGN_OR_RETURN(const Json document, read_json_object(file, kConfigBytesMax));
  if (int_at(document, "word_embedding_dimension", config.width) != config.width) {
    return Failure(refused(file, "word_embedding_dimension is not hidden_size of config.json"));
  }
  // Older files have a switch per mode, newer ones a name; several switches concatenate vectors.
  const std::string_view mode = string_at(document, "pooling_mode");
  int others = mode.empty() || mode == "mean" || mode == "cls" ? 0 : 1;
  for (const auto& [key, value] : document.get_object()) {
    const bool on = key.starts_with("pooling_mode_") && value.is_bool() && value.get_bool();
    if (on && key != "pooling_mode_mean_tokens" && key != "pooling_mode_cls_token") ++others;
  }
  const bool mean = mode == "mean" || bool_at(document, "pooling_mode_mean_tokens");
  const bool first = mode == "cls" || bool_at(document, "pooling_mode_cls_token");
  if (others > 0 || mean == first) {
    return Failure(refused(file, "only pooling by the mean or by the first token (cls) can be imported"));
  }
  pooling = mean ? BertConfig::Pooling::kMean : BertConfig::Pooling::kFirst;
  return {};
}

Result<void> read_modules(const fs::path& folder, BertConfig& config) {
  const fs::path file = folder / "modules.json";
  if (std::error_code ignored; !fs::exists(file, ignored)) return {};
  ASSIGN_OR_RETURN(const Json document, read_json_array(file, kConfigBytesMax));
  for (const Json& module : document.get_array()) {
    const std::string_view type = string_at(module, "type");
    const std::string_view kind = type.substr(type.rfind('.') + 1);  // whole, where there is no dot
    const std::string_view path = string_at(module, "path");
    if (kind == "Normalize") {
      config.normalizes = true;
    } else if (kind == "Pooling") {
      if (path.empty() || path == ".." || path.contains('/')) {
        return Failure(
            refused(file, fmt::format("the path \"{}\" is not the name of a folder beside it", path)));
      }
      RETURN_IF_ERROR(read_pooling(folder / path / "config.json", config, config.pooling));
    } else if (kind != "Transformer") {
      return Failure(refused(file, fmt::format("a module of type \"{}\" can't be imported", type)));
    }
  }
  return {};
}

struct NamePair {
  std::string_view source;
  std::string_view target;
};

// Each has a bias as long as its weight has rows.
constexpr NamePair kSquares[] = {
    {"attention.self.query", "attn_q"},
    {"attention.self.key", "attn_k"},
    {"attention.self.value", "attn_v"},
    {"attention.output.dense", "attn_output"},
};
constexpr NamePair kNorms[] = {
    {"attention.output.LayerNorm", "attn_output_norm"},
    {"output.LayerNorm", "layer_output_norm"},
};

class TensorList {
 public:
  explicit TensorList(const BertConfig& config) : config_(config) {}

  void embeddings() {
    matrix("embeddings.word_embeddings.weight", "token_embd.weight", config_.vocabulary, config_.width);
    // Small, and added to every token: F32, like the reference converter (conversion/base.py).
    table("embeddings.position_embeddings.weight", "position_embd.weight", config_.context_tokens);
    table("embeddings.token_type_embeddings.weight", "token_types.weight", config_.token_types);
    norm("embeddings.LayerNorm", "token_embd_norm");
  }

  void layer(int64_t index) {
    const std::string source = fmt::format("encoder.layer.{}.", index);
    const std::string target = fmt::format("blk.{}.", index);
    auto both = [&](std::string_view from, std::string_view to, int64_t rows, int64_t columns) {
      dense(source + std::string(from), target + std::string(to), rows, columns);
    };
    for (const NamePair& names : kSquares) both(names.source, names.target, config_.width, config_.width);
    both("intermediate.dense", "ffn_up", config_.inner_width, config_.width);
    both("output.dense", "ffn_down", config_.width, config_.inner_width);
    for (const NamePair& names : kNorms) {
      norm(source + std::string(names.source), target + std::string(names.target));
    }
  }

  std::vector<BertTensor> take() { return std::move(tensors_); }

 private:
  void matrix(std::string source, std::string target, int64_t rows, int64_t columns) {
    tensors_.push_back({.source = std::move(source),
                        .target = std::move(target),
                        .shape = {rows, columns},
                        .is_matrix = true});
  }
  void table(std::string source, std::string target, int64_t rows) {
    tensors_.push_back(
        {.source = std::move(source), .target = std::move(target), .shape = {rows, config_.width}});
  }
  void vector(std::string source, std::string target, int64_t length) {
    tensors_.push_back({.source = std::move(source), .target = std::move(target), .shape = {length}});
  }
  void dense(const std::string& source, const std::string& target, int64_t rows, int64_t columns) {
    matrix(source + ".weight", target + ".weight", rows, columns);
    vector(source + ".bias", target + ".bias", rows);
  }
  void norm(const std::string& source, const std::string& target) {
    vector(source + ".weight", target + ".weight", config_.width);
    vector(source + ".bias", target + ".bias", config_.width);
  }

  const BertConfig& config_;
  std::vector<BertTensor> tensors_;
};

}  // namespace

Result<BertConfig> read_bert_config(const fs::path& folder) {
  BertConfig config{.name = fs::absolute(folder / ".").lexically_normal().parent_path().filename().string()};
  RETURN_IF_ERROR(read_encoder(folder / "config.json", config));
  RETURN_IF_ERROR(read_modules(folder, config));
  return config;
}

std::vector<BertTensor> bert_tensors(const BertConfig& config) {
  TensorList list(config);
  list.embeddings();
  for (int64_t i = 0; i < config.layers; ++i) list.layer(i);
  return list.take();
}

bool is_unused_by_embedders(std::string_view source) {
  return source == "embeddings.position_ids" || source.starts_with("pooler.") || source.starts_with("cls.");
}

// Keys: the GGUF specification of ggml and llama.cpp's conversion/bert.py.
void write_bert_keys(const BertConfig& config, GgufWriter& writer) {
  auto count = [](int64_t value) { return static_cast<uint32_t>(value); };
  writer.set("general.architecture", "bert");
  writer.set("general.type", "model");
  writer.set("general.name", config.name);
  writer.set("bert.block_count", count(config.layers));
  writer.set("bert.context_length", count(config.context_tokens));
  writer.set("bert.embedding_length", count(config.width));
  writer.set("bert.feed_forward_length", count(config.inner_width));
  writer.set("bert.attention.head_count", count(config.heads));
  writer.set("bert.attention.layer_norm_epsilon", config.norm_epsilon);
  writer.set("bert.attention.causal", false);
  writer.set("bert.pooling_type", static_cast<uint32_t>(config.pooling));
  // Ours: libllama leaves the scaling to whoever reads the vector.
  writer.set("penstock.embedding.normalize", config.normalizes);
}

}  // namespace penstock::engine
