#include "engine/model_info.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <system_error>

#include "engine/gguf_file.h"
#include "engine/model.h"

namespace penstock::engine {
namespace {

// Typed look-ups that cannot abort, as libllama's do for a key of another type.
class Metadata {
 public:
  explicit Metadata(const gguf_context* file) : file_(file) {}

  std::string text(const std::string& key) const {
    const int64_t id = find(key, GGUF_TYPE_STRING);
    return id < 0 ? std::string() : gguf_get_val_str(file_, id);
  }
  int64_t integer(const std::string& key, int64_t fallback = 0) const {
    if (const int64_t id = find(key, GGUF_TYPE_UINT32); id >= 0) return gguf_get_val_u32(file_, id);
    if (const int64_t id = find(key, GGUF_TYPE_INT32); id >= 0) return gguf_get_val_i32(file_, id);
    if (const int64_t id = find(key, GGUF_TYPE_UINT64); id >= 0)
      return static_cast<int64_t>(gguf_get_val_u64(file_, id));
    return fallback;
  }
  bool boolean(const std::string& key, bool fallback) const {
    const int64_t id = find(key, GGUF_TYPE_BOOL);
    return id < 0 ? fallback : gguf_get_val_bool(file_, id);
  }
  int64_t array_size(const std::string& key) const {
    const int64_t id = find(key, GGUF_TYPE_ARRAY);
    return id < 0 ? 0 : static_cast<int64_t>(gguf_get_arr_n(file_, id));
  }

 private:
  int64_t find(const std::string& key, gguf_type type) const {
    const int64_t id = gguf_find_key(file_, key.c_str());
    return id >= 0 && gguf_get_kv_type(file_, id) == type ? id : -1;
  }

  const gguf_context* file_;
};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// Counts parameters and finds the type that most of them have.
void read_tensors(const gguf_context* file, ModelInfo& info) {
  std::map<ggml_type, int64_t> parameters_by_type;
  for (int64_t i = 0; i < gguf_get_n_tensors(file); ++i) {
    const int64_t* shape = gguf_get_tensor_ne(file, i);
    int64_t count = 1;
    for (int dimension = 0; dimension < GGML_MAX_DIMS; ++dimension) count *= shape[dimension];
    parameters_by_type[gguf_get_tensor_type(file, i)] += count;
    info.parameters += count;
  }
  auto most =
      std::ranges::max_element(parameters_by_type, {}, [](const auto& entry) { return entry.second; });
  if (most != parameters_by_type.end()) info.quantisation = upper(ggml_type_name(most->first));
}

Result<void> check_size(const gguf_context* file, const std::filesystem::path& path, int64_t bytes) {
  int64_t end = static_cast<int64_t>(gguf_get_data_offset(file));
  for (int64_t i = 0; i < gguf_get_n_tensors(file); ++i) {
    const auto tensor_end = static_cast<int64_t>(
        gguf_get_data_offset(file) + gguf_get_tensor_offset(file, i) + gguf_get_tensor_size(file, i));
    end = std::max(end, tensor_end);
  }
  if (end <= bytes) return {};
  return Failure(Error{.code = ErrorCode::kCorrupt,
                       .message = fmt::format("{} has {} bytes and should have {}: it was cut short",
                                              path.string(), bytes, end)});
}

}  // namespace

Result<ModelInfo> inspect_model(const std::filesystem::path& file) {
  initialize_llama();
  std::error_code failed;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(file, failed));
  if (failed) return Failure(Error::from_errno(failed.value(), "cannot read " + file.string()));
  const GgufFile opened(gguf_init_from_file(file.c_str(), {.no_alloc = true, .ctx = nullptr}));
  if (!opened) {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = file.string() + " is not a GGUF model"});
  }
  RETURN_IF_ERROR(check_size(opened.get(), file, bytes));
  const Metadata metadata(opened.get());
  ModelInfo info;
  info.file_bytes = bytes;
  info.architecture = metadata.text("general.architecture");
  info.name = metadata.text("general.name");
  info.licence = metadata.text("general.license");
  const std::string prefix = info.architecture + ".";
  info.context_tokens = metadata.integer(prefix + "context_length");
  info.embedding_size = metadata.integer(prefix + "embedding_length");
  info.layers = metadata.integer(prefix + "block_count");
  info.vocabulary_size = metadata.array_size("tokenizer.ggml.tokens");
  // As Model::load tells them apart.
  info.is_embedding =
      metadata.integer(prefix + "pooling_type") > 0 || !metadata.boolean(prefix + "attention.causal", true);
  info.has_chat_template = !metadata.text("tokenizer.chat_template").empty();
  read_tensors(opened.get(), info);
  return info;
}

}  // namespace penstock::engine
