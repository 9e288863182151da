#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/database/database.h"

namespace penstock::traces {

// A statement put together from fragments that stand in this program, with its values numbered as they come.
// No text from outside ever becomes part of the statement.
class SqlText {
 public:
  explicit SqlText(std::string_view fragment) : text_(fragment) {}

  SqlText& add(std::string_view fragment) {
    text_ += fragment;
    return *this;
  }
  // The next value's place: "$3".
  SqlText& bind(database::Value value) {
    values_.push_back(std::move(value));
    text_.append("$").append(std::to_string(values_.size()));
    return *this;
  }
  // "($1, $2)"
  template <class Range>
  SqlText& bind_list(const Range& values) {
    text_ += '(';
    bool first = true;
    for (const auto& value : values) {
      if (!first) text_ += ", ";
      first = false;
      bind(value);
    }
    text_ += ')';
    return *this;
  }

  const std::string& text() const { return text_; }
  std::span<const database::Value> values() const { return values_; }

 private:
  std::string text_;
  std::vector<database::Value> values_;
};

}  // namespace penstock::traces
