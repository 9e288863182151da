#include "access/access_store.h"

#include <array>

#include "access/columns.h"
#include "access/key_store.h"
#include "access/user_store.h"

namespace penstock::access {
namespace {

constexpr std::string_view kCreateKeys = R"sql(
CREATE TABLE access_groups (
  path TEXT NOT NULL PRIMARY KEY,
  description TEXT NOT NULL,
  limits TEXT NOT NULL,
  budget_nano_usd INTEGER,
  budget_per TEXT,
  models TEXT NOT NULL,
  endpoints TEXT NOT NULL,
  created_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE access_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  group_path TEXT NOT NULL,
  limits TEXT NOT NULL,
  budget_nano_usd INTEGER,
  budget_per TEXT,
  models TEXT NOT NULL,
  endpoints TEXT NOT NULL,
  expires_at_us INTEGER,
  created_by TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  revoked_at_us INTEGER,
  secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_until_us INTEGER
) STRICT;
CREATE TABLE access_changes (
  one INTEGER NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT;
INSERT INTO access_changes (one, number) VALUES (1, 0);
CREATE UNIQUE INDEX access_keys_by_name ON access_keys (name) WHERE revoked_at_us IS NULL)sql";

constexpr std::string_view kCreateUsers = R"sql(
CREATE TABLE access_projects (
  name TEXT NOT NULL PRIMARY KEY,
  description TEXT NOT NULL,
  created_at_us INTEGER NOT NULL
) STRICT;
INSERT INTO access_projects (name, description, created_at_us) VALUES ('default', '', 0);
CREATE TABLE access_users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT,
  oidc_subject TEXT UNIQUE,
  disabled INTEGER NOT NULL,
  created_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE access_members (
  project TEXT NOT NULL REFERENCES access_projects (name),
  user_id TEXT NOT NULL REFERENCES access_users (id),
  role TEXT NOT NULL,
  PRIMARY KEY (project, user_id)
) STRICT;
CREATE TABLE access_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES access_users (id),
  name TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  expires_at_us INTEGER
) STRICT;
CREATE TABLE access_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES access_users (id),
  secret TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  expires_at_us INTEGER NOT NULL
) STRICT)sql";

constexpr std::string_view kCreateAuditHeads = R"sql(
CREATE TABLE audit_heads (
  chain TEXT NOT NULL PRIMARY KEY,
  records INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT)sql";

constexpr std::array<database::Migration, 3> kMigrations = {{
    {10, "access keys and groups", kCreateKeys},
    {11, "access users", kCreateUsers},
    {12, "audit heads", kCreateAuditHeads},
}};

constexpr std::string_view kSelectChange = "SELECT number FROM access_changes WHERE one = 1";
constexpr std::string_view kCountChange = "UPDATE access_changes SET number = number + 1 WHERE one = 1";

}  // namespace

std::span<const database::Migration> migrations() { return kMigrations; }

Result<int64_t> read_change(database::Connection& connection) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(kSelectChange, {}, [&](const database::Row& row) {
    number = row.integer(0);
    return false;
  }));
  return number;
}

Result<void> count_change(database::Connection& connection) {
  RETURN_IF_ERROR(connection.execute(kCountChange));
  return {};
}

Result<AccessData> read_access(database::Connection& connection, Timestamp now) {
  AccessData data;
  ASSIGN_OR_RETURN(data.groups, list_groups(connection));
  ASSIGN_OR_RETURN(data.keys, list_keys(connection));
  ASSIGN_OR_RETURN(data.users, list_users(connection));
  ASSIGN_OR_RETURN(data.tokens, list_tokens(connection, now));
  ASSIGN_OR_RETURN(data.sessions, list_sessions(connection, now));
  return data;
}

}  // namespace penstock::access
