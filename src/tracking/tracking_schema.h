#pragma once

#include <span>

#include "storage/database/database.h"

namespace penstock::tracking {

// The tables of this folder (50 to 54); give them to Database::open_* with those of the others.
std::span<const database::Migration> migrations();

}  // namespace penstock::tracking
