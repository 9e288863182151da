#include "registry/registry_store.h"

#include <algorithm>
#include <array>

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::registry {
namespace {

constexpr size_t kNameBytesMax = 128;

constexpr std::string_view kCreateVersions = R"sql(
CREATE TABLE registry_versions (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  licence TEXT NOT NULL,
  source TEXT NOT NULL,
  tags TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  PRIMARY KEY (kind, name, number),
  UNIQUE (kind, name, digest)
) STRICT)sql";

constexpr std::array<database::Migration, 1> kMigrations = {{
    {1, "registry versions", kCreateVersions},
}};

constexpr std::string_view kInsert = R"sql(
INSERT INTO registry_versions (kind, name, number, digest, size_bytes, licence, source, tags, created_at_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql";

constexpr std::string_view kNextNumber =
    "SELECT COALESCE(MAX(number), 0) + 1 FROM registry_versions WHERE kind = $1 AND name = $2";

// Every selection of versions reads the columns in this order.
#define PENSTOCK_VERSION_COLUMNS \
  "SELECT kind, name, number, digest, size_bytes, licence, source, tags, created_at_us"

constexpr std::string_view kSelectByDigest =
    PENSTOCK_VERSION_COLUMNS " FROM registry_versions WHERE kind = $1 AND name = $2 AND digest = $3";
constexpr std::string_view kSelectByNumber =
    PENSTOCK_VERSION_COLUMNS " FROM registry_versions WHERE kind = $1 AND name = $2 AND number = $3";
constexpr std::string_view kSelectLatestOfName = PENSTOCK_VERSION_COLUMNS
    " FROM registry_versions WHERE kind = $1 AND name = $2 ORDER BY number DESC LIMIT 1";
constexpr std::string_view kSelectOfName =
    PENSTOCK_VERSION_COLUMNS " FROM registry_versions WHERE kind = $1 AND name = $2 ORDER BY number DESC";
constexpr std::string_view kSelectAll =
    PENSTOCK_VERSION_COLUMNS " FROM registry_versions WHERE kind = $1 ORDER BY name, number DESC";
constexpr std::string_view kSelectLatest = PENSTOCK_VERSION_COLUMNS R"sql(
 FROM registry_versions AS v
WHERE kind = $1
  AND number = (SELECT MAX(number) FROM registry_versions AS w WHERE w.kind = v.kind AND w.name = v.name)
ORDER BY name)sql";

#undef PENSTOCK_VERSION_COLUMNS

constexpr std::array<std::pair<Kind, std::string_view>, 1> kKindNames = {{{Kind::kModel, "model"}}};

Error corrupt(std::string_view name, std::string_view what) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = "registry version of '" + std::string(name) + "' has " + std::string(what)};
}

std::string tags_to_json(const Tags& tags) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : tags) json.field(name, value);
  return json.end_object().take();
}

Result<Tags> tags_from_json(std::string_view name, std::string_view text) {
  auto json = parse_json(text);
  if (!json || !json->is_object()) return Failure(corrupt(name, "unreadable tags"));
  Tags tags;
  for (const auto& member : json->get_object()) {
    if (!member.value().is_string()) return Failure(corrupt(name, "a tag that is no text"));
    tags.emplace_back(std::string_view(member.key()), std::string_view(member.value().get_string()));
  }
  std::ranges::sort(tags);
  return tags;
}

Result<Kind> kind_from_name(std::string_view version, std::string_view name) {
  for (const auto& [kind, known] : kKindNames) {
    if (known == name) return kind;
  }
  return Failure(corrupt(version, "an unknown kind"));
}

Result<Version> read_version(const database::Row& row) {
  Version version;
  version.name = row.text(1);
  ASSIGN_OR_RETURN(version.kind, kind_from_name(version.name, row.text(0)));
  version.number = row.integer(2);
  auto digest = Digest::parse(row.text(3));
  if (!digest) return Failure(corrupt(version.name, "an unreadable digest"));
  version.digest = *digest;
  version.size_bytes = row.integer(4);
  version.licence = row.text(5);
  version.source = row.text(6);
  ASSIGN_OR_RETURN(version.tags, tags_from_json(version.name, row.text(7)));
  version.created_at = {row.integer(8)};
  return version;
}

Result<std::vector<Version>> select(database::Connection& connection, std::string_view sql,
                                    std::vector<database::Value> values) {
  std::vector<Version> versions;
  std::optional<Error> unreadable;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const database::Row& row) {
    auto version = read_version(row);
    if (!version) {
      unreadable = std::move(version).error();
      return false;
    }
    versions.push_back(std::move(*version));
    return true;
  }));
  if (unreadable) return Failure(*std::move(unreadable));
  return versions;
}

database::Value text_value(std::string_view text) { return std::string(text); }

Result<int64_t> next_number(database::Connection& connection, const Version& version) {
  const std::array values = {text_value(kind_name(version.kind)), text_value(version.name)};
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(kNextNumber, values, [&](const database::Row& row) {
    number = row.integer(0);
    return false;
  }));
  return number;
}

Error no_such_version(Kind kind, std::string_view name, std::string_view number) {
  std::string what = std::string(kind_name(kind)) + " '" + std::string(name) + "'";
  if (!number.empty()) what.append(" version ").append(number);
  return Error::not_found(what + " is not in the registry");
}

Result<Version> only(Result<std::vector<Version>> versions, Error if_none) {
  if (!versions) return Failure(std::move(versions).error());
  if (versions->empty()) return Failure(std::move(if_none));
  return std::move(versions->front());
}

}  // namespace

std::string_view kind_name(Kind kind) {
  for (const auto& [known, name] : kKindNames) {
    if (known == kind) return name;
  }
  return "unknown";
}

std::span<const database::Migration> migrations() { return kMigrations; }

Result<void> check_name(std::string_view name) {
  auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  auto is_allowed = [&](char c) { return is_word(c) || std::string_view("._-/:").contains(c); };
  bool starts_well = !name.empty() && name.size() <= kNameBytesMax && is_word(name[0]);
  if (starts_well && std::ranges::all_of(name, is_allowed) && !name.contains("..")) return {};
  return Failure(Error::invalid("name",
                                "'name' must be 1 to 128 letters, digits and . _ - / :, "
                                "beginning with a letter or digit and without '..'"));
}

Result<Version> register_version(database::Connection& connection, const Version& version) {
  RETURN_IF_ERROR(check_name(version.name));
  Version added = version;
  std::ranges::sort(added.tags);
  const std::string kind(kind_name(added.kind));
  ASSIGN_OR_RETURN(auto known, select(connection, kSelectByDigest, {kind, added.name, added.digest.text()}));
  if (!known.empty()) return std::move(known.front());
  ASSIGN_OR_RETURN(added.number, next_number(connection, added));
  const std::vector<database::Value> values = {kind,
                                               added.name,
                                               added.number,
                                               added.digest.text(),
                                               added.size_bytes,
                                               added.licence,
                                               added.source,
                                               tags_to_json(added.tags),
                                               added.created_at.us};
  RETURN_IF_ERROR(connection.execute(kInsert, values));
  return added;
}

Result<std::vector<Version>> list_versions(database::Connection& connection, Kind kind,
                                           std::string_view name) {
  if (name.empty()) return select(connection, kSelectAll, {text_value(kind_name(kind))});
  return select(connection, kSelectOfName, {text_value(kind_name(kind)), text_value(name)});
}

Result<std::vector<Version>> list_latest(database::Connection& connection, Kind kind) {
  return select(connection, kSelectLatest, {text_value(kind_name(kind))});
}

Result<Version> get_version(database::Connection& connection, Kind kind, std::string_view name,
                            int64_t number) {
  return only(select(connection, kSelectByNumber, {text_value(kind_name(kind)), text_value(name), number}),
              no_such_version(kind, name, std::to_string(number)));
}

Result<Version> get_latest(database::Connection& connection, Kind kind, std::string_view name) {
  return only(select(connection, kSelectLatestOfName, {text_value(kind_name(kind)), text_value(name)}),
              no_such_version(kind, name, {}));
}

}  // namespace penstock::registry
