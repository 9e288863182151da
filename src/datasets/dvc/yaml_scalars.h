#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

// The parts of read_yaml() that do not depend on lines' indentation.

using Anchors = std::map<std::string, Value, std::less<>>;

// Where the key at the beginning of `line` ends (at its ':'); npos if it begins with none.
size_t key_end(std::string_view line);
// Where the plain scalar at the beginning of `line` ends: before " #" or at the line's end.
size_t plain_end(std::string_view line);
// A plain scalar's value by its kind.
Value plain_value(std::string_view text);
// A block scalar's text from its lines without indentation; `chomp` is '-', '+' or 0.
std::string block_text(const std::vector<std::string_view>& lines, char style, char chomp);

// Reads one flow value from the beginning of `text`: a quoted scalar, "[...]", "{...}" or a plain scalar in
// them.
class ScalarScan {
 public:
  explicit ScalarScan(std::string_view text, const Anchors* anchors = nullptr, int depth_max = 1)
      : text_(text), anchors_(anchors), depth_left_(depth_max) {}

  Result<Value> value();
  Result<Value> quoted();
  size_t position() const { return at_; }          // behind what was read
  bool wants_more() const { return wants_more_; }  // it failed because the text ended

 private:
  Result<Value> list();
  Result<Value> map();
  Result<Value> plain();
  Result<void> escape(std::string& out);
  Error failed(std::string_view what, bool ended);
  void skip_space();
  bool take(char c);

  std::string_view text_;
  const Anchors* anchors_;
  int depth_left_;
  size_t at_ = 0;
  bool wants_more_ = false;
};

}  // namespace penstock::datasets::dvc
