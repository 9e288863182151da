#include "storage/database/pattern.h"

#include <re2/re2.h>
#include <sqlite3.h>

#include <memory>

#include "storage/database/sqlite_error.h"

namespace penstock::database {
namespace {

constexpr int64_t kMemoryBytesMax = 4 << 20;  // of one compiled expression

std::unique_ptr<RE2> compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryBytesMax);
  return std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string_view() : std::string_view(text, sqlite3_value_bytes(value));
}

// regexp(pattern, text): what SQLite calls for "text REGEXP pattern".
void regexp(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL || sqlite3_value_type(arguments[1]) == SQLITE_NULL) {
    return sqlite3_result_null(context);
  }
  auto* expression = static_cast<RE2*>(sqlite3_get_auxdata(context, 0));
  std::unique_ptr<RE2> made;
  if (expression == nullptr) {
    made = compile(text_of(arguments[0]));
    if (!made->ok()) return sqlite3_result_error(context, "not a regular expression", -1);
    expression = made.get();
  }
  std::string_view text = text_of(arguments[1]);
  sqlite3_result_int(context, RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression));
  // Last: SQLite may free it at once.
  if (made) sqlite3_set_auxdata(context, 0, made.release(), [](void* p) { delete static_cast<RE2*>(p); });
}

}  // namespace

Result<void> check_pattern(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return Failure(Error::invalid(
        "", "a regular expression has at most " + std::to_string(kPatternBytesMax) + " bytes"));
  }
  std::unique_ptr<RE2> expression = compile(pattern);
  if (expression->ok()) return {};
  return Failure(Error::invalid(
      "", "'" + std::string(pattern) + "' is not a regular expression: " + expression->error()));
}

Result<void> add_regexp(sqlite3* connection) {
  int code = sqlite3_create_function_v2(connection, "regexp", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                        &regexp, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(sqlite_error(connection, code, "cannot add REGEXP"));
  return {};
}

}  // namespace penstock::database
