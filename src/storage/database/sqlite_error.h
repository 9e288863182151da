#pragma once

#include <sqlite3.h>

#include <string_view>

#include "core/error.h"

namespace penstock::database {

// The error of the last failed call on `handle`; `code` is what that call returned. `what` says what was
// tried.
Error sqlite_error(sqlite3* handle, int code, std::string_view what);

}  // namespace penstock::database
