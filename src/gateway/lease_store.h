#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

// What nodes hold of the budgets that they share: the tables budget_leases and gateway_nodes.
namespace penstock::gateway {

// Tables of this folder: numbers 20 to 29.
std::span<const database::Migration> spend_migrations();

// One budget in one period.
struct LeaseKey {
  std::string holder;  // "key:<id>" or "group:<path>"
  std::string per;     // "month"
  Timestamp starts_at;
  auto operator<=>(const LeaseKey&) const = default;
};

struct Lease {
  int64_t leased = 0;  // nano-USD
  int64_t spent = 0;   // as records say; reported some time after it was spent
};

struct Leases {
  Lease own;
  Lease others;  // all of them together
};

// Each works inside one transaction, while no other process writes.

Result<Leases> read_leases(database::Connection& connection, const LeaseKey& key, std::string_view node);
// From now on `node` holds `leased`.
Result<void> write_lease(database::Connection& connection, const LeaseKey& key, std::string_view node,
                         int64_t leased);
// `node` has spent `nano_usd` more.
Result<void> add_spent(database::Connection& connection, const LeaseKey& key, std::string_view node,
                       int64_t nano_usd);
// Of whatever a former process of `node` held, only what it has spent stays leased.
Result<void> keep_what_is_spent(database::Connection& connection, std::string_view node);

// `node` lives; returns how many nodes reported since `alive_since`.
Result<int64_t> report_node(database::Connection& connection, std::string_view node, Timestamp now,
                            Timestamp alive_since);
Result<void> forget_node(database::Connection& connection, std::string_view node);

}  // namespace penstock::gateway
