#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "registry/registry_schema.h"
#include "registry/version.h"
#include "storage/database/database.h"

namespace penstock::registry {

// Rows of entries and versions. All functions work on a connection, so that several can share one
// transaction: pass them to Database::read or write. Deleted versions are rows, too, but no function shows
// them.

// 1 to 128 letters, digits and ". _ - / :", beginning with a letter or digit, without "..";
// kInvalidArgument otherwise. What Penstock names; MLflow's clients have their own rule.
Result<void> check_name(std::string_view name);

// Adds an entry with its tags. kConflict if there is one of that kind and name. Returns it with its id.
Result<Entry> insert_entry(database::Connection& connection, Entry entry);
// Without tags and aliases; nullopt if there is none.
Result<std::optional<Entry>> find_entry(database::Connection& connection, Kind kind, std::string_view name);
Result<std::optional<Entry>> find_entry(database::Connection& connection, int64_t id);
// Reads tags and aliases of all of them.
Result<void> read_details(database::Connection& connection, std::vector<Entry>& entries);

// One page of entries by name: those of `kind` (all kinds without one) whose name is greater than `after`
// in the order (name, id), with details.
struct EntryQuery {
  std::optional<Kind> kind{};
  std::string name{};  // exactly this one, unless empty
  int64_t after = 0;   // entries with greater ids only
  int64_t limit = 50;
};
Result<std::vector<Entry>> list_entries(database::Connection& connection, const EntryQuery& query);
// How many entries each kind has, in the order of Kind.
Result<std::vector<int64_t>> count_entries(database::Connection& connection);

Result<void> set_description(database::Connection& connection, const Entry& entry, std::string_view text,
                             Timestamp at);
Result<void> touch_entry(database::Connection& connection, int64_t entry, Timestamp at);
// Versions keep their entry, and the lineage graph follows. kConflict if the name is taken.
Result<void> rename_entry(database::Connection& connection, const Entry& entry, std::string_view name,
                          Timestamp at);
// With its versions and aliases. The history of its aliases stays, and so do its nodes in the lineage graph,
// under the name "deleted-<id>/version:...".
Result<void> delete_entry(database::Connection& connection, const Entry& entry);
Result<void> set_entry_tag(database::Connection& connection, int64_t entry, std::string_view key,
                           std::string_view value);
Result<void> delete_entry_tag(database::Connection& connection, int64_t entry, std::string_view key);

// Adds a version, with its tags, to `version.entry` under the next number. Returns it.
Result<Version> insert_version(database::Connection& connection, Version version);
// Adds `version` with a digest to the entry of its kind and name, which is made if it is absent. When the
// entry has a version of that digest already, returns that one and changes nothing: registering twice is the
// same as once.
Result<Version> register_version(database::Connection& connection, const Version& version);

// With tags, without aliases.
Result<std::optional<Version>> find_version(database::Connection& connection, int64_t entry, int64_t number);
// kNotFound.
Result<Version> get_version(database::Connection& connection, Kind kind, std::string_view name,
                            int64_t number);
// The newest version with a digest: what engines can load. kNotFound.
Result<Version> get_latest(database::Connection& connection, Kind kind, std::string_view name);
// The newest version with a digest of each entry, by name.
Result<std::vector<Version>> list_latest(database::Connection& connection, Kind kind);
// The versions of one kind, and of one name unless it is empty, by name, newest first.
Result<std::vector<Version>> list_versions(database::Connection& connection, Kind kind,
                                           std::string_view name = {});
// One page of an entry's versions, newest first: numbers below `before`.
Result<std::vector<Version>> page_versions(database::Connection& connection, int64_t entry, int64_t before,
                                           int64_t limit);
// The newest version in each stage of each of these entries.
Result<std::vector<Version>> newest_by_stage(database::Connection& connection,
                                             std::span<const int64_t> entries);

// Whether a version of it has a digest: whether Penstock itself holds its content.
Result<bool> has_content(database::Connection& connection, int64_t entry);

// Changes of what may change.
Result<void> set_version_description(database::Connection& connection, int64_t version,
                                     const std::optional<std::string>& text, Timestamp at);
Result<void> set_version_stage(database::Connection& connection, int64_t version, std::string_view stage,
                               Timestamp at);
// Archives all versions of a stage but one.
Result<void> archive_stage(database::Connection& connection, int64_t entry, std::string_view stage,
                           int64_t kept, Timestamp at);
Result<void> set_version_tag(database::Connection& connection, int64_t version, std::string_view key,
                             std::string_view value);
Result<void> delete_version_tag(database::Connection& connection, int64_t version, std::string_view key);
// Marks it deleted and forgets what it was made from; its number stays taken.
Result<void> delete_version(database::Connection& connection, int64_t version, Timestamp at);

// For statements of other stores: the columns that read_version takes, and their tables.
#define PENSTOCK_VERSION_COLUMNS                                                                       \
  "SELECT v.id, v.entry_id, e.kind, e.name, v.number, v.digest, v.size_bytes, v.licence, v.source, "   \
  "v.location, v.description, v.run_id, v.run_link, v.model_id, v.status, v.status_message, v.stage, " \
  "v.created_by, v.created_at_us, v.updated_at_us"
#define PENSTOCK_VERSION_TABLES " FROM registry_versions AS v JOIN registry_entries AS e ON e.id = v.entry_id"
// Runs a statement that selects those columns, and reads the tags of all rows.
Result<std::vector<Version>> select_versions(database::Connection& connection, std::string_view sql,
                                             std::span<const database::Value> values);
#define PENSTOCK_ENTRY_COLUMNS \
  "SELECT e.id, e.kind, e.name, e.description, e.created_at_us, e.updated_at_us FROM registry_entries AS e"
Result<std::vector<Entry>> select_entries(database::Connection& connection, std::string_view sql,
                                          std::span<const database::Value> values);

}  // namespace penstock::registry
