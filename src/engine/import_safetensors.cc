#include "engine/import_safetensors.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "engine/bert_names.h"
#include "engine/gguf_file.h"
#include "engine/safetensors.h"

namespace penstock::engine {
namespace {

namespace fs = std::filesystem;

constexpr size_t kConfigBytesMax = 4 << 20;
constexpr size_t kVocabularyBytesMax = 64 << 20;
constexpr size_t kTensorsMax = 100'000;

struct GgmlDeleter {
  void operator()(ggml_context* context) const { ggml_free(context); }
};
using GgmlTensors = std::unique_ptr<ggml_context, GgmlDeleter>;

// A tensor's place in the source and its name and type in the output.
struct OutputTensor {
  std::string name;
  TensorEntry source;
  ggml_type type = GGML_TYPE_F32;
};

struct Bert {
  Json config;
  int32_t pooling = 0;  // llama_pooling_type
  std::vector<std::string> vocabulary;
};

Error unsupported(const fs::path& file, std::string_view what) {
  return Error{.code = ErrorCode::kNotImplemented, .message = fmt::format("{}: {}", file.string(), what)};
}

Result<Json> read_config(const fs::path& file) {
  ASSIGN_OR_RETURN(std::string text, read_file(file, kConfigBytesMax));
  auto document = parse_json(text);
  if (!document) {
    return Failure(Error{.code = ErrorCode::kCorrupt,
                         .message = fmt::format("{}: {}", file.string(), document.error().message)});
  }
  return document;
}

Result<void> check_config(const fs::path& folder, const Json& config) {
  const fs::path file = folder / "config.json";
  if (string_at(config, "model_type") != "bert") {
    return Failure(
        unsupported(file, fmt::format("model type '{}' is not supported; only 'bert' embedders are imported",
                                      string_at(config, "model_type"))));
  }
  const std::string_view positions = string_at(config, "position_embedding_type");
  if (!positions.empty() && positions != "absolute")
    return Failure(unsupported(file, "its positions are not absolute"));
  if (string_at(config, "hidden_act") != "gelu")
    return Failure(unsupported(file, "its activation is not 'gelu'"));
  for (std::string_view key : {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                               "max_position_embeddings"}) {
    if (int_at(config, key) < 1) {
      return Failure(Error{.code = ErrorCode::kCorrupt,
                           .message = fmt::format("{}: '{}' is missing", file.string(), key)});
    }
  }
  return {};
}

// sentence-transformers' names, and llama_pooling_type.
Result<int32_t> read_pooling(const fs::path& folder) {
  const fs::path file = folder / "1_Pooling" / "config.json";
  ASSIGN_OR_RETURN(const Json config, read_config(file));
  if (bool_at(config, "pooling_mode_mean_tokens")) return 1;
  if (bool_at(config, "pooling_mode_cls_token")) return 2;
  if (bool_at(config, "pooling_mode_lasttoken")) return 3;
  return Failure(unsupported(file, "it pools neither by mean nor by the first or last token"));
}

Result<std::vector<std::string>> read_vocabulary(const fs::path& folder) {
  ASSIGN_OR_RETURN(const std::string text, read_file(folder / "vocab.txt", kVocabularyBytesMax));
  std::vector<std::string> tokens;
  for (std::string_view line : split(text, '\n'))
    tokens.emplace_back(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
  if (!tokens.empty() && tokens.back().empty()) tokens.pop_back();
  return tokens;
}

Result<Bert> read_bert(const fs::path& folder) {
  Bert bert;
  ASSIGN_OR_RETURN(bert.config, read_config(folder / "config.json"));
  RETURN_IF_ERROR(check_config(folder, bert.config));
  const fs::path tokenizer = folder / "tokenizer_config.json";
  if (auto config = read_config(tokenizer); config && !bool_at(*config, "do_lower_case", true)) {
    return Failure(unsupported(tokenizer, "a vocabulary that keeps upper case is not supported"));
  }
  ASSIGN_OR_RETURN(bert.pooling, read_pooling(folder));
  ASSIGN_OR_RETURN(bert.vocabulary, read_vocabulary(folder));
  return bert;
}

Result<std::vector<OutputTensor>> plan_tensors(const fs::path& file, const Safetensors& source,
                                               ImportType type) {
  std::vector<OutputTensor> tensors;
  for (const auto& [name, entry] : source.entries()) {
    std::optional<std::string> output = bert_tensor_name(name);
    if (!output)
      return Failure(unsupported(file, fmt::format("tensor '{}' is not one of a BERT embedder", name)));
    if (output->empty()) continue;
    if (entry.shape.empty() || entry.shape.size() > 2)
      return Failure(unsupported(file, fmt::format("tensor '{}' is no matrix", name)));
    const bool half = type == ImportType::kF16 && entry.shape.size() == 2 && !is_position_table(*output);
    tensors.push_back({std::move(*output), entry, half ? GGML_TYPE_F16 : GGML_TYPE_F32});
  }
  if (tensors.size() > kTensorsMax) return Failure(unsupported(file, "it has too many tensors"));
  return tensors;
}

void set_vocabulary(gguf_context* out, const std::vector<std::string>& vocabulary) {
  std::vector<std::string> tokens;
  std::vector<const char*> pointers;
  std::vector<int32_t> types;
  constexpr int32_t kNormal = 1;  // llama_token_type
  constexpr int32_t kControl = 3;
  for (const std::string& token : vocabulary) {
    const bool control = is_bert_control_token(token);
    tokens.push_back(control ? token : bert_piece(token));
    types.push_back(control ? kControl : kNormal);
  }
  for (const std::string& token : tokens) pointers.push_back(token.c_str());
  gguf_set_val_str(out, "tokenizer.ggml.model", "bert");
  gguf_set_arr_str(out, "tokenizer.ggml.tokens", pointers.data(), pointers.size());
  gguf_set_arr_data(out, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
  for (const auto& [token, key] : kBertSpecialTokens) {
    auto found = std::ranges::find(vocabulary, token);
    if (found == vocabulary.end()) continue;
    gguf_set_val_u32(out, std::string(key).c_str(), static_cast<uint32_t>(found - vocabulary.begin()));
  }
}

void set_metadata(gguf_context* out, const Bert& bert, const ImportOptions& options) {
  const Json& config = bert.config;
  auto set = [&](const char* key, std::string_view from) {
    gguf_set_val_u32(out, key, static_cast<uint32_t>(int_at(config, from)));
  };
  fs::path folder = options.folder;
  if (!folder.has_filename()) folder = folder.parent_path();
  gguf_set_val_str(out, "general.architecture", "bert");
  gguf_set_val_str(out, "general.type", "model");
  gguf_set_val_str(out, "general.name",
                   (options.name.empty() ? folder.filename().string() : options.name).c_str());
  gguf_set_val_u32(out, "general.file_type", options.type == ImportType::kF16 ? 1 : 0);  // llama_ftype
  set("bert.block_count", "num_hidden_layers");
  set("bert.context_length", "max_position_embeddings");
  set("bert.embedding_length", "hidden_size");
  set("bert.feed_forward_length", "intermediate_size");
  set("bert.attention.head_count", "num_attention_heads");
  gguf_set_val_f32(out, "bert.attention.layer_norm_epsilon",
                   static_cast<float>(number_at(config, "layer_norm_eps", 1e-12)));
  gguf_set_val_bool(out, "bert.attention.causal", false);
  gguf_set_val_u32(out, "bert.pooling_type", static_cast<uint32_t>(bert.pooling));
  gguf_set_val_u32(out, "tokenizer.ggml.token_type_count",
                   static_cast<uint32_t>(int_at(config, "type_vocab_size", 1)));
  set_vocabulary(out, bert.vocabulary);
}

// The tensors' names, types and shapes, without data.
Result<GgmlTensors> describe(gguf_context* out, const std::vector<OutputTensor>& tensors) {
  GgmlTensors context(ggml_init(
      {.mem_size = (tensors.size() + 1) * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true}));
  if (!context) return Failure(Error::unavailable("not enough memory to describe the tensors"));
  for (const OutputTensor& tensor : tensors) {
    // ggml counts dimensions from the innermost.
    const std::vector<int64_t> shape(tensor.source.shape.rbegin(), tensor.source.shape.rend());
    ggml_tensor* made =
        ggml_new_tensor(context.get(), tensor.type, static_cast<int>(shape.size()), shape.data());
    ggml_set_name(made, tensor.name.c_str());
    gguf_add_tensor(out, made);
  }
  return context;
}

Result<void> append_tensor(AppendFile& file, const Safetensors& source, const OutputTensor& tensor,
                           size_t alignment) {
  ASSIGN_OR_RETURN(const std::vector<float> values, source.read(tensor.source));
  std::vector<ggml_fp16_t> halves;
  std::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  if (tensor.type == GGML_TYPE_F16) {
    halves.resize(values.size());
    ggml_fp32_to_fp16_row(values.data(), halves.data(), static_cast<int64_t>(values.size()));
    bytes = {reinterpret_cast<const char*>(halves.data()), halves.size() * sizeof(ggml_fp16_t)};
  }
  const std::string padding((alignment - bytes.size() % alignment) % alignment, '\0');
  return file.append({bytes, padding});
}

Result<void> write_file(const fs::path& path, gguf_context* out, const Safetensors& source,
                        const std::vector<OutputTensor>& tensors) {
  if (!gguf_write_to_file(out, path.c_str(), true)) {
    return Failure(Error::internal(fmt::format("{} could not be written", path.string())));
  }
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::open(path));
  for (const OutputTensor& tensor : tensors) {
    RETURN_IF_ERROR(append_tensor(file, source, tensor, gguf_get_alignment(out)));
  }
  return file.sync();
}

}  // namespace

Result<void> import_safetensors(const ImportOptions& options) {
  ASSIGN_OR_RETURN(const Bert bert, read_bert(options.folder));
  const fs::path source_file = options.folder / "model.safetensors";
  ASSIGN_OR_RETURN(const Safetensors source, Safetensors::open(source_file));
  ASSIGN_OR_RETURN(const auto tensors, plan_tensors(source_file, source, options.type));
  const GgufFile out(gguf_init_empty());
  set_metadata(out.get(), bert, options);
  ASSIGN_OR_RETURN(const GgmlTensors described, describe(out.get(), tensors));
  fs::path partial = options.output;
  partial += ".partial";
  Result<void> written = write_file(partial, out.get(), source, tensors);
  std::error_code failed;
  if (written) fs::rename(partial, options.output, failed);
  if (!written || failed) {
    std::error_code ignored;
    fs::remove(partial, ignored);
  }
  if (failed)
    return Failure(Error::from_errno(failed.value(), "cannot rename to " + options.output.string()));
  return written;
}

}  // namespace penstock::engine
