#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/roles.h"
#include "core/digest.h"
#include "core/units.h"

namespace penstock::access {

enum class LimitKind : uint8_t { kRequests, kTokens, kInputTokens, kOutputTokens, kConcurrent };

struct Limit {
  LimitKind kind = LimitKind::kRequests;
  int64_t amount = 0;
  int64_t per_s = 0;  // 0 for kConcurrent
  bool operator==(const Limit&) const = default;
};

// Of the calendar, in UTC; weeks begin on Monday.
enum class Period : uint8_t { kHour, kDay, kWeek, kMonth, kTotal };

struct Budget {
  Money amount;
  Period per = Period::kMonth;
  bool operator==(const Budget&) const = default;
};

// What may be asked for. Empty: everything. Models are names or globs ("gpt-*"); endpoints are the names of
// records ("chat.completions").
struct Scopes {
  std::vector<std::string> models;
  std::vector<std::string> endpoints;
  bool operator==(const Scopes&) const = default;
};

enum class Source : uint8_t { kConfig, kDatabase };

// A node of the budget tree. "acme/search" stands below "acme"; both must admit.
struct Group {
  std::string path;
  std::vector<Limit> limits;
  std::optional<Budget> budget;
  Scopes scopes;
  Source source = Source::kDatabase;
  std::string description;
  Timestamp created_at;
  bool operator==(const Group&) const = default;
};

// A virtual key, without its secret.
struct Key {
  std::string id;  // of a configured key: its name
  std::string name;
  std::string group;  // a path; empty: none
  std::vector<Limit> limits;
  std::optional<Budget> budget;
  Scopes scopes;
  std::optional<Timestamp> expires_at;
  Source source = Source::kDatabase;
  Role role = Role::kClient;  // another one only for configured keys
  std::string created_by;     // a principal's id
  Timestamp created_at;
  std::optional<Timestamp> revoked_at;
  Digest secret;
  std::optional<Digest> previous_secret;  // works until previous_until (a rotation's overlap)
  std::optional<Timestamp> previous_until;
  bool operator==(const Key&) const = default;
};

// Whoever calls. Lives as long as the snapshot it came from.
struct Principal {
  std::string id;    // "key:<id>", "config:<name>", "user:<id>", "token:<id>", "local", or "" (see Directory)
  std::string name;  // for people and records: the key's name, the user's address
  const Key* key = nullptr;          // null for people
  std::vector<const Group*> groups;  // own first, root last; only groups that exist
  Role role = Role::kNone;
  std::string user;  // the user's id, for people and their tokens
};

std::string_view limit_kind_name(LimitKind kind);  // "requests"
std::optional<LimitKind> parse_limit_kind(std::string_view name);
std::string_view period_name(Period period);  // "month"
std::optional<Period> parse_period(std::string_view name);

// Whether `text` fits `pattern`, in which every '*' stands for any number of characters. O(a*b) at worst.
bool glob_matches(std::string_view pattern, std::string_view text);
// Whether `name` fits one of `globs`; an empty list admits everything.
bool admits(const std::vector<std::string>& globs, std::string_view name);

}  // namespace penstock::access
