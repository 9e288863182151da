#include "engine/gguf_writer.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <cmath>

#include "core/file.h"

namespace penstock::engine {
namespace {

constexpr size_t kAlignmentBytes = GGUF_DEFAULT_ALIGNMENT;

std::string_view bytes_of(const auto& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(numbers[0])};
}

Result<void> append_padded(AppendFile& file, std::string_view bytes) {
  static constexpr char kZeros[kAlignmentBytes] = {};
  const size_t padding = GGML_PAD(bytes.size(), kAlignmentBytes) - bytes.size();
  return file.append({bytes, std::string_view(kZeros, padding)});
}

bool all_finite(std::span<const float> numbers) {
  return std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); });
}

}  // namespace

void GgufWriter::Free::operator()(ggml_context* context) const { ggml_free(context); }
void GgufWriter::Free::operator()(gguf_context* context) const { gguf_free(context); }

GgufWriter::GgufWriter(size_t tensors_max)
    : shapes_(ggml_init(
          {.mem_size = (tensors_max + 1) * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true})),
      head_(gguf_init_empty()) {}

GgufWriter::~GgufWriter() = default;

void GgufWriter::set(const std::string& key, std::string_view value) {
  gguf_set_val_str(head_.get(), key.c_str(), std::string(value).c_str());
}
void GgufWriter::set(const std::string& key, uint32_t value) {
  gguf_set_val_u32(head_.get(), key.c_str(), value);
}
void GgufWriter::set(const std::string& key, float value) {
  gguf_set_val_f32(head_.get(), key.c_str(), value);
}
void GgufWriter::set(const std::string& key, bool value) {
  gguf_set_val_bool(head_.get(), key.c_str(), value);
}

void GgufWriter::set(const std::string& key, const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  gguf_set_arr_str(head_.get(), key.c_str(), texts.data(), texts.size());
}

void GgufWriter::set(const std::string& key, const std::vector<int32_t>& values) {
  gguf_set_arr_data(head_.get(), key.c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

void GgufWriter::add_tensor(const std::string& name, std::span<const int64_t> shape, TensorType type) {
  const std::vector<int64_t> innermost_first(shape.rbegin(), shape.rend());
  ggml_tensor* tensor =
      ggml_new_tensor(shapes_.get(), type == TensorType::kF32 ? GGML_TYPE_F32 : GGML_TYPE_F16,
                      static_cast<int>(innermost_first.size()), innermost_first.data());
  ggml_set_name(tensor, name.c_str());
  gguf_add_tensor(head_.get(), tensor);
  tensors_.push_back({.name = name, .type = type, .elements = static_cast<size_t>(ggml_nelements(tensor))});
}

Result<void> GgufWriter::append(AppendFile& file, const Tensor& tensor, std::vector<float> values) {
  if (values.size() != tensor.elements) {
    return Failure(Error::internal(
        fmt::format("tensor {}: {} numbers for {} places", tensor.name, values.size(), tensor.elements)));
  }
  std::vector<ggml_fp16_t> halves;
  if (tensor.type == TensorType::kF16) {
    const auto count = static_cast<int64_t>(values.size());
    halves.resize(values.size());
    ggml_fp32_to_fp16_row(values.data(), halves.data(), count);
    ggml_fp16_to_fp32_row(halves.data(), values.data(), count);  // what is too large has become infinite
  }
  if (!all_finite(values)) {
    return Failure(
        Error::invalid("", fmt::format("tensor {} holds a number that is not finite{}", tensor.name,
                                       halves.empty() ? "" : " or too large for F16; F32 has room")));
  }
  return append_padded(file, halves.empty() ? bytes_of(values) : bytes_of(halves));
}

Result<void> GgufWriter::write(const std::filesystem::path& path, const Numbers& numbers) {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::create(path));
  std::string head(gguf_get_meta_size(head_.get()), '\0');
  gguf_get_meta_data(head_.get(), head.data());
  RETURN_IF_ERROR(append_padded(file, head));
  for (size_t i = 0; i < tensors_.size(); ++i) {
    ASSIGN_OR_RETURN(std::vector<float> values, numbers(i));
    RETURN_IF_ERROR(append(file, tensors_[i], std::move(values)));
  }
  return {};
}

}  // namespace penstock::engine
