#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace penstock::engine {

// The head of a GGUF file (version 2 or 3, little endian): its keys and the list of its tensors. Format:
// the ggml project describes it as "GGUF".
struct GgufHead {
  // Elements of an array are skipped: a vocabulary is most of a head, and nobody asks for it here.
  struct Array {
    uint64_t count = 0;
  };
  using Value = std::variant<uint64_t, int64_t, double, bool, std::string, Array>;

  struct Tensor {
    std::string name;
    std::string type;            // "f32", "q4_1", ... as ggml calls it
    bool quantized = false;      // in blocks, not in plain numbers
    std::vector<int64_t> shape;  // innermost first, 1 to 4 extents
    int64_t elements = 0;
    int64_t bytes = 0;
  };

  std::map<std::string, Value, std::less<>> values;
  std::vector<Tensor> tensors;
  int64_t file_bytes = 0;

  // Absent or of another type: empty, nullopt.
  std::string_view string(std::string_view key) const;
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  bool has(std::string_view key) const { return values.contains(key); }
};

constexpr uint64_t kGgufKeysMax = 1 << 16;
constexpr uint64_t kGgufTensorsMax = 1 << 16;
constexpr int64_t kGgufHeadBytesMax = 256 << 20;  // of a vocabulary of millions
constexpr uint64_t kGgufKeyBytesMax = (1 << 16) - 1;
constexpr uint64_t kGgufStringBytesMax = 4 << 20;  // chat templates

// Reads it with memory and time bounded by the limits above, whatever the bytes, and checks that every tensor
// lies within the file, so that a file cut short is noticed. kNotFound; kCorrupt with the place and the
// reason; kTooLarge. Any thread.
Result<GgufHead> read_gguf_head(const std::filesystem::path& file);

}  // namespace penstock::engine
