#include "engine/safetensors.h"

#include <fmt/format.h>
#include <ggml.h>

#include <array>
#include <boost/json.hpp>
#include <cstring>
#include <numeric>
#include <optional>

#include "core/json.h"

namespace penstock::engine {
namespace {

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kElementsMax = int64_t{1} << 40;

Error corrupt(const std::filesystem::path& path, std::string_view why) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = fmt::format("{} is no safetensors file: {}", path.string(), why)};
}

std::optional<TensorType> type_of(std::string_view name) {
  if (name == "F32") return TensorType::kF32;
  if (name == "F16") return TensorType::kF16;
  if (name == "BF16") return TensorType::kBf16;
  return std::nullopt;
}

int64_t element_bytes(TensorType type) { return type == TensorType::kF32 ? 4 : 2; }

// Non-negative integers, or nothing.
std::optional<std::vector<int64_t>> integers(const Json* value) {
  const JsonArray* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return std::nullopt;
  std::vector<int64_t> out;
  for (const Json& element : *array) {
    if (!element.is_int64() || element.get_int64() < 0) return std::nullopt;
    out.push_back(element.get_int64());
  }
  return out;
}

}  // namespace

int64_t TensorEntry::elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies());
}

Result<Safetensors> Safetensors::open(std::filesystem::path path) {
  ASSIGN_OR_RETURN(UniqueFd file, open_for_reading(path));
  Safetensors opened(std::move(path), std::move(file));
  RETURN_IF_ERROR(opened.read_header());
  return opened;
}

Result<void> Safetensors::read_header() {
  ASSIGN_OR_RETURN(const int64_t size, file_bytes(file_.get(), path_));
  std::array<char, kLengthBytes> prefix{};
  ASSIGN_OR_RETURN(size_t got, read_at(file_.get(), prefix, 0, path_));
  uint64_t length = 0;
  std::memcpy(&length, prefix.data(), sizeof(length));
  if (got < prefix.size() || length > static_cast<uint64_t>(std::min(kHeaderBytesMax, size - kLengthBytes))) {
    return Failure(corrupt(path_, "its header is cut short or too long"));
  }
  std::string header(length, '\0');
  ASSIGN_OR_RETURN(got, read_at(file_.get(), header, kLengthBytes, path_));
  auto document = parse_json(header);
  if (got < length || !document || !document->is_object())
    return Failure(corrupt(path_, "its header is not JSON"));

  const int64_t data_begin = kLengthBytes + static_cast<int64_t>(length);
  for (const auto& [name, value] : document->get_object()) {
    if (name == "__metadata__") continue;
    const std::string_view type_name = string_at(value, "dtype");
    const std::optional<TensorType> type = type_of(type_name);
    if (!type && type_name == "I64") continue;  // position ids and the like, which are no weights
    if (!type) {
      return Failure(Error{.code = ErrorCode::kNotImplemented,
                           .message = fmt::format("{}: tensor '{}' has type {}; F32, F16 and BF16 are read",
                                                  path_.string(), std::string_view(name), type_name)});
    }
    auto shape = integers(find(value, "shape"));
    auto range = integers(find(value, "data_offsets"));
    if (!shape || !range || range->size() != 2)
      return Failure(corrupt(path_, "a tensor has no shape or place"));
    TensorEntry entry{
        .type = *type, .shape = std::move(*shape), .offset = data_begin + (*range)[0], .bytes = 0};
    int64_t elements = 1;
    for (int64_t extent : entry.shape) {
      if (extent != 0 && elements > kElementsMax / extent)
        return Failure(corrupt(path_, "a tensor is too large"));
      elements *= extent;
    }
    entry.bytes = elements * element_bytes(*type);
    const bool inside = (*range)[0] <= (*range)[1] && (*range)[1] <= size - data_begin;
    if (!inside || (*range)[1] - (*range)[0] != entry.bytes)
      return Failure(corrupt(path_, "a tensor lies outside of it"));
    entries_.emplace(name, std::move(entry));
  }
  return {};
}

Result<std::vector<float>> Safetensors::read(const TensorEntry& entry) const {
  const auto count = static_cast<size_t>(entry.elements());
  std::vector<char> bytes(static_cast<size_t>(entry.bytes));
  ASSIGN_OR_RETURN(size_t got, read_at(file_.get(), bytes, entry.offset, path_));
  if (got < bytes.size()) return Failure(corrupt(path_, "it became shorter while it was read"));
  std::vector<float> values(count);
  switch (entry.type) {
    case TensorType::kF32:
      std::memcpy(values.data(), bytes.data(), bytes.size());
      break;
    case TensorType::kF16:
      ggml_fp16_to_fp32_row(reinterpret_cast<const ggml_fp16_t*>(bytes.data()), values.data(),
                            static_cast<int64_t>(count));
      break;
    case TensorType::kBf16:
      ggml_bf16_to_fp32_row(reinterpret_cast<const ggml_bf16_t*>(bytes.data()), values.data(),
                            static_cast<int64_t>(count));
      break;
  }
  return values;
}

}  // namespace penstock::engine
