#include "engine/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ggml.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "core/json.h"

namespace penstock::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little endian");

constexpr int64_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

struct TypeWidth {
  std::string_view type;
  int64_t bytes;
};

constexpr TypeWidth kTypes[] = {
    {"F64", 8}, {"I64", 8}, {"U64", 8}, {"F32", 4}, {"I32", 4},     {"U32", 4},     {"F16", 2},  {"BF16", 2},
    {"I16", 2}, {"U16", 2}, {"I8", 1},  {"U8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"BOOL", 1},
};

std::optional<int64_t> type_bytes(std::string_view type) {
  const auto* found = std::ranges::find(kTypes, type, &TypeWidth::type);
  if (found == std::end(kTypes)) return std::nullopt;
  return found->bytes;
}

std::optional<int64_t> as_count(const Json& value) {
  if (const auto* number = value.if_int64(); number != nullptr && *number >= 0) return *number;
  return std::nullopt;  // what needs 64 bits is longer than any file
}

std::optional<std::vector<int64_t>> counts_at(const Json& object, std::string_view key) {
  const Json* list = find(object, key);
  if (list == nullptr || !list->is_array()) return std::nullopt;
  std::vector<int64_t> counts;
  for (const Json& item : list->get_array()) {
    std::optional<int64_t> count = as_count(item);
    if (!count || counts.size() == Safetensors::kDimensionsMax) return std::nullopt;
    counts.push_back(*count);
  }
  return counts;
}

// Bytes of a tensor; nullopt beyond what a file can hold.
std::optional<int64_t> bytes_of(int64_t width, std::span<const int64_t> shape) {
  int64_t bytes = width;
  for (int64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
  }
  return bytes;
}

std::optional<Safetensors::Tensor> tensor_from(const Json& value, int64_t data_begin, int64_t data_end) {
  const std::string_view type = string_at(value, "dtype");
  const auto width = type_bytes(type);
  const auto shape = counts_at(value, "shape");
  const auto range = counts_at(value, "data_offsets");
  if (!width || !shape || !range || range->size() != 2) return std::nullopt;
  const int64_t begin = (*range)[0];
  const int64_t end = (*range)[1];
  if (end < begin || end > data_end - data_begin || bytes_of(*width, *shape) != end - begin)
    return std::nullopt;
  return Safetensors::Tensor{
      .type = std::string(type), .shape = *shape, .offset = data_begin + begin, .bytes = end - begin};
}

}  // namespace

std::string shape_text(std::span<const int64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Error Safetensors::corrupt(std::string_view what) const {
  return Error{.code = ErrorCode::kCorrupt, .message = fmt::format("{}: {}", file_.string(), what)};
}

Error Safetensors::too_large(std::string_view what) const {
  return Error{.code = ErrorCode::kTooLarge, .message = fmt::format("{}: {}", file_.string(), what)};
}

Result<Safetensors> Safetensors::open(std::filesystem::path file) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(file));
  Safetensors made(std::move(file), std::move(fd));
  RETURN_IF_ERROR(made.read_tensors());
  return made;
}

Result<std::string> Safetensors::read_header(int64_t size) const {
  uint64_t length = 0;
  ASSIGN_OR_RETURN(const size_t got,
                   read_at(fd_.get(), {reinterpret_cast<char*>(&length), sizeof length}, 0, file_));
  if (got < sizeof length || length > static_cast<uint64_t>(size - kLengthBytes)) {
    return Failure(corrupt("not a safetensors file, or its end is missing"));
  }
  if (length > kHeaderBytesMax) {
    return Failure(too_large(fmt::format("a header of {} bytes, more than {}", length, kHeaderBytesMax)));
  }
  std::string text(length, '\0');
  ASSIGN_OR_RETURN(const size_t read, read_at(fd_.get(), text, kLengthBytes, file_));
  if (read < text.size()) return Failure(corrupt("the header's end is missing"));
  return text;
}

Result<void> Safetensors::read_tensors() {
  ASSIGN_OR_RETURN(const int64_t size, file_bytes(fd_.get(), file_));
  ASSIGN_OR_RETURN(const std::string text, read_header(size));
  Result<Json> header = parse_json(text);
  if (!header) return Failure(corrupt("the header is not JSON: " + header.error().message));
  if (!header->is_object()) return Failure(corrupt("the header is not a JSON object"));
  const int64_t data_begin = kLengthBytes + static_cast<int64_t>(text.size());
  for (const auto& [key, value] : header->get_object()) {
    const std::string_view name = key;
    if (name == kMetadata) continue;
    if (tensors_.size() == kTensorsMax) {
      return Failure(too_large(fmt::format("more than {} tensors", kTensorsMax)));
    }
    std::optional<Tensor> tensor = tensor_from(value, data_begin, size);
    if (!tensor) {
      return Failure(
          corrupt(fmt::format("tensor {}: its dtype, shape and data_offsets are malformed, "
                              "contradict each other or exceed the file",
                              name)));
    }
    tensors_.emplace(name, *std::move(tensor));
  }
  return check_layout(data_begin, size);
}

Result<void> Safetensors::check_layout(int64_t data_begin, int64_t data_end) const {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  ranges.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) ranges.emplace_back(tensor.offset, tensor.bytes);
  std::ranges::sort(ranges);
  int64_t next = data_begin;
  for (const auto& [offset, bytes] : ranges) {
    if (offset != next) return Failure(corrupt("tensors overlap or leave a gap"));
    next += bytes;
  }
  if (next != data_end) return Failure(corrupt("bytes follow the last tensor"));
  return {};
}

Result<std::vector<float>> Safetensors::read(std::string_view name, const Tensor& tensor) const {
  const bool single = tensor.type == "F32";
  const bool half = tensor.type == "F16";
  if (!single && !half && tensor.type != "BF16") {
    return Failure(Error::invalid("", fmt::format("{}: tensor {}: weights of type {} are not supported, only "
                                                  "F32, F16 and BF16",
                                                  file_.string(), name, tensor.type)));
  }
  std::vector<char> bytes(static_cast<size_t>(tensor.bytes));
  ASSIGN_OR_RETURN(const size_t got, read_at(fd_.get(), bytes, tensor.offset, file_));
  if (got < bytes.size()) return Failure(corrupt(fmt::format("tensor {}: the file became shorter", name)));

  std::vector<float> numbers(bytes.size() / (single ? sizeof(float) : sizeof(uint16_t)));
  const auto count = static_cast<int64_t>(numbers.size());
  if (single) {
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
  } else if (half) {
    ggml_fp16_to_fp32_row(reinterpret_cast<const ggml_fp16_t*>(bytes.data()), numbers.data(), count);
  } else {
    ggml_bf16_to_fp32_row(reinterpret_cast<const ggml_bf16_t*>(bytes.data()), numbers.data(), count);
  }
  return numbers;
}

}  // namespace penstock::engine
