#pragma once

#include <string_view>

#include "core/result.h"

struct sqlite3;

namespace penstock::database {

// The words of portable SQL for text patterns: `x LIKE p ESCAPE '~'` differs in case on both engines, and
// `x REGEXP p` finds a regular expression anywhere in x: RE2's on SQLite, PostgreSQL's own (`~`) there.

constexpr size_t kPatternBytesMax = 4096;

// Whether both engines can read `pattern` as a regular expression. kInvalidArgument, with why not. Ask before
// a statement runs it: in one, a bad pattern is the database's error.
Result<void> check_pattern(std::string_view pattern);

// Makes REGEXP known to a connection; an expression is compiled once per statement.
Result<void> add_regexp(sqlite3* connection);

}  // namespace penstock::database
