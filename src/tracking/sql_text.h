#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/database/database.h"

namespace penstock::tracking {

// A statement put together from constant pieces, with a parameter for every value that comes from outside.
class SqlText {
 public:
  SqlText& add(std::string_view piece) {
    text_ += piece;
    return *this;
  }
  // A parameter: "$7".
  SqlText& value(database::Value value) {
    values_.push_back(std::move(value));
    text_ += '$';
    text_ += std::to_string(values_.size());
    return *this;
  }
  // A number of ours, such as a table's in "o3".
  SqlText& number(size_t number) {
    text_ += std::to_string(number);
    return *this;
  }

  const std::string& text() const { return text_; }
  const std::vector<database::Value>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<database::Value> values_;
};

}  // namespace penstock::tracking
