#include "gateway/price_store.h"

#include "gateway/price_text.h"

namespace penstock::gateway {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kLastImport =
    "SELECT number, prices FROM price_imports ORDER BY number DESC LIMIT 1";
constexpr std::string_view kLastImportNumber = "SELECT COALESCE(MAX(number), 0) FROM price_imports";
constexpr std::string_view kAddImport =
    "INSERT INTO price_imports (at_us, actor, source, prices) VALUES ($1, $2, $3, $4) RETURNING number";
constexpr std::string_view kLastVersion =
    "SELECT number, at_us, actor, source, models, prices FROM price_versions ORDER BY number DESC LIMIT 1";
constexpr std::string_view kAddVersion =
    "INSERT INTO price_versions (at_us, actor, source, models, prices) VALUES ($1, $2, $3, $4, $5)"
    " RETURNING number";
constexpr std::string_view kVersions =
    "SELECT number, at_us, actor, source, models FROM price_versions ORDER BY number DESC LIMIT $1";
constexpr std::string_view kVersionPrices = "SELECT prices FROM price_versions WHERE number = $1";

PriceVersion version_in(const Row& row) {
  return {.number = row.integer(0),
          .at = {row.integer(1)},
          .actor = std::string(row.text(2)),
          .source = std::string(row.text(3)),
          .models = row.integer(4)};
}

Result<int64_t> one_number(Connection& connection, std::string_view sql, std::span<const Value> values = {}) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    number = row.integer(0);
    return true;  // to the end, or what RETURNING belongs to is not done
  }));
  return number;
}

}  // namespace

Result<PriceImport> read_last_import(Connection& connection) {
  PriceImport last;
  RETURN_IF_ERROR(connection.query(kLastImport, {}, [&](const Row& row) {
    last = {.number = row.integer(0), .prices = std::string(row.text(1))};
    return false;
  }));
  return last;
}

Result<int64_t> read_last_import_number(Connection& connection) {
  return one_number(connection, kLastImportNumber);
}

Result<int64_t> add_import(Connection& connection, Timestamp at, std::string_view actor,
                           std::string_view source, std::string_view prices) {
  const Value values[] = {at.us, std::string(actor), std::string(source), std::string(prices)};
  return one_number(connection, kAddImport, values);
}

Result<PriceVersion> version_of(Connection& connection, const PriceTable::Models& models, Timestamp at,
                                std::string_view actor, std::string_view source) {
  const std::string prices = encode_prices(models);
  std::optional<PriceVersion> same;
  RETURN_IF_ERROR(connection.query(kLastVersion, {}, [&](const Row& row) {
    if (row.text(5) == prices) same = version_in(row);
    return false;
  }));
  if (same) return *same;
  PriceVersion made{.at = at,
                    .actor = std::string(actor),
                    .source = std::string(source),
                    .models = static_cast<int64_t>(models.size())};
  const Value values[] = {made.at.us, made.actor, made.source, made.models, prices};
  ASSIGN_OR_RETURN(made.number, one_number(connection, kAddVersion, values));
  return made;
}

Result<std::vector<PriceVersion>> read_versions(Connection& connection, int64_t limit) {
  const Value values[] = {limit};
  return database::rows<PriceVersion>(connection, kVersions, values, version_in);
}

Result<std::optional<std::string>> read_version_prices(Connection& connection, int64_t number) {
  std::optional<std::string> prices;
  const Value values[] = {number};
  RETURN_IF_ERROR(connection.query(kVersionPrices, values, [&](const Row& row) {
    prices = row.text(0);
    return false;
  }));
  return prices;
}

}  // namespace penstock::gateway
