#pragma once

#include <string_view>
#include <vector>

#include "access/principal.h"
#include "core/result.h"
#include "storage/database/database.h"

// Rows of keys and groups. Each function works in the transaction of `connection`.
namespace penstock::access {

Result<std::vector<Group>> list_groups(database::Connection& connection);          // by path
Result<Group> get_group(database::Connection& connection, std::string_view path);  // kNotFound
// kConflict if the path is taken.
Result<void> insert_group(database::Connection& connection, const Group& group);
// All but its path and time of creation; kNotFound.
Result<void> update_group(database::Connection& connection, const Group& group);
Result<void> delete_group(database::Connection& connection, std::string_view path);

Result<std::vector<Key>> list_keys(database::Connection& connection);        // oldest first, revoked ones too
Result<Key> get_key(database::Connection& connection, std::string_view id);  // kNotFound
// kConflict if an unrevoked key has its name.
Result<void> insert_key(database::Connection& connection, const Key& key);
// All but its id and what tells of its creation; kNotFound.
Result<void> update_key(database::Connection& connection, const Key& key);

}  // namespace penstock::access
