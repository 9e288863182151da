#include "registry/promotion.h"

#include <algorithm>
#include <array>

#include "access/principal.h"
#include "core/text.h"

namespace penstock::registry {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr size_t kTextBytesMax = 512;

constexpr std::string_view kListRules =
    "SELECT id, kind, name_pattern, alias_pattern, role, gate_tag, gate_value, gate_check, created_by,"
    " created_at_us FROM registry_rules ORDER BY id";
constexpr std::string_view kAddRule =
    "INSERT INTO registry_rules (kind, name_pattern, alias_pattern, role, gate_tag, gate_value, gate_check,"
    " created_by, created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
constexpr std::string_view kDeleteRule = "DELETE FROM registry_rules WHERE id = $1";
constexpr std::string_view kRecordCheck =
    "INSERT INTO registry_checks (version_id, name, passed, detail, recorded_by, recorded_at_us)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (version_id, name) DO UPDATE SET passed = excluded.passed,"
    " detail = excluded.detail, recorded_by = excluded.recorded_by, recorded_at_us = excluded.recorded_at_us";
constexpr std::string_view kListChecks =
    "SELECT name, passed, detail, recorded_by, recorded_at_us FROM registry_checks WHERE version_id = $1"
    " ORDER BY name";

Rule read_rule(const Row& row) {
  return {.id = row.integer(0),
          .kind = parse_kind(row.text(1)),
          .name = std::string(row.text(2)),
          .alias = std::string(row.text(3)),
          // A role that this version does not know is not given to anybody.
          .role = access::parse_role(row.text(4)).value_or(access::Role::kOwner),
          .gate_tag = std::string(row.text(5)),
          .gate_value = std::string(row.text(6)),
          .gate_check = std::string(row.text(7)),
          .created_by = std::string(row.text(8)),
          .created_at = {row.integer(9)}};
}

Check read_check(const Row& row) {
  return {.name = std::string(row.text(0)),
          .passed = row.integer(1) != 0,
          .detail = std::string(row.text(2)),
          .recorded_by = std::string(row.text(3)),
          .recorded_at = {row.integer(4)}};
}

Result<void> check_rule(const Rule& rule) {
  struct Part {
    std::string_view field;
    const std::string& text;
    size_t bytes_min;
  };
  for (const Part& part :
       {Part{"name", rule.name, 1}, Part{"alias", rule.alias, 1}, Part{"gate_tag", rule.gate_tag, 0},
        Part{"gate_value", rule.gate_value, 0}, Part{"gate_check", rule.gate_check, 0}}) {
    bool fits = part.text.size() >= part.bytes_min && part.text.size() <= kTextBytesMax;
    if (fits && is_valid_utf8(part.text) && !part.text.contains('\0')) continue;
    return Failure(Error::invalid(std::string(part.field), "'" + std::string(part.field) +
                                                               "' of a rule must be at most 512 bytes of "
                                                               "text, and a pattern at least one"));
  }
  if (!rule.gate_value.empty() && rule.gate_tag.empty()) {
    return Failure(Error::invalid("gate_value", "'gate_value' needs a 'gate_tag' whose value it is"));
  }
  return {};
}

bool fits(const Rule& rule, const Entry& entry, std::string_view alias) {
  return (!rule.kind || *rule.kind == entry.kind) && access::glob_matches(rule.name, entry.name) &&
         access::glob_matches(rule.alias, alias);
}

std::string rule_text(const Rule& rule) { return "promotion rule " + std::to_string(rule.id); }

Error gate_closed(const Rule& rule, const Version& version, std::string_view missing) {
  return Error{.code = ErrorCode::kConflict,
               .message = rule_text(rule) + " does not let " + version.name + " version " +
                          std::to_string(version.number) + " have this alias: " + std::string(missing),
               .reason = "gate_not_passed"};
}

Result<void> check_gate(Connection& connection, const Rule& rule, const Version& version) {
  if (!rule.gate_tag.empty()) {
    const std::string* value = find_tag(version.tags, rule.gate_tag);
    bool good = value != nullptr && (rule.gate_value.empty() || *value == rule.gate_value);
    std::string wanted = "'" + rule.gate_tag + "'";
    if (!rule.gate_value.empty()) wanted += " = '" + rule.gate_value + "'";
    if (!good) return Failure(gate_closed(rule, version, "it needs the tag " + wanted));
  }
  if (rule.gate_check.empty()) return {};
  ASSIGN_OR_RETURN(auto checks, list_checks(connection, version.id));
  auto check = std::ranges::find(checks, rule.gate_check, &Check::name);
  if (check != checks.end() && check->passed) return {};
  std::string how = check == checks.end() ? "has not been recorded" : "did not pass";
  return Failure(gate_closed(rule, version, "the check '" + rule.gate_check + "' " + how));
}

}  // namespace

Result<std::vector<Rule>> list_rules(Connection& connection) {
  return database::rows<Rule>(connection, kListRules, {}, read_rule);
}

Result<Rule> add_rule(Connection& connection, Rule rule) {
  RETURN_IF_ERROR(check_rule(rule));
  ASSIGN_OR_RETURN(auto rules, list_rules(connection));
  if (rules.size() >= kRulesMax) {
    return Failure(Error::invalid("", "there are 1000 promotion rules already, which is the most"));
  }
  const std::array values = {Value(std::string(rule.kind ? kind_name(*rule.kind) : std::string_view())),
                             Value(rule.name),
                             Value(rule.alias),
                             Value(std::string(access::role_name(rule.role))),
                             Value(rule.gate_tag),
                             Value(rule.gate_value),
                             Value(rule.gate_check),
                             Value(rule.created_by),
                             Value(rule.created_at.us)};
  RETURN_IF_ERROR(connection.query(kAddRule, values, [&](const Row& row) {
    rule.id = row.integer(0);
    return true;
  }));
  return rule;
}

Result<Rule> delete_rule(Connection& connection, int64_t id) {
  ASSIGN_OR_RETURN(auto rules, list_rules(connection));
  auto rule = std::ranges::find(rules, id, &Rule::id);
  if (rule == rules.end()) {
    return Failure(Error::not_found("there is no promotion rule " + std::to_string(id)));
  }
  const std::array values = {Value(id)};
  RETURN_IF_ERROR(connection.execute(kDeleteRule, values));
  return *rule;
}

Result<void> record_check(Connection& connection, int64_t version, const Check& check) {
  const std::array values = {Value(version),      Value(check.name),        Value(int64_t{check.passed}),
                             Value(check.detail), Value(check.recorded_by), Value(check.recorded_at.us)};
  RETURN_IF_ERROR(connection.execute(kRecordCheck, values));
  return {};
}

Result<std::vector<Check>> list_checks(Connection& connection, int64_t version) {
  const std::array values = {Value(version)};
  return database::rows<Check>(connection, kListChecks, values, read_check);
}

Result<void> check_promotion(Connection& connection, const Entry& entry, std::string_view alias,
                             const Version* version, const Mover& mover) {
  ASSIGN_OR_RETURN(auto rules, list_rules(connection));
  for (const Rule& rule : rules) {
    if (!fits(rule, entry, alias)) continue;
    if (mover.role < rule.role) {
      return Failure(Error{.code = ErrorCode::kPermissionDenied,
                           .message = rule_text(rule) + " lets nobody below the role '" +
                                      std::string(access::role_name(rule.role)) + "' move the alias '" +
                                      std::string(alias) + "' of " + entry.name,
                           .reason = "promotion_rule"});
    }
    if (version != nullptr) RETURN_IF_ERROR(check_gate(connection, rule, *version));
  }
  return {};
}

}  // namespace penstock::registry
