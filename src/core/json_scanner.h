#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// Walks once over JSON text and checks its grammar on the way (RFC 8259): numbers, literals, escapes with
// whole surrogate pairs, nesting up to kDepthMax. Not checked: that the bytes are UTF-8. What it gives are
// slices of the text. After a step has failed, `problem()` says why and nothing more can be read. One thread.
class JsonScanner {
 public:
  static constexpr int kDepthMax = 64;  // levels of arrays and objects within one value

  explicit JsonScanner(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  // White space is skipped before what each of these looks for.
  bool at_end();
  bool take(char c);            // takes `c` if it comes next
  std::string_view string();    // the next string, quotes included; empty: it is none, or malformed
  std::string_view value();     // the next value of any kind; empty: malformed
  bool fail(const char* why);   // false
  std::string problem() const;  // "at byte 17: a comma or an end is missing"

 private:
  void skip_space();
  bool skip_value();
  bool skip_key();
  bool skip_string();
  void skip_plain();
  bool skip_unit_escape();
  bool skip_number();
  bool skip_digits();
  bool skip_literal(std::string_view literal);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* why_ = nullptr;
};

// Appends the text of a JSON string. `inner` is what stands between its quotes in text that a JsonScanner has
// passed; other text gives some text, too.
void append_json_unescaped(std::string& out, std::string_view inner);

}  // namespace penstock
