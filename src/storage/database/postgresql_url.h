#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace penstock::database {

// Where a PostgreSQL server is and how to log in.
struct PostgresqlUrl {
  std::vector<std::pair<std::string, std::string>> settings;  // of libpq, the password among them
  std::string label;  // host, port and database, for messages: "postgresql://db.example:5432/penstock"
};

// From a URL, or "host=... dbname=..." as libpq reads it. What it leaves open comes from libpq's environment
// and defaults. kInvalidArgument never quotes it: with a character too many, its parts are not what they
// seem.
Result<PostgresqlUrl> parse_postgresql_url(std::string_view url);

}  // namespace penstock::database
