#include <fmt/format.h>

#include <cmath>

#include "storage/duckdb/duckdb.h"

namespace penstock::duckdb {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    if (c == '\0') continue;
    if (c == quote) out += quote;
    out += c;
  }
  return out += quote;
}

}  // namespace

std::string identifier(std::string_view name) { return quoted(name, '"'); }

std::string literal(std::string_view text) { return quoted(text, '\''); }

// The lowest integer has no literal of its own type: its digits without the sign do not fit.
std::string literal(int64_t number) { return fmt::format("CAST('{}' AS BIGINT)", number); }

std::string literal(double number) {
  if (std::isnan(number)) return "CAST('nan' AS DOUBLE)";
  if (std::isinf(number)) return number > 0 ? "CAST('inf' AS DOUBLE)" : "CAST('-inf' AS DOUBLE)";
  return fmt::format("CAST('{}' AS DOUBLE)", number);
}

}  // namespace penstock::duckdb
