#include "engine/model_info.h"

#include <llama.h>

#include <limits>

#include "engine/gguf_reader.h"

namespace penstock::engine {
namespace {

std::string quantization_of(const GgufHead& head) {
  const auto type = head.integer("general.file_type");
  if (!type || *type < 0 || *type >= LLAMA_FTYPE_GUESSED) return "unknown";
  return llama_ftype_name(static_cast<llama_ftype>(*type));
}

// Families that only embed are recognised by name too: converters of old left the keys out.
bool embeds(const GgufHead& head, const std::string& architecture) {
  const int64_t pooling = head.integer(architecture + ".pooling_type").value_or(LLAMA_POOLING_TYPE_NONE);
  return pooling != LLAMA_POOLING_TYPE_NONE ||
         !head.boolean(architecture + ".attention.causal").value_or(true) || architecture.contains("bert");
}

int64_t parameters_of(const GgufHead& head) {
  int64_t sum = 0;
  for (const GgufHead::Tensor& tensor : head.tensors) {
    if (__builtin_add_overflow(sum, tensor.elements, &sum)) return std::numeric_limits<int64_t>::max();
  }
  return sum;
}

}  // namespace

Result<ModelInfo> inspect_model(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const GgufHead head, read_gguf_head(file));
  const std::string architecture(head.string("general.architecture"));
  if (architecture.empty()) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = file.string() + ": the key general.architecture is missing, so this is no model"});
  }
  return ModelInfo{.architecture = architecture,
                   .name = std::string(head.string("general.name")),
                   .quantization = quantization_of(head),
                   .parameters = parameters_of(head),
                   .context_tokens = head.integer(architecture + ".context_length").value_or(0),
                   .embedding_width = head.integer(architecture + ".embedding_length").value_or(0),
                   .is_embedding = embeds(head, architecture),
                   .has_chat_template = !head.string("tokenizer.chat_template").empty(),
                   .size_bytes = head.file_bytes};
}

}  // namespace penstock::engine
