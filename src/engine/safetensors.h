#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace penstock::engine {

// A file of tensors as Hugging Face defines it (github.com/huggingface/safetensors, "Format"): 8 bytes with
// the length of a JSON header, the header, the bytes of the tensors. It holds numbers only, so reading it
// executes nothing.
//
// The header's promises are checked before anything is read: the tensors lie in the file, follow each other
// without gaps or overlaps, and each is as long as its shape and type say.
class Safetensors {
 public:
  static constexpr int64_t kHeaderBytesMax = 16 << 20;
  static constexpr size_t kTensorsMax = 1 << 16;
  static constexpr size_t kDimensionsMax = 8;

  struct Tensor {
    std::string type;            // "F32", "BF16", "I64", ...
    std::vector<int64_t> shape;  // outermost first; empty for a single number
    int64_t offset = 0;          // in the file
    int64_t bytes = 0;
  };

  // kNotFound, kCorrupt, kTooLarge; messages name the file and the tensor.
  static Result<Safetensors> open(std::filesystem::path file);

  const std::filesystem::path& file() const { return file_; }
  const std::map<std::string, Tensor, std::less<>>& tensors() const { return tensors_; }

  // The numbers of a tensor of type F32, F16 or BF16, rows one after the other; kInvalidArgument for other
  // types. `tensor` is one of tensors().
  Result<std::vector<float>> read(std::string_view name, const Tensor& tensor) const;

 private:
  Safetensors(std::filesystem::path file, UniqueFd fd) : file_(std::move(file)), fd_(std::move(fd)) {}
  Result<std::string> read_header(int64_t size) const;
  Result<void> read_tensors();
  Result<void> check_layout(int64_t data_begin, int64_t data_end) const;
  Error corrupt(std::string_view what) const;
  Error too_large(std::string_view what) const;

  std::filesystem::path file_;
  UniqueFd fd_;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

// "[384, 1536]", for messages.
std::string shape_text(std::span<const int64_t> shape);

}  // namespace penstock::engine
