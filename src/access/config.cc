#include "access/config.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "access/auth_config.h"
#include "core/text.h"

namespace penstock::access {
namespace {

constexpr int64_t kAmountMax = 1'000'000'000'000;
constexpr size_t kKeyBytesMin = 8;

struct LimitField {
  std::string_view name;
  LimitKind kind;
  int64_t per_s;
  std::string_view description;
};

constexpr std::array kLimitFields = {
    LimitField{"requests_per_minute", LimitKind::kRequests, 60, "Calls"},
    LimitField{"requests_per_day", LimitKind::kRequests, 86'400, "Calls"},
    LimitField{"tokens_per_minute", LimitKind::kTokens, 60, "Tokens, input and output"},
    LimitField{"tokens_per_day", LimitKind::kTokens, 86'400, "Tokens, input and output"},
    LimitField{"input_tokens_per_minute", LimitKind::kInputTokens, 60, "Input tokens"},
    LimitField{"output_tokens_per_minute", LimitKind::kOutputTokens, 60, "Output tokens"},
    LimitField{"concurrent", LimitKind::kConcurrent, 0, "Calls in progress"},
};

ConfigSchema limits_schema() {
  ConfigSchema::Fields fields;
  for (const LimitField& field : kLimitFields) {
    fields.emplace_back(field.name,
                        ConfigSchema::integer(std::string(field.description)).between(1, kAmountMax));
  }
  return ConfigSchema::object(std::move(fields), "What may be used at most");
}

ConfigSchema budget_schema() {
  return ConfigSchema::object(
      {{"usd", ConfigSchema::number("What may be spent").between(0, 1'000'000'000).required()},
       {"per", ConfigSchema::string("In which period of the calendar, UTC (default month)")
                   .one_of({"hour", "day", "week", "month", "total"})}},
      "What may be spent at most");
}

ConfigSchema::Fields shared_fields() {
  return {{"limits", limits_schema()},
          {"budget", budget_schema()},
          {"models", ConfigSchema::list(ConfigSchema::string("A name, or a glob: gpt-*"),
                                        "Models that may be asked for (default: all)")},
          {"endpoints", ConfigSchema::list(ConfigSchema::string("chat.completions, embeddings, messages ..."),
                                           "Operations that may be called (default: all)")}};
}

std::vector<std::string> texts_at(const ConfigNode& node, std::string_view key) {
  std::vector<std::string> texts;
  if (const ConfigNode* list = node.find(key)) {
    for (const ConfigNode& item : list->items()) texts.push_back(item.scalar());
  }
  return texts;
}

template <class Holder>
void read_shared(const ConfigNode& node, Holder& holder) {
  holder.source = Source::kConfig;
  holder.scopes = {.models = texts_at(node, "models"), .endpoints = texts_at(node, "endpoints")};
  if (const ConfigNode* limits = node.find("limits")) {
    for (const LimitField& field : kLimitFields) {
      if (limits->find(field.name) == nullptr) continue;
      holder.limits.push_back(
          {.kind = field.kind, .amount = limits->integer_at(field.name, 0), .per_s = field.per_s});
    }
  }
  if (const ConfigNode* budget = node.find("budget")) {
    holder.budget = Budget{.amount = {std::llround(budget->number_at("usd", 0) * 1e9)},
                           .per = parse_period(budget->string_at("per", "month")).value_or(Period::kMonth)};
  }
}

Result<Key> read_key(const ConfigNode& node) {
  const std::string& secret = node.scalar();
  if (secret.size() < kKeyBytesMin) return Failure(node.error("the key is shorter than 8 characters"));
  Key key;
  key.name = node.string_at("name");
  key.id = key.name;
  key.group = node.string_at("group");
  key.role = parse_role(node.string_at("role", "client")).value_or(Role::kClient);
  key.secret = Digest::of(secret);
  read_shared(node, key);
  return key;
}

Result<void> check_group_of(const Key& key, const ConfigNode& node) {
  if (key.group.empty()) return {};
  if (auto valid = check_group_path(key.group, "group"); !valid) {
    return Failure(node.find("group")->error(valid.error().message));
  }
  return {};
}

Result<void> read_keys(const ConfigNode& list, AccessConfig& config) {
  for (const ConfigNode& node : list.items()) {
    ASSIGN_OR_RETURN(Key key, read_key(node));
    RETURN_IF_ERROR(check_group_of(key, node));
    config.keys.push_back(std::move(key));
  }
  return {};
}

Result<void> read_groups(const ConfigNode& map, AccessConfig& config) {
  for (const auto& [path, node] : map.members()) {
    if (auto valid = check_group_path(path, "groups"); !valid)
      return Failure(node.error(valid.error().message));
    Group group;
    group.path = path;
    group.description = node.string_at("description");
    read_shared(node, group);
    config.groups.push_back(std::move(group));
  }
  return {};
}

}  // namespace

Result<void> check_group_path(std::string_view path, std::string_view field) {
  constexpr size_t kBytesMax = 128;
  constexpr size_t kDepthMax = 8;
  auto is_segment = [](std::string_view segment) {
    return !segment.empty() && segment != "." && segment != ".." && std::ranges::all_of(segment, [](char c) {
      bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      return word || std::string_view("._-").contains(c);
    });
  };
  std::vector<std::string_view> segments = split(path, '/');
  if (path.size() <= kBytesMax && segments.size() <= kDepthMax && std::ranges::all_of(segments, is_segment)) {
    return {};
  }
  return Failure(Error::invalid(std::string(field),
                                "a group is written like acme/search: 1 to 8 names of letters, digits and "
                                ". _ -, 128 bytes in all"));
}

ConfigSchema::Fields config_fields() {
  ConfigSchema::Fields key = shared_fields();
  key.emplace_back("name", ConfigSchema::string("Whose key it is; stands in records").required());
  key.emplace_back("group", ConfigSchema::string("The group whose limits and budget it shares: acme/search"));
  key.emplace_back("role",
                   ConfigSchema::string("What it may do: client (default) calls models and sees its own "
                                        "requests; the others are those of people")
                       .one_of({"client", "viewer", "annotator", "developer", "admin", "owner"}));
  ConfigSchema::Fields group = shared_fields();
  group.emplace_back("description", ConfigSchema::string("For people"));
  return {{"keys", ConfigSchema::list(
                       ConfigSchema::secret("A key that clients send as a bearer token", std::move(key)),
                       "Keys that clients must send; absent: none is asked for")},
          {"groups", ConfigSchema::map(ConfigSchema::object(std::move(group), "A node of the tree"),
                                       "Groups of keys by path, with limits and budgets of their own")},
          {"auth", auth_schema()}};
}

Result<AccessConfig> read_config(const ConfigNode& root) {
  AccessConfig config;
  if (const ConfigNode* keys = root.find("keys")) RETURN_IF_ERROR(read_keys(*keys, config));
  if (const ConfigNode* groups = root.find("groups")) RETURN_IF_ERROR(read_groups(*groups, config));
  if (const ConfigNode* auth = root.find("auth")) {
    ASSIGN_OR_RETURN(config.oidc, read_auth(*auth));
  }
  return config;
}

}  // namespace penstock::access
