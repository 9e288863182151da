#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace penstock::engine {

enum class TensorType : uint8_t { kF32, kF16, kBf16 };

struct TensorEntry {
  TensorType type = TensorType::kF32;
  std::vector<int64_t> shape;  // outermost dimension first
  int64_t offset = 0;          // in the file
  int64_t bytes = 0;

  int64_t elements() const;
};

// A safetensors file: 8 bytes of header length (little-endian), a JSON object from tensor names to {dtype,
// shape, data_offsets}, then the data (https://github.com/huggingface/safetensors, "Format"). One thread.
class Safetensors {
 public:
  static constexpr int64_t kHeaderBytesMax = 16 << 20;

  // Reads and checks the header; every entry lies inside the file. kCorrupt otherwise, kNotImplemented for
  // tensors of other types than floats.
  static Result<Safetensors> open(std::filesystem::path path);

  const std::map<std::string, TensorEntry, std::less<>>& entries() const { return entries_; }
  // The values as they are in the file, widened to F32.
  Result<std::vector<float>> read(const TensorEntry& entry) const;

 private:
  Safetensors(std::filesystem::path path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> read_header();

  std::filesystem::path path_;
  UniqueFd file_;
  std::map<std::string, TensorEntry, std::less<>> entries_;
};

}  // namespace penstock::engine
