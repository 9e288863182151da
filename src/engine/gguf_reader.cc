#include "engine/gguf_reader.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "core/file.h"

namespace penstock::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read as little endian");

constexpr std::string_view kMagic = "GGUF";
constexpr uint32_t kVersionMin = 2;  // version 1 counts with 32 bits; nothing writes it any more
constexpr uint32_t kVersionMax = 3;
constexpr uint32_t kAlignmentDefault = 32;
constexpr uint64_t kAlignmentMax = 1 << 20;
constexpr std::string_view kAlignmentKey = "general.alignment";

class HeadReader {
 public:
  HeadReader(const std::filesystem::path& file, int fd, int64_t size) : file_(file), fd_(fd), size_(size) {}

  Result<GgufHead> read();

 private:
  static constexpr size_t kWindowBytes = 256 << 10;

  int64_t position() const { return window_begin_ + static_cast<int64_t>(used_); }
  uint64_t left() const { return static_cast<uint64_t>(size_ - position()); }
  Error corrupt(std::string_view what) const;
  Error too_large(std::string_view what) const;
  Result<void> refill();
  Result<void> take(char* into, size_t bytes);
  Result<void> skip(uint64_t bytes);
  template <class T>
  Result<T> number();
  Result<std::string> string(uint64_t bytes_max, std::string_view what);

  Result<void> read_counts();
  Result<void> read_values();
  Result<GgufHead::Value> read_value(uint32_t type);
  Result<GgufHead::Value> read_array();
  Result<void> read_tensors();
  Result<GgufHead::Tensor> read_tensor();
  Result<void> check_extents() const;

  const std::filesystem::path& file_;
  int fd_;
  int64_t size_;
  std::string window_;
  int64_t window_begin_ = 0;
  size_t used_ = 0;  // of the window
  uint64_t value_count_ = 0;
  uint64_t tensor_count_ = 0;
  std::vector<uint64_t> offsets_;  // of the tensors, from where their bytes begin
  GgufHead head_;
};

Error HeadReader::corrupt(std::string_view what) const {
  return Error{.code = ErrorCode::kCorrupt,
               .message = fmt::format("{}: byte {}: {}", file_.string(), position(), what)};
}

Error HeadReader::too_large(std::string_view what) const {
  return Error{.code = ErrorCode::kTooLarge,
               .message = fmt::format("{}: byte {}: {}", file_.string(), position(), what)};
}

Result<void> HeadReader::refill() {
  window_begin_ += static_cast<int64_t>(used_);
  used_ = 0;
  if (window_begin_ >= kGgufHeadBytesMax) {
    return Failure(too_large(fmt::format("the head is longer than {} bytes", kGgufHeadBytesMax)));
  }
  window_.resize(std::min(kWindowBytes, static_cast<size_t>(size_ - window_begin_)));
  ASSIGN_OR_RETURN(const size_t got, read_at(fd_, window_, window_begin_, file_));
  window_.resize(got);
  if (got == 0) return Failure(corrupt("the file ends in the middle of its head"));
  return {};
}

Result<void> HeadReader::take(char* into, size_t bytes) {
  while (bytes > 0) {
    if (used_ == window_.size()) RETURN_IF_ERROR(refill());
    const size_t part = std::min(bytes, window_.size() - used_);
    std::memcpy(into, window_.data() + used_, part);
    used_ += part;
    into += part;
    bytes -= part;
  }
  return {};
}

Result<void> HeadReader::skip(uint64_t bytes) {
  if (bytes > left()) return Failure(corrupt("the file ends in the middle of its head"));
  if (bytes <= window_.size() - used_) {
    used_ += bytes;
    return {};
  }
  window_begin_ = position() + static_cast<int64_t>(bytes);
  window_.clear();
  used_ = 0;
  return {};
}

template <class T>
Result<T> HeadReader::number() {
  std::array<char, sizeof(T)> bytes{};
  RETURN_IF_ERROR(take(bytes.data(), bytes.size()));
  return std::bit_cast<T>(bytes);
}

Result<std::string> HeadReader::string(uint64_t bytes_max, std::string_view what) {
  ASSIGN_OR_RETURN(const auto length, number<uint64_t>());
  if (length > left()) return Failure(corrupt(fmt::format("{} is longer than the file", what)));
  if (length > bytes_max) return Failure(too_large(fmt::format("{} of more than {} bytes", what, bytes_max)));
  std::string text(length, '\0');
  RETURN_IF_ERROR(take(text.data(), text.size()));
  return text;
}

Result<void> HeadReader::read_counts() {
  std::string magic(kMagic.size(), '\0');
  if (left() < magic.size()) return Failure(corrupt("not a GGUF file"));
  RETURN_IF_ERROR(take(magic.data(), magic.size()));
  if (magic != kMagic) return Failure(corrupt("not a GGUF file"));
  ASSIGN_OR_RETURN(const auto version, number<uint32_t>());
  if (version < kVersionMin || version > kVersionMax) {
    return Failure(corrupt(
        fmt::format("GGUF version {} is not supported, only {} and {}", version, kVersionMin, kVersionMax)));
  }
  ASSIGN_OR_RETURN(tensor_count_, number<uint64_t>());
  ASSIGN_OR_RETURN(value_count_, number<uint64_t>());
  if (tensor_count_ > kGgufTensorsMax) {
    return Failure(too_large(fmt::format("{} tensors, more than {}", tensor_count_, kGgufTensorsMax)));
  }
  if (value_count_ > kGgufKeysMax) {
    return Failure(too_large(fmt::format("{} keys, more than {}", value_count_, kGgufKeysMax)));
  }
  return {};
}

Result<void> HeadReader::read_values() {
  for (uint64_t i = 0; i < value_count_; ++i) {
    ASSIGN_OR_RETURN(std::string key, string(kGgufKeyBytesMax, "a key"));
    if (key.empty()) return Failure(corrupt("an empty key"));
    ASSIGN_OR_RETURN(const auto type, number<uint32_t>());
    ASSIGN_OR_RETURN(GgufHead::Value value, read_value(type));
    if (!head_.values.emplace(std::move(key), std::move(value)).second) {
      return Failure(corrupt("a key that stood there before"));
    }
  }
  return {};
}

// The value widened to the variant's type.
template <class Wide, class T>
Result<GgufHead::Value> widened(Result<T> number) {
  if (!number) return Failure(std::move(number).error());
  return GgufHead::Value(static_cast<Wide>(*number));
}

Result<GgufHead::Value> HeadReader::read_value(uint32_t type) {
  switch (type) {
    case GGUF_TYPE_UINT8:
      return widened<uint64_t>(number<uint8_t>());
    case GGUF_TYPE_UINT16:
      return widened<uint64_t>(number<uint16_t>());
    case GGUF_TYPE_UINT32:
      return widened<uint64_t>(number<uint32_t>());
    case GGUF_TYPE_UINT64:
      return widened<uint64_t>(number<uint64_t>());
    case GGUF_TYPE_INT8:
      return widened<int64_t>(number<int8_t>());
    case GGUF_TYPE_INT16:
      return widened<int64_t>(number<int16_t>());
    case GGUF_TYPE_INT32:
      return widened<int64_t>(number<int32_t>());
    case GGUF_TYPE_INT64:
      return widened<int64_t>(number<int64_t>());
    case GGUF_TYPE_FLOAT32:
      return widened<double>(number<float>());
    case GGUF_TYPE_FLOAT64:
      return widened<double>(number<double>());
    case GGUF_TYPE_BOOL:
      return widened<bool>(number<uint8_t>());
    case GGUF_TYPE_STRING:
      return widened<std::string>(string(kGgufStringBytesMax, "a text"));
    case GGUF_TYPE_ARRAY:
      return read_array();
    default:
      return Failure(corrupt(fmt::format("a value of unknown type {}", type)));
  }
}

// Bytes of one element; 0 for what has no fixed width.
uint64_t element_bytes(uint32_t type) {
  switch (type) {
    case GGUF_TYPE_UINT8:
    case GGUF_TYPE_INT8:
    case GGUF_TYPE_BOOL:
      return 1;
    case GGUF_TYPE_UINT16:
    case GGUF_TYPE_INT16:
      return 2;
    case GGUF_TYPE_UINT32:
    case GGUF_TYPE_INT32:
    case GGUF_TYPE_FLOAT32:
      return 4;
    case GGUF_TYPE_UINT64:
    case GGUF_TYPE_INT64:
    case GGUF_TYPE_FLOAT64:
      return 8;
    default:
      return 0;
  }
}

Result<GgufHead::Value> HeadReader::read_array() {
  ASSIGN_OR_RETURN(const auto type, number<uint32_t>());
  ASSIGN_OR_RETURN(const auto count, number<uint64_t>());
  if (type == GGUF_TYPE_STRING) {
    for (uint64_t i = 0; i < count; ++i) {
      ASSIGN_OR_RETURN(const auto length, number<uint64_t>());
      RETURN_IF_ERROR(skip(length));
    }
    return GgufHead::Array{.count = count};
  }
  const uint64_t width = element_bytes(type);
  if (width == 0) return Failure(corrupt(fmt::format("an array of elements of type {}", type)));
  if (count > left() / width) return Failure(corrupt("an array that is longer than the file"));
  RETURN_IF_ERROR(skip(count * width));
  return GgufHead::Array{.count = count};
}

Result<GgufHead::Tensor> HeadReader::read_tensor() {
  GgufHead::Tensor tensor;
  ASSIGN_OR_RETURN(tensor.name, string(GGML_MAX_NAME - 1, "a tensor's name"));
  ASSIGN_OR_RETURN(const auto dimensions, number<uint32_t>());
  if (dimensions == 0 || dimensions > GGML_MAX_DIMS) {
    return Failure(corrupt(fmt::format("tensor {} has {} dimensions", tensor.name, dimensions)));
  }
  tensor.elements = 1;
  for (uint32_t i = 0; i < dimensions; ++i) {
    ASSIGN_OR_RETURN(const auto extent, number<int64_t>());
    if (extent <= 0 || __builtin_mul_overflow(tensor.elements, extent, &tensor.elements)) {
      return Failure(corrupt(fmt::format("tensor {} has an impossible shape", tensor.name)));
    }
    tensor.shape.push_back(extent);
  }
  ASSIGN_OR_RETURN(const auto code, number<uint32_t>());
  const auto type = static_cast<ggml_type>(code);
  if (code >= GGML_TYPE_COUNT || ggml_blck_size(type) == 0) {
    return Failure(corrupt(fmt::format("tensor {} is of unknown type {}", tensor.name, code)));
  }
  tensor.type = ggml_type_name(type);
  tensor.quantized = ggml_is_quantized(type);
  const int64_t block = ggml_blck_size(type);
  if (tensor.shape[0] % block != 0 ||
      __builtin_mul_overflow(tensor.elements / block, static_cast<int64_t>(ggml_type_size(type)),
                             &tensor.bytes)) {
    return Failure(
        corrupt(fmt::format("tensor {}: rows don't divide into blocks of {}", tensor.name, block)));
  }
  ASSIGN_OR_RETURN(const auto offset, number<uint64_t>());
  offsets_.push_back(offset);
  return tensor;
}

Result<void> HeadReader::read_tensors() {
  for (uint64_t i = 0; i < tensor_count_; ++i) {
    ASSIGN_OR_RETURN(GgufHead::Tensor tensor, read_tensor());
    head_.tensors.push_back(std::move(tensor));
  }
  return {};
}

Result<void> HeadReader::check_extents() const {
  if (head_.tensors.empty()) return {};
  const auto alignment = static_cast<uint64_t>(head_.integer(kAlignmentKey).value_or(kAlignmentDefault));
  if (!std::has_single_bit(alignment) || alignment > kAlignmentMax) {
    return Failure(corrupt(fmt::format("{} is {}", kAlignmentKey, alignment)));
  }
  const auto head_bytes = static_cast<uint64_t>(position());
  const uint64_t begin = (head_bytes + alignment - 1) & ~(alignment - 1);
  const auto size = static_cast<uint64_t>(size_);
  for (size_t i = 0; i < offsets_.size(); ++i) {
    const GgufHead::Tensor& tensor = head_.tensors[i];
    const auto bytes = static_cast<uint64_t>(tensor.bytes);
    if (begin > size || offsets_[i] > size - begin || bytes > size - begin - offsets_[i]) {
      return Failure(corrupt(
          fmt::format("tensor {} lies beyond the end of the file, which is incomplete", tensor.name)));
    }
  }
  return {};
}

Result<GgufHead> HeadReader::read() {
  RETURN_IF_ERROR(read_counts());
  RETURN_IF_ERROR(read_values());
  RETURN_IF_ERROR(read_tensors());
  RETURN_IF_ERROR(check_extents());
  head_.file_bytes = size_;
  return std::move(head_);
}

template <class T>
const T* value_of(const GgufHead& head, std::string_view key) {
  auto found = head.values.find(key);
  return found == head.values.end() ? nullptr : std::get_if<T>(&found->second);
}

}  // namespace

std::string_view GgufHead::string(std::string_view key) const {
  const auto* text = value_of<std::string>(*this, key);
  return text == nullptr ? std::string_view() : *text;
}

std::optional<int64_t> GgufHead::integer(std::string_view key) const {
  if (const auto* number = value_of<int64_t>(*this, key)) return *number;
  const auto* number = value_of<uint64_t>(*this, key);
  if (number == nullptr || *number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return {};
  return static_cast<int64_t>(*number);
}

std::optional<bool> GgufHead::boolean(std::string_view key) const {
  const auto* value = value_of<bool>(*this, key);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

Result<GgufHead> read_gguf_head(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const UniqueFd fd, open_for_reading(file));
  ASSIGN_OR_RETURN(const int64_t size, file_bytes(fd.get(), file));
  return HeadReader(file, fd.get(), size).read();
}

}  // namespace penstock::engine
