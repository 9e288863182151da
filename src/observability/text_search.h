#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::observability {

// Finds one text in many, without regard to the case of ASCII letters. (Boyer-Moore-Horspool: about
// haystack/needle steps.) Thread-safe after construction. An empty needle is in everything.
class TextSearch {
 public:
  explicit TextSearch(std::string_view needle);
  bool in(std::string_view haystack) const;

 private:
  std::string needle_;  // lower case
  std::array<uint32_t, 256> shift_{};
};

// The same for text that stands inside JSON: also finds the needle as an encoder may have written it, with
// quotes and line ends escaped, and with everything beyond ASCII as \uXXXX (Python's default).
class JsonTextSearch {
 public:
  explicit JsonTextSearch(std::string_view needle);
  bool in(std::string_view json) const;

 private:
  std::vector<TextSearch> spellings_;
};

}  // namespace penstock::observability
