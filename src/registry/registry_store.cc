#include "registry/registry_store.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "registry/aliases.h"
#include "registry/id_chunks.h"
#include "registry/lineage.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr size_t kNameBytesMax = 128;

constexpr std::string_view kInsertEntry =
    "INSERT INTO registry_entries (kind, name, description, created_at_us, updated_at_us)"
    " VALUES ($1, $2, $3, $4, $5) RETURNING id";
constexpr std::string_view kSelectEntry = PENSTOCK_ENTRY_COLUMNS " WHERE e.kind = $1 AND e.name = $2";
constexpr std::string_view kSelectEntryById = PENSTOCK_ENTRY_COLUMNS " WHERE e.id = $1";
constexpr std::string_view kListEntries = PENSTOCK_ENTRY_COLUMNS
    " WHERE ($1 = '' OR e.kind = $1) AND ($2 = '' OR e.name = $2) AND e.id > $3 ORDER BY e.id LIMIT $4";
constexpr std::string_view kCountEntries = "SELECT kind, COUNT(*) FROM registry_entries GROUP BY kind";
constexpr std::string_view kSelectEntryTags =
    "SELECT entry_id, key, value FROM registry_entry_tags WHERE entry_id IN " PENSTOCK_64_IDS
    " ORDER BY entry_id, key";
constexpr std::string_view kSelectAliases =
    "SELECT entry_id, alias, number FROM registry_aliases WHERE entry_id IN " PENSTOCK_64_IDS
    " ORDER BY entry_id, alias";
constexpr std::string_view kTouchEntry = "UPDATE registry_entries SET updated_at_us = $2 WHERE id = $1";
constexpr std::string_view kDescribeEntry =
    "UPDATE registry_entries SET description = $2, updated_at_us = $3 WHERE id = $1";
constexpr std::string_view kRenameEntry =
    "UPDATE registry_entries SET name = $2, updated_at_us = $3 WHERE id = $1";
constexpr std::string_view kTouchVersions =
    "UPDATE registry_versions SET updated_at_us = $2 WHERE entry_id = $1";
constexpr std::array<std::string_view, 6> kDeleteEntry = {
    "DELETE FROM registry_checks WHERE version_id IN (SELECT id FROM registry_versions WHERE entry_id = $1)",
    "DELETE FROM registry_version_tags WHERE version_id IN"
    " (SELECT id FROM registry_versions WHERE entry_id = $1)",
    "DELETE FROM registry_versions WHERE entry_id = $1",
    "DELETE FROM registry_aliases WHERE entry_id = $1",
    "DELETE FROM registry_entry_tags WHERE entry_id = $1",
    "DELETE FROM registry_entries WHERE id = $1"};
constexpr std::string_view kSetEntryTag =
    "INSERT INTO registry_entry_tags (entry_id, key, value) VALUES ($1, $2, $3)"
    " ON CONFLICT (entry_id, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteEntryTag =
    "DELETE FROM registry_entry_tags WHERE entry_id = $1 AND key = $2";

constexpr std::string_view kNumbers = "SELECT number FROM registry_versions WHERE entry_id = $1";
constexpr std::string_view kAliasNames =
    "SELECT DISTINCT alias FROM registry_alias_moves WHERE entry_id = $1";
constexpr std::string_view kNextNumber =
    "SELECT COALESCE(MAX(number), 0) + 1 FROM registry_versions WHERE entry_id = $1";
constexpr std::string_view kInsertVersion =
    "INSERT INTO registry_versions (entry_id, number, digest, size_bytes, licence, source, location,"
    " description, run_id, run_link, model_id, status, status_message, stage, created_by, created_at_us,"
    " updated_at_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id";
constexpr std::string_view kSelectVersion = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE v.entry_id = $1 AND v.number = $2 AND v.deleted_at_us IS NULL";
constexpr std::string_view kSelectByName = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind = $1 AND e.name = $2 AND v.number = $3 AND v.deleted_at_us IS NULL";
constexpr std::string_view kSelectByDigest = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind = $1 AND e.name = $2 AND v.digest = $3 AND v.deleted_at_us IS NULL"
    " ORDER BY v.number LIMIT 1";
constexpr std::string_view kSelectLatestOfName = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind = $1 AND e.name = $2 AND v.digest IS NOT NULL AND v.deleted_at_us IS NULL"
    " ORDER BY v.number DESC LIMIT 1";
constexpr std::string_view kSelectLatest = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind = $1 AND v.deleted_at_us IS NULL AND v.number = (SELECT MAX(w.number)"
    " FROM registry_versions AS w WHERE w.entry_id = v.entry_id AND w.digest IS NOT NULL"
    " AND w.deleted_at_us IS NULL) ORDER BY e.name";
constexpr std::string_view kSelectAll = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE e.kind = $1 AND ($2 = '' OR e.name = $2) AND v.deleted_at_us IS NULL"
    " ORDER BY e.name, v.number DESC";
constexpr std::string_view kPage = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " WHERE v.entry_id = $1 AND v.number < $2 AND v.deleted_at_us IS NULL ORDER BY v.number DESC LIMIT $3";
// MLflow lists the stages in the order in which versions first came into them.
constexpr std::string_view kNewestByStage = PENSTOCK_VERSION_COLUMNS PENSTOCK_VERSION_TABLES
    " JOIN (SELECT entry_id, MIN(number) AS first, MAX(number) AS newest FROM registry_versions"
    " WHERE deleted_at_us IS NULL AND entry_id IN " PENSTOCK_64_IDS
    " GROUP BY entry_id, stage) AS s ON s.entry_id = v.entry_id AND s.newest = v.number"
    " ORDER BY v.entry_id, s.first";
constexpr std::string_view kCountContent =
    "SELECT COUNT(*) FROM registry_versions WHERE entry_id = $1 AND digest IS NOT NULL";
constexpr std::string_view kSelectVersionTags =
    "SELECT version_id, key, value FROM registry_version_tags WHERE version_id IN " PENSTOCK_64_IDS
    " ORDER BY version_id, key";
constexpr std::string_view kDescribeVersion =
    "UPDATE registry_versions SET description = $2, updated_at_us = $3 WHERE id = $1";
constexpr std::string_view kStageVersion =
    "UPDATE registry_versions SET stage = $2, updated_at_us = $3 WHERE id = $1";
constexpr std::string_view kArchiveStage =
    "UPDATE registry_versions SET stage = 'Archived', updated_at_us = $4"
    " WHERE entry_id = $1 AND stage = $2 AND number <> $3 AND deleted_at_us IS NULL";
constexpr std::string_view kSetVersionTag =
    "INSERT INTO registry_version_tags (version_id, key, value) VALUES ($1, $2, $3)"
    " ON CONFLICT (version_id, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteVersionTag =
    "DELETE FROM registry_version_tags WHERE version_id = $1 AND key = $2";
constexpr std::string_view kDeleteVersion =
    "UPDATE registry_versions SET deleted_at_us = $2, updated_at_us = $2, description = NULL, digest = NULL,"
    " source = '', location = '', run_id = '', run_link = '', model_id = '', status_message = '',"
    " created_by = '' WHERE id = $1";

Value text_value(std::string_view text) { return std::string(text); }
Value optional_text(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(std::monostate());
}

Error corrupt(std::string_view name, std::string_view what) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = "registry version of '" + std::string(name) + "' has " + std::string(what)};
}

Result<Version> read_version(const Row& row) {
  Version version;
  version.id = row.integer(0);
  version.entry = row.integer(1);
  version.name = row.text(3);
  auto kind = parse_kind(row.text(2));
  if (!kind) return Failure(corrupt(version.name, "an unknown kind"));
  version.kind = *kind;
  version.number = row.integer(4);
  if (!row.is_null(5)) {
    auto digest = Digest::parse(row.text(5));
    if (!digest) return Failure(corrupt(version.name, "an unreadable digest"));
    version.digest = *digest;
  }
  version.size_bytes = row.integer(6);
  version.licence = row.text(7);
  version.source = row.text(8);
  version.location = row.text(9);
  if (!row.is_null(10)) version.description = std::string(row.text(10));
  version.run_id = row.text(11);
  version.run_link = row.text(12);
  version.model_id = row.text(13);
  version.status = static_cast<Status>(std::clamp<int64_t>(row.integer(14), 0, 2));
  version.status_message = row.text(15);
  version.stage = row.text(16);
  version.created_by = row.text(17);
  version.created_at = {row.integer(18)};
  version.updated_at = {row.integer(19)};
  return version;
}

Result<int64_t> one_integer(Connection& connection, std::string_view sql, std::span<const Value> values) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    number = row.integer(0);
    return true;
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

template <class T>
std::vector<int64_t> ids_of(const std::vector<T>& rows) {
  std::vector<int64_t> ids;
  for (const T& row : rows) ids.push_back(row.id);
  return ids;
}

template <class T>
std::unordered_map<int64_t, T*> by_id(std::vector<T>& rows) {
  std::unordered_map<int64_t, T*> found;
  for (T& row : rows) found[row.id] = &row;
  return found;
}

Result<void> read_tags(Connection& connection, std::vector<Version>& versions) {
  auto found = by_id(versions);
  return query_by_ids(connection, kSelectVersionTags, ids_of(versions), [&](const Row& row) {
    found.at(row.integer(0))->tags.emplace_back(row.text(1), row.text(2));
    return true;
  });
}

Error entry_exists(Kind kind, std::string_view name) {
  return Error{
      .code = ErrorCode::kConflict,
      .message = "there is a " + std::string(kind_name(kind)) + " '" + std::string(name) + "' already",
      .field = "name",
      .reason = "RESOURCE_ALREADY_EXISTS"};
}

// Gives the lineage nodes of an entry's aliases and versions, deleted ones included, other names.
Result<void> rename_nodes(Connection& connection, const Entry& entry, const Entry& renamed,
                          std::string_view prefix = {}) {
  std::vector<std::pair<std::string, std::string>> names;
  const std::array values = {Value(entry.id)};
  RETURN_IF_ERROR(connection.query(kNumbers, values, [&](const Row& row) {
    names.emplace_back(version_node(entry.kind, entry.name, row.integer(0)),
                       version_node(renamed.kind, renamed.name, row.integer(0)));
    return true;
  }));
  RETURN_IF_ERROR(connection.query(kAliasNames, values, [&](const Row& row) {
    names.emplace_back(alias_node(entry, row.text(0)), alias_node(renamed, row.text(0)));
    return true;
  }));
  for (const auto& [old_name, new_name] : names) {
    RETURN_IF_ERROR(rename_node(connection, old_name, std::string(prefix).append(new_name)));
  }
  return {};
}

}  // namespace

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

Result<std::vector<Version>> select_versions(Connection& connection, std::string_view sql,
                                             std::span<const Value> values) {
  std::vector<Version> versions;
  std::optional<Error> unreadable;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    auto version = read_version(row);
    if (version) {
      versions.push_back(std::move(*version));
    } else {
      unreadable = std::move(version).error();
    }
    return !unreadable;
  }));
  if (unreadable) return Failure(*std::move(unreadable));
  RETURN_IF_ERROR(read_tags(connection, versions));
  return versions;
}

Result<std::vector<Entry>> select_entries(Connection& connection, std::string_view sql,
                                          std::span<const Value> values) {
  std::vector<Entry> entries;
  bool known = true;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    auto kind = parse_kind(row.text(1));
    known = kind.has_value();
    if (!known) return false;
    entries.push_back({.id = row.integer(0),
                       .kind = *kind,
                       .name = std::string(row.text(2)),
                       .description = std::string(row.text(3)),
                       .created_at = {row.integer(4)},
                       .updated_at = {row.integer(5)}});
    return true;
  }));
  if (!known) return Failure(corrupt("?", "an unknown kind"));
  return entries;
}

Result<Entry> insert_entry(Connection& connection, Entry entry) {
  ASSIGN_OR_RETURN(auto known, find_entry(connection, entry.kind, entry.name));
  if (known) return Failure(entry_exists(entry.kind, entry.name));
  const std::array values = {text_value(kind_name(entry.kind)), Value(entry.name), Value(entry.description),
                             Value(entry.created_at.us), Value(entry.updated_at.us)};
  ASSIGN_OR_RETURN(entry.id, one_integer(connection, kInsertEntry, values));
  for (const auto& [key, value] : entry.tags) {
    RETURN_IF_ERROR(set_entry_tag(connection, entry.id, key, value));
  }
  return entry;
}

Result<std::optional<Entry>> find_entry(Connection& connection, Kind kind, std::string_view name) {
  const std::array values = {text_value(kind_name(kind)), text_value(name)};
  ASSIGN_OR_RETURN(auto entries, select_entries(connection, kSelectEntry, values));
  if (entries.empty()) return std::nullopt;
  return std::move(entries.front());
}

Result<std::optional<Entry>> find_entry(Connection& connection, int64_t id) {
  const std::array values = {Value(id)};
  ASSIGN_OR_RETURN(auto entries, select_entries(connection, kSelectEntryById, values));
  if (entries.empty()) return std::nullopt;
  return std::move(entries.front());
}

Result<void> read_details(Connection& connection, std::vector<Entry>& entries) {
  auto found = by_id(entries);
  std::vector<int64_t> ids = ids_of(entries);
  RETURN_IF_ERROR(query_by_ids(connection, kSelectEntryTags, ids, [&](const Row& row) {
    found.at(row.integer(0))->tags.emplace_back(row.text(1), row.text(2));
    return true;
  }));
  return query_by_ids(connection, kSelectAliases, ids, [&](const Row& row) {
    found.at(row.integer(0))->aliases.push_back({std::string(row.text(1)), row.integer(2)});
    return true;
  });
}

Result<std::vector<Entry>> list_entries(Connection& connection, const EntryQuery& query) {
  const std::array values = {text_value(query.kind ? kind_name(*query.kind) : std::string_view()),
                             Value(query.name), Value(query.after), Value(query.limit)};
  ASSIGN_OR_RETURN(auto entries, select_entries(connection, kListEntries, values));
  RETURN_IF_ERROR(read_details(connection, entries));
  return entries;
}

Result<std::vector<int64_t>> count_entries(Connection& connection) {
  std::vector<int64_t> counts(kind_names().size());
  RETURN_IF_ERROR(connection.query(kCountEntries, {}, [&](const Row& row) {
    if (auto kind = parse_kind(row.text(0))) counts[std::to_underlying(*kind)] = row.integer(1);
    return true;
  }));
  return counts;
}

Result<void> set_description(Connection& connection, const Entry& entry, std::string_view text,
                             Timestamp at) {
  const std::array values = {Value(entry.id), text_value(text), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kDescribeEntry, values));
  return {};
}

Result<void> touch_entry(Connection& connection, int64_t entry, Timestamp at) {
  const std::array values = {Value(entry), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kTouchEntry, values));
  return {};
}

Result<void> rename_entry(Connection& connection, const Entry& entry, std::string_view name, Timestamp at) {
  ASSIGN_OR_RETURN(auto known, find_entry(connection, entry.kind, name));
  if (known && known->id != entry.id) return Failure(entry_exists(entry.kind, name));
  if (name != entry.name) {
    Entry renamed{.kind = entry.kind, .name = std::string(name)};
    RETURN_IF_ERROR(rename_nodes(connection, entry, renamed));
  }
  const std::array values = {Value(entry.id), text_value(name), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kRenameEntry, values));
  const std::array touched = {Value(entry.id), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kTouchVersions, touched));
  return {};
}

Result<void> delete_entry(Connection& connection, const Entry& entry) {
  RETURN_IF_ERROR(rename_nodes(connection, entry, entry, "deleted-" + std::to_string(entry.id) + "/"));
  const std::array values = {Value(entry.id)};
  for (std::string_view sql : kDeleteEntry) RETURN_IF_ERROR(connection.execute(sql, values));
  return {};
}

Result<void> set_entry_tag(Connection& connection, int64_t entry, std::string_view key,
                           std::string_view value) {
  const std::array values = {Value(entry), text_value(key), text_value(value)};
  RETURN_IF_ERROR(connection.execute(kSetEntryTag, values));
  return {};
}

Result<void> delete_entry_tag(Connection& connection, int64_t entry, std::string_view key) {
  const std::array values = {Value(entry), text_value(key)};
  RETURN_IF_ERROR(connection.execute(kDeleteEntryTag, values));
  return {};
}

Result<Version> insert_version(Connection& connection, Version version) {
  const std::array of_entry = {Value(version.entry)};
  ASSIGN_OR_RETURN(version.number, one_integer(connection, kNextNumber, of_entry));
  std::ranges::sort(version.tags);
  const std::array values = {Value(version.entry),
                             Value(version.number),
                             version.digest ? Value(version.digest->text()) : Value(std::monostate()),
                             Value(version.size_bytes),
                             Value(version.licence),
                             Value(version.source),
                             Value(version.location),
                             optional_text(version.description),
                             Value(version.run_id),
                             Value(version.run_link),
                             Value(version.model_id),
                             Value(static_cast<int64_t>(std::to_underlying(version.status))),
                             Value(version.status_message),
                             Value(version.stage),
                             Value(version.created_by),
                             Value(version.created_at.us),
                             Value(version.updated_at.us)};
  ASSIGN_OR_RETURN(version.id, one_integer(connection, kInsertVersion, values));
  for (const auto& [key, value] : version.tags) {
    RETURN_IF_ERROR(set_version_tag(connection, version.id, key, value));
  }
  RETURN_IF_ERROR(touch_entry(connection, version.entry, version.updated_at));
  return version;
}

Result<Version> register_version(Connection& connection, const Version& version) {
  RETURN_IF_ERROR(check_name(version.name));
  const std::array by_digest = {text_value(kind_name(version.kind)), Value(version.name),
                                Value(version.digest.value_or(Digest{}).text())};
  ASSIGN_OR_RETURN(auto known, select_versions(connection, kSelectByDigest, by_digest));
  if (!known.empty()) return std::move(known.front());
  ASSIGN_OR_RETURN(auto entry, find_entry(connection, version.kind, version.name));
  if (!entry) {
    ASSIGN_OR_RETURN(entry, insert_entry(connection, {.kind = version.kind,
                                                      .name = version.name,
                                                      .created_at = version.created_at,
                                                      .updated_at = version.created_at}));
  }
  Version added = version;
  added.entry = entry->id;
  added.updated_at = added.created_at;
  return insert_version(connection, std::move(added));
}

Result<std::optional<Version>> find_version(Connection& connection, int64_t entry, int64_t number) {
  const std::array values = {Value(entry), Value(number)};
  ASSIGN_OR_RETURN(auto versions, select_versions(connection, kSelectVersion, values));
  if (versions.empty()) return std::nullopt;
  return std::move(versions.front());
}

Result<Version> get_version(Connection& connection, Kind kind, std::string_view name, int64_t number) {
  const std::array values = {text_value(kind_name(kind)), text_value(name), Value(number)};
  return only(select_versions(connection, kSelectByName, values),
              no_such_version(kind, name, std::to_string(number)));
}

Result<Version> get_latest(Connection& connection, Kind kind, std::string_view name) {
  const std::array values = {text_value(kind_name(kind)), text_value(name)};
  return only(select_versions(connection, kSelectLatestOfName, values), no_such_version(kind, name, {}));
}

Result<std::vector<Version>> list_latest(Connection& connection, Kind kind) {
  const std::array values = {text_value(kind_name(kind))};
  return select_versions(connection, kSelectLatest, values);
}

Result<std::vector<Version>> list_versions(Connection& connection, Kind kind, std::string_view name) {
  const std::array values = {text_value(kind_name(kind)), text_value(name)};
  return select_versions(connection, kSelectAll, values);
}

Result<std::vector<Version>> page_versions(Connection& connection, int64_t entry, int64_t before,
                                           int64_t limit) {
  const std::array values = {Value(entry), Value(before), Value(limit)};
  return select_versions(connection, kPage, values);
}

Result<std::vector<Version>> newest_by_stage(Connection& connection, std::span<const int64_t> entries) {
  std::vector<Version> all;
  for (size_t from = 0; from < entries.size(); from += kIdsPerStatement) {
    std::array<Value, kIdsPerStatement> values;
    size_t last = std::min(entries.size(), from + kIdsPerStatement) - 1;
    for (size_t i = 0; i < kIdsPerStatement; ++i) values[i] = entries[std::min(from + i, last)];
    ASSIGN_OR_RETURN(auto versions, select_versions(connection, kNewestByStage, values));
    std::ranges::move(versions, std::back_inserter(all));
  }
  return all;
}

Result<bool> has_content(Connection& connection, int64_t entry) {
  const std::array values = {Value(entry)};
  ASSIGN_OR_RETURN(int64_t count, one_integer(connection, kCountContent, values));
  return count > 0;
}

Result<void> set_version_description(Connection& connection, int64_t version,
                                     const std::optional<std::string>& text, Timestamp at) {
  const std::array values = {Value(version), optional_text(text), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kDescribeVersion, values));
  return {};
}

Result<void> set_version_stage(Connection& connection, int64_t version, std::string_view stage,
                               Timestamp at) {
  const std::array values = {Value(version), text_value(stage), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kStageVersion, values));
  return {};
}

Result<void> archive_stage(Connection& connection, int64_t entry, std::string_view stage, int64_t kept,
                           Timestamp at) {
  const std::array values = {Value(entry), text_value(stage), Value(kept), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kArchiveStage, values));
  return {};
}

Result<void> set_version_tag(Connection& connection, int64_t version, std::string_view key,
                             std::string_view value) {
  const std::array values = {Value(version), text_value(key), text_value(value)};
  RETURN_IF_ERROR(connection.execute(kSetVersionTag, values));
  return {};
}

Result<void> delete_version_tag(Connection& connection, int64_t version, std::string_view key) {
  const std::array values = {Value(version), text_value(key)};
  RETURN_IF_ERROR(connection.execute(kDeleteVersionTag, values));
  return {};
}

Result<void> delete_version(Connection& connection, int64_t version, Timestamp at) {
  const std::array values = {Value(version), Value(at.us)};
  RETURN_IF_ERROR(connection.execute(kDeleteVersion, values));
  return {};
}

}  // namespace penstock::registry
