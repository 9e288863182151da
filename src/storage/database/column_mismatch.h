#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace penstock::database {

// Thrown through the caller's row function, which has no other way to fail, and caught by query().
struct ColumnMismatch : std::logic_error {
  using std::logic_error::logic_error;

  static ColumnMismatch absent(int column, int columns) {
    return ColumnMismatch("column " + std::to_string(column) + " of " + std::to_string(columns) +
                          " was read");
  }
  static ColumnMismatch other_type(int column, std::string_view name, std::string_view found,
                                   std::string_view wanted) {
    std::string what = "column " + std::to_string(column) + " (";
    what.append(name).append(") is ").append(found).append(" and was read as ").append(wanted);
    return ColumnMismatch(what);
  }
};

}  // namespace penstock::database
