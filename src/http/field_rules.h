#pragma once

#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/error.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::http {

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// What Beast lets pass in header fields although readers differ about it, for requests and answers alike. One
// per message; answers the reason for refusing a field, empty if it is fine.
class FieldRules {
 public:
  explicit FieldRules(int64_t count_max) : count_max_(count_max) {}

  // The bytes now given to the parser, in which a field stands unless it was folded.
  void set_input(std::string_view input) { input_ = input; }

  std::string_view check(std::string_view name, std::string_view value);

  bool too_many() const { return count_ > count_max_; }
  bool chunked() const { return encodings_ > 0; }

 private:
  bool is_folded(std::string_view name, std::string_view value) const;

  int64_t count_max_;
  std::string_view input_;
  int64_t count_ = 0;
  int lengths_ = 0;
  int encodings_ = 0;
};

// A chunked body ends in at least "0\r\n\r\n". Beast asserts as many bytes when it comes back to a last chunk
// that it has seen the head of, so fewer must wait: more are sure to come.
inline constexpr size_t kChunkedBytesMin = 5;

// For a person.
std::string_view describe(const boost::beast::error_code& failure);

// Chunk extensions mean nothing to us, but a line end hidden in one may end the line for another reader.
bool is_safe_extension(std::string_view extension);

}  // namespace penstock::http
