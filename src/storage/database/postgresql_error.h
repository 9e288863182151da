#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "core/error.h"

namespace penstock::database {

// Of a statement that the server refused. Says what, never the values concerned. `sql` is the statement.
Error postgresql_error(const PGresult* result, std::string_view sql);

// Of a server that cannot be reached or a connection that broke: kUnavailable with retry_after_ms. `why` is
// libpq's, of which the first line is kept.
Error postgresql_lost(std::string_view label, std::string_view why);

}  // namespace penstock::database
