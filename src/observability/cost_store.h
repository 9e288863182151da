#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/units.h"
#include "observability/cost_sums.h"
#include "observability/record_follower.h"
#include "storage/database/database.h"

// What requests cost, by the hour: the table cost_hours; and how far followers have read: journal_followers.
namespace penstock::observability {

// Tables of this folder: numbers 30 to 39.
std::span<const database::Migration> cost_migrations();

// By what costs can be told apart.
enum class CostDimension : uint8_t { kNone, kKey, kGroup, kUser, kFeature, kRoute, kModel, kUpstream };
std::string_view cost_dimension_name(CostDimension dimension);  // "key"; kNone: ""
std::optional<CostDimension> parse_cost_dimension(std::string_view name);

struct CostQuery {
  Timestamp from;  // rounded down to an hour
  Timestamp to;    // exclusive; rounded up
  CostDimension group_by = CostDimension::kNone;
  // Only these; a group stands for all below it, too. A key is given by its id.
  std::map<CostDimension, std::string> only;
};

// What was spent in one hour under one value of the dimension.
struct CostHour {
  Timestamp at;
  std::string value;
  std::string label;  // of a key: its name; else as `value`
  CostSums sums;
};

// Calls `on_hour` for each, by time, then by value.
Result<void> read_cost(database::Connection& connection, const CostQuery& query,
                       const std::function<void(CostHour)>& on_hour);

// Adds to the rows of cost_hours, each request exactly once (RecordFollower).
class CostRollup : public RecordSink {
 public:
  Result<void> count(database::Connection& connection, const HourlyCosts& costs) override;
};

// Where a follower stopped; {} at first.
Result<journal::Position> read_follower(database::Connection& connection, std::string_view name,
                                        std::string_view node);
Result<void> write_follower(database::Connection& connection, std::string_view name, std::string_view node,
                            journal::Position position);

}  // namespace penstock::observability
