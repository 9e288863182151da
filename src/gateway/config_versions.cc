#include "gateway/config_versions.h"

#include <array>
#include <limits>
#include <utility>

namespace penstock::gateway {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kCreate = R"sql(
CREATE TABLE config_versions (
  number INTEGER PRIMARY KEY,
  previous INTEGER NOT NULL,
  server TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  comment TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX config_versions_by_server ON config_versions (server, number))sql";

constexpr std::array<database::Migration, 1> kMigrations = {{{40, "configuration versions", kCreate}}};

constexpr std::string_view kInsert = R"sql(
INSERT INTO config_versions (previous, server, at_us, actor, source, comment, text)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING number)sql";

// Every selection reads the columns in this order.
#define PENSTOCK_CONFIG_COLUMNS "SELECT number, previous, server, at_us, actor, source, comment"

constexpr std::string_view kNewest =
    PENSTOCK_CONFIG_COLUMNS ", text FROM config_versions WHERE server = $1 ORDER BY number DESC LIMIT 1";
constexpr std::string_view kGet = PENSTOCK_CONFIG_COLUMNS ", text FROM config_versions WHERE number = $1";
constexpr std::string_view kList = PENSTOCK_CONFIG_COLUMNS
    ", '' AS text FROM config_versions WHERE number < $1 ORDER BY number DESC LIMIT $2";

#undef PENSTOCK_CONFIG_COLUMNS

constexpr std::array<std::string_view, 4> kSources = {"start", "file", "api", "undo"};

// What a newer program wrote there reads as kFile.
ConfigSource read_source(std::string_view name) {
  for (size_t i = 0; i < kSources.size(); ++i) {
    if (kSources[i] == name) return static_cast<ConfigSource>(i);
  }
  return ConfigSource::kFile;
}

ConfigVersion read_version(const Row& row) {
  return {.number = row.integer(0),
          .previous = row.integer(1),
          .server = std::string(row.text(2)),
          .at = {row.integer(3)},
          .actor = std::string(row.text(4)),
          .source = read_source(row.text(5)),
          .comment = std::string(row.text(6)),
          .text = std::string(row.text(7))};
}

}  // namespace

std::string_view config_source_name(ConfigSource source) { return kSources[std::to_underlying(source)]; }

std::span<const database::Migration> config_version_migrations() { return kMigrations; }

Result<int64_t> add_config_version(Connection& connection, const ConfigVersion& version) {
  const Value values[] = {version.previous,
                          version.server,
                          version.at.us,
                          version.actor,
                          std::string(config_source_name(version.source)),
                          version.comment,
                          version.text};
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(kInsert, values, [&](const Row& row) {
    number = row.integer(0);
    return false;
  }));
  return number;
}

Result<std::optional<ConfigVersion>> newest_config_version(Connection& connection, std::string_view server) {
  const Value values[] = {std::string(server)};
  ASSIGN_OR_RETURN(auto found, database::rows<ConfigVersion>(connection, kNewest, values, read_version));
  if (found.empty()) return std::optional<ConfigVersion>();
  return std::optional(std::move(found.front()));
}

Result<ConfigVersion> get_config_version(Connection& connection, int64_t number) {
  const Value values[] = {number};
  ASSIGN_OR_RETURN(auto found, database::rows<ConfigVersion>(connection, kGet, values, read_version));
  if (!found.empty()) return std::move(found.front());
  return Failure(Error::not_found("the configuration has no version " + std::to_string(number)));
}

Result<std::vector<ConfigVersion>> list_config_versions(Connection& connection, int64_t below,
                                                        int64_t limit) {
  const Value values[] = {below == 0 ? std::numeric_limits<int64_t>::max() : below, limit};
  return database::rows<ConfigVersion>(connection, kList, values, read_version);
}

}  // namespace penstock::gateway
