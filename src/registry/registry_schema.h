#pragma once

#include <span>

#include "storage/database/database.h"

namespace penstock::registry {

// The tables of this folder, numbers 1 and 55 to 59; give them to Database::open_sqlite with those of the
// others.
std::span<const database::Migration> migrations();

}  // namespace penstock::registry
