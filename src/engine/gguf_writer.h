#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"

struct ggml_context;
struct gguf_context;

namespace penstock::engine {

enum class TensorType : uint8_t { kF32, kF16 };

// Builds a GGUF file: keys and tensors are named first, then everything is written in one pass with one
// tensor in memory at a time. Keys, tensor names and texts come from the program or were checked by it: they
// hold no NUL, tensor names are unique and shorter than 64 bytes. One thread.
class GgufWriter {
 public:
  explicit GgufWriter(size_t tensors_max);
  ~GgufWriter();
  GgufWriter(const GgufWriter&) = delete;
  GgufWriter& operator=(const GgufWriter&) = delete;

  void set(const std::string& key, std::string_view value);
  void set(const std::string& key, const char* value) { set(key, std::string_view(value)); }
  void set(const std::string& key, uint32_t value);
  void set(const std::string& key, float value);
  void set(const std::string& key, bool value);
  void set(const std::string& key, const std::vector<std::string>& values);
  void set(const std::string& key, const std::vector<int32_t>& values);

  // `shape` outermost first, as in safetensors; one or two extents.
  void add_tensor(const std::string& name, std::span<const int64_t> shape, TensorType type);

  // The numbers of the tensor added as number `index`; called once for each, in order.
  using Numbers = std::function<Result<std::vector<float>>(size_t index)>;

  // Errors of `numbers`, of the disk, and kInvalidArgument naming the tensor for a number that is not finite
  // or beyond the range of its type. `file` is created or emptied, and may be incomplete after an error.
  Result<void> write(const std::filesystem::path& file, const Numbers& numbers);

 private:
  struct Free {
    void operator()(ggml_context* context) const;
    void operator()(gguf_context* context) const;
  };
  struct Tensor {
    std::string name;
    TensorType type;
    size_t elements;
  };

  static Result<void> append(AppendFile& file, const Tensor& tensor, std::vector<float> values);

  std::unique_ptr<ggml_context, Free> shapes_;  // tensors without bytes, as the library wants them
  std::unique_ptr<gguf_context, Free> head_;
  std::vector<Tensor> tensors_;
};

}  // namespace penstock::engine
