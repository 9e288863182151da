#pragma once

#include <span>

#include "storage/database/database.h"

namespace penstock::app {

// The steps of every folder that has tables, in the order of their numbers. A folder with tables of its own
// adds a line in migrations.cc; numbers are dealt out in tens: registry 1, access 10, gateway 20 and 40,
// observability 30.
std::span<const database::Migration> migrations();

}  // namespace penstock::app
