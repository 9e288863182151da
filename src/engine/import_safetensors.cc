#include "engine/import_safetensors.h"

#include <fmt/format.h>
#include <llama.h>

#include <unordered_map>
#include <utility>

#include "engine/bert_layout.h"
#include "engine/bert_vocabulary.h"
#include "engine/gguf_writer.h"
#include "engine/safetensors.h"
#include "engine/staged_file.h"

namespace penstock::engine {
namespace {

constexpr std::string_view kWeights = "model.safetensors";
constexpr std::string_view kTaskPrefix = "bert.";  // of models saved with the head they were trained with

using SourceTensor = std::pair<std::string_view, const Safetensors::Tensor*>;  // full name, place

Error refused(const Safetensors& weights, std::string_view what) {
  return Error::invalid("", fmt::format("{}: {}", weights.file().string(), what));
}

// Finds each tensor of the layout and nothing else.
Result<std::vector<SourceTensor>> match(const Safetensors& weights, const BertConfig& config,
                                        const std::vector<BertTensor>& layout) {
  std::unordered_map<std::string_view, SourceTensor> found;
  for (const auto& [name, tensor] : weights.tensors()) {
    std::string_view plain = name;
    if (plain.starts_with(kTaskPrefix)) plain.remove_prefix(kTaskPrefix.size());
    if (is_unused_by_embedders(plain)) continue;
    if (!found.try_emplace(plain, name, &tensor).second) {
      return Failure(refused(weights, fmt::format("tensor {} is there twice", plain)));
    }
  }
  std::vector<SourceTensor> sources;
  sources.reserve(layout.size());
  for (const BertTensor& wanted : layout) {
    auto node = found.extract(wanted.source);
    if (node.empty()) return Failure(refused(weights, fmt::format("tensor {} is missing", wanted.source)));
    const auto& [name, tensor] = node.mapped();
    if (tensor->shape != wanted.shape) {
      return Failure(refused(weights, fmt::format("tensor {}: its shape is {}, config.json means {}", name,
                                                  shape_text(tensor->shape), shape_text(wanted.shape))));
    }
    sources.push_back(node.mapped());
  }
  if (!found.empty()) {
    return Failure(refused(weights, fmt::format("tensor {} is not part of a BERT embedder of {} layers",
                                                found.begin()->second.first, config.layers)));
  }
  return sources;
}

void write_vocabulary_keys(const BertConfig& config, const BertVocabulary& vocabulary, GgufWriter& writer) {
  writer.set("tokenizer.ggml.model", "bert");
  writer.set("tokenizer.ggml.pre", "default");
  writer.set("tokenizer.ggml.tokens", vocabulary.tokens);
  writer.set("tokenizer.ggml.token_type", vocabulary.types);
  writer.set("tokenizer.ggml.token_type_count", static_cast<uint32_t>(config.token_types));
  writer.set("tokenizer.ggml.bos_token_id", vocabulary.begin);
  writer.set("tokenizer.ggml.cls_token_id", vocabulary.begin);
  writer.set("tokenizer.ggml.seperator_token_id", vocabulary.separator);  // spelled so in the format
  writer.set("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
  writer.set("tokenizer.ggml.padding_token_id", vocabulary.pad);
  writer.set("tokenizer.ggml.mask_token_id", vocabulary.mask);
  writer.set("tokenizer.ggml.normalizer.lowercase", vocabulary.lowercase);
  writer.set("tokenizer.ggml.normalizer.strip_accents", vocabulary.strip_accents);
}

}  // namespace

Result<void> import_safetensors(const ImportOptions& options) {
  ASSIGN_OR_RETURN(const BertConfig config, read_bert_config(options.folder));
  ASSIGN_OR_RETURN(const BertVocabulary vocabulary, read_bert_vocabulary(options.folder, config.vocabulary));
  ASSIGN_OR_RETURN(const Safetensors weights, Safetensors::open(options.folder / kWeights));
  const std::vector<BertTensor> layout = bert_tensors(config);
  ASSIGN_OR_RETURN(const std::vector<SourceTensor> sources, match(weights, config, layout));

  const bool halves = options.type == WeightType::kF16;
  GgufWriter writer(layout.size());
  write_bert_keys(config, writer);
  writer.set("general.file_type",
             static_cast<uint32_t>(halves ? LLAMA_FTYPE_MOSTLY_F16 : LLAMA_FTYPE_ALL_F32));
  write_vocabulary_keys(config, vocabulary, writer);
  for (const BertTensor& tensor : layout) {
    writer.add_tensor(tensor.target, tensor.shape,
                      halves && tensor.is_matrix ? TensorType::kF16 : TensorType::kF32);
  }
  StagedFile staged(options.output);
  RETURN_IF_ERROR(writer.write(staged.path(),
                               [&](size_t i) { return weights.read(sources[i].first, *sources[i].second); }));
  return staged.publish();
}

}  // namespace penstock::engine
