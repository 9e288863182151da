#include "observability/cost_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"

namespace penstock::observability {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr int64_t kHourUs = HourlyCosts::kHourUs;

constexpr std::array kMigrations = {
    database::Migration{
        .number = 30,
        .name = "cost by the hour",
        .sql =
            "CREATE TABLE cost_hours (hour_us INTEGER NOT NULL, key_id TEXT NOT NULL, key_name TEXT NOT NULL,"
            " group_path TEXT NOT NULL, user_name TEXT NOT NULL, feature TEXT NOT NULL,"
            " route TEXT NOT NULL, model TEXT NOT NULL, upstream TEXT NOT NULL,"
            " requests INTEGER NOT NULL, errors INTEGER NOT NULL, unpriced INTEGER NOT NULL,"
            " input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL,"
            " cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,"
            " audio INTEGER NOT NULL, image INTEGER NOT NULL,"
            " cost_nano_usd INTEGER NOT NULL, saved_nano_usd INTEGER NOT NULL,"
            " PRIMARY KEY (hour_us, key_id, group_path, user_name, feature, route, model, upstream)) STRICT;"
            "CREATE TABLE journal_followers (name TEXT NOT NULL, node TEXT NOT NULL,"
            " position TEXT NOT NULL, PRIMARY KEY (name, node)) STRICT"},
};

constexpr std::string_view kAdd =
    "INSERT INTO cost_hours (hour_us, key_id, key_name, group_path, user_name, feature, route, model, "
    "upstream,"
    " requests, errors, unpriced, input, cached_input, cache_write, cache_write_1h, output, reasoning, audio,"
    " image, cost_nano_usd, saved_nano_usd)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"
    " $22)"
    " ON CONFLICT (hour_us, key_id, group_path, user_name, feature, route, model, upstream) DO UPDATE SET"
    " key_name = excluded.key_name, requests = cost_hours.requests + excluded.requests,"
    " errors = cost_hours.errors + excluded.errors, unpriced = cost_hours.unpriced + excluded.unpriced,"
    " input = cost_hours.input + excluded.input,"
    " cached_input = cost_hours.cached_input + excluded.cached_input,"
    " cache_write = cost_hours.cache_write + excluded.cache_write,"
    " cache_write_1h = cost_hours.cache_write_1h + excluded.cache_write_1h,"
    " output = cost_hours.output + excluded.output, reasoning = cost_hours.reasoning + excluded.reasoning,"
    " audio = cost_hours.audio + excluded.audio, image = cost_hours.image + excluded.image,"
    " cost_nano_usd = cost_hours.cost_nano_usd + excluded.cost_nano_usd,"
    " saved_nano_usd = cost_hours.saved_nano_usd + excluded.saved_nano_usd";

// One statement per dimension: what is told apart is a column's name, and never text from outside.
#define PENSTOCK_COST_SQL(value, label, by)                                                        \
  "SELECT hour_us, " value ", " label                                                              \
  ", SUM(requests), SUM(errors), SUM(unpriced), SUM(input), SUM(cached_input), SUM(cache_write),"  \
  " SUM(cache_write_1h), SUM(output), SUM(reasoning), SUM(audio), SUM(image), SUM(cost_nano_usd)," \
  " SUM(saved_nano_usd) FROM cost_hours WHERE hour_us >= $1 AND hour_us < $2"                      \
  " AND ($3 = '' OR key_id = $3)"                                                                  \
  " AND ($4 = '' OR group_path = $4 OR substr(group_path, 1, length($4) + 1) = $4 || '/')"         \
  " AND ($5 = '' OR user_name = $5) AND ($6 = '' OR feature = $6) AND ($7 = '' OR route = $7)"     \
  " AND ($8 = '' OR model = $8) AND ($9 = '' OR upstream = $9) GROUP BY hour_us" by " ORDER BY hour_us" by

struct Dimension {
  std::string_view name;
  std::string_view sql;
};
// In the order of CostDimension.
constexpr std::array<Dimension, 8> kDimensions = {{
    {"", PENSTOCK_COST_SQL("''", "''", "")},
    {"key", PENSTOCK_COST_SQL("key_id", "MAX(key_name)", ", key_id")},
    {"group", PENSTOCK_COST_SQL("group_path", "group_path", ", group_path")},
    {"user", PENSTOCK_COST_SQL("user_name", "user_name", ", user_name")},
    {"feature", PENSTOCK_COST_SQL("feature", "feature", ", feature")},
    {"route", PENSTOCK_COST_SQL("route", "route", ", route")},
    {"model", PENSTOCK_COST_SQL("model", "model", ", model")},
    {"upstream", PENSTOCK_COST_SQL("upstream", "upstream", ", upstream")},
}};
#undef PENSTOCK_COST_SQL

constexpr std::string_view kReadFollower =
    "SELECT position FROM journal_followers WHERE name = $1 AND node = $2";
constexpr std::string_view kWriteFollower =
    "INSERT INTO journal_followers (name, node, position) VALUES ($1, $2, $3)"
    " ON CONFLICT (name, node) DO UPDATE SET position = excluded.position";

constexpr std::array kTokenKinds = {
    &TokenCounts::input,  &TokenCounts::cached_input, &TokenCounts::cache_write, &TokenCounts::cache_write_1h,
    &TokenCounts::output, &TokenCounts::reasoning,    &TokenCounts::audio,       &TokenCounts::image};

// Text of callers as it can stand in a row: of bounded length, and without the zero bytes that PostgreSQL
// refuses.
std::string in_row(std::string_view text) {
  std::string out(utf8_prefix(text, HourlyCosts::kTextBytesMax));
  std::ranges::replace(out, '\0', '?');
  return out;
}

Result<void> add_row(Connection& connection, const CostKey& key, const HourlyCosts::Row& row) {
  const CostSums& sums = row.sums;
  const TokenCounts& t = sums.tokens;
  const Value values[] = {key.hour_us,
                          in_row(key.key_id),
                          in_row(row.key_name),
                          in_row(key.group),
                          in_row(key.user),
                          in_row(key.feature),
                          in_row(key.route),
                          in_row(key.model),
                          in_row(key.upstream),
                          sums.requests,
                          sums.errors,
                          sums.unpriced,
                          t.input,
                          t.cached_input,
                          t.cache_write,
                          t.cache_write_1h,
                          t.output,
                          t.reasoning,
                          t.audio,
                          t.image,
                          sums.cost.nano_usd,
                          sums.saved.nano_usd};
  RETURN_IF_ERROR(connection.execute(kAdd, values));
  return {};
}

CostSums sums_in(const Row& row) {
  constexpr int kFirst = 3;
  constexpr int kFirstToken = kFirst + 3;
  CostSums sums{.requests = row.integer(kFirst),
                .errors = row.integer(kFirst + 1),
                .unpriced = row.integer(kFirst + 2),
                .tokens = {},
                .cost = {row.integer(kFirstToken + static_cast<int>(kTokenKinds.size()))},
                .saved = {row.integer(kFirstToken + static_cast<int>(kTokenKinds.size()) + 1)}};
  for (size_t i = 0; i < kTokenKinds.size(); ++i) {
    sums.tokens.*kTokenKinds[i] = row.integer(kFirstToken + static_cast<int>(i));
  }
  return sums;
}

}  // namespace

std::span<const database::Migration> cost_migrations() { return kMigrations; }

std::string_view cost_dimension_name(CostDimension dimension) {
  return kDimensions[std::to_underlying(dimension)].name;
}

std::optional<CostDimension> parse_cost_dimension(std::string_view name) {
  auto found = std::ranges::find(kDimensions, name, &Dimension::name);
  if (found == kDimensions.end()) return std::nullopt;
  return static_cast<CostDimension>(found - kDimensions.begin());
}

Result<void> read_cost(Connection& connection, const CostQuery& query,
                       const std::function<void(CostHour)>& on_hour) {
  auto only = [&](CostDimension dimension) {
    auto given = query.only.find(dimension);
    return given == query.only.end() ? std::string() : in_row(given->second);
  };
  const Value values[] = {query.from.us - query.from.us % kHourUs,
                          query.to.us,
                          only(CostDimension::kKey),
                          only(CostDimension::kGroup),
                          only(CostDimension::kUser),
                          only(CostDimension::kFeature),
                          only(CostDimension::kRoute),
                          only(CostDimension::kModel),
                          only(CostDimension::kUpstream)};
  return connection.query(kDimensions[std::to_underlying(query.group_by)].sql, values, [&](const Row& row) {
    on_hour({.at = {row.integer(0)},
             .value = std::string(row.text(1)),
             .label = std::string(row.text(2)),
             .sums = sums_in(row)});
    return true;
  });
}

Result<void> CostRollup::count(Connection& connection, const HourlyCosts& costs) {
  for (const auto& [key, row] : costs.rows()) RETURN_IF_ERROR(add_row(connection, key, row));
  return {};
}

Result<journal::Position> read_follower(Connection& connection, std::string_view name,
                                        std::string_view node) {
  journal::Position position;
  const Value values[] = {std::string(name), std::string(node)};
  RETURN_IF_ERROR(connection.query(kReadFollower, values, [&](const Row& row) {
    position = journal::Position::parse(row.text(0)).value_or(journal::Position{});
    return false;
  }));
  return position;
}

Result<void> write_follower(Connection& connection, std::string_view name, std::string_view node,
                            journal::Position position) {
  const Value values[] = {std::string(name), std::string(node), position.text()};
  RETURN_IF_ERROR(connection.execute(kWriteFollower, values));
  return {};
}

}  // namespace penstock::observability
