#include "access/keys.h"

#include <algorithm>
#include <utility>

#include "access/documents.h"
#include "access/key_store.h"
#include "access/key_text.h"
#include "core/text.h"

namespace penstock::access {
namespace {

using database::Connection;

constexpr size_t kNameBytesMax = 128;
constexpr size_t kDescriptionBytesMax = 1024;
constexpr size_t kLimitsMax = 16;
constexpr size_t kScopesMax = 100;
constexpr size_t kScopeBytesMax = 256;
constexpr int64_t kAmountMax = 1'000'000'000'000'000;
constexpr int64_t kBudgetNanoUsdMax = 1'000'000'000'000'000'000;
constexpr int64_t kWindowMaxS = 366 * 86'400;

bool is_printable(std::string_view text) {
  return is_valid_utf8(text) &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Result<void> check_name(std::string_view name) {
  if (!name.empty() && name.size() <= kNameBytesMax && is_printable(name)) return {};
  return Failure(Error::invalid("name", "'name' must be 1 to 128 bytes of printable text"));
}

Result<void> check_texts(const std::vector<std::string>& texts, const std::string& field) {
  if (texts.size() > kScopesMax)
    return Failure(Error::invalid(field, "'" + field + "' has more than 100 items"));
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty() && texts[i].size() <= kScopeBytesMax && is_printable(texts[i])) continue;
    std::string place = field + "[" + std::to_string(i) + "]";
    return Failure(Error::invalid(place, "'" + place + "' must be 1 to 256 bytes of printable text"));
  }
  return {};
}

// A group of the configuration cannot be changed here.
Result<void> check_not_of_file(const Directory& directory, std::string_view path) {
  std::shared_ptr<const Snapshot> now = directory.snapshot();
  const Group* known = now->group(path);
  if (known == nullptr || known->source != Source::kConfig) return {};
  return Failure(
      Error{.code = ErrorCode::kConflict,
            .message = "the group '" + std::string(path) + "' stands in penstock.yaml; change it there",
            .field = "path"});
}

bool is_below(std::string_view path, std::string_view ancestor) {
  return path.size() > ancestor.size() && path.starts_with(ancestor) && path[ancestor.size()] == '/';
}

Result<void> check_group(const Group& group) {
  if (group.description.size() > kDescriptionBytesMax || !is_valid_utf8(group.description)) {
    return Failure(Error::invalid("description", "'description' must be at most 1024 bytes of text"));
  }
  RETURN_IF_ERROR(check_limits(group.limits));
  RETURN_IF_ERROR(check_budget(group.budget));
  return check_scopes(group.scopes);
}

// kConflict while a key or a group stands below `path`.
Result<void> check_unused(Connection& connection, const std::string& path) {
  auto used = [&path](std::string what) {
    return Failure(Error{.code = ErrorCode::kConflict,
                         .message = "the group '" + path + "' is still used by the " + std::move(what)});
  };
  ASSIGN_OR_RETURN(std::vector<Group> groups, list_groups(connection));
  for (const Group& group : groups) {
    if (is_below(group.path, path)) return used("group '" + group.path + "'");
  }
  ASSIGN_OR_RETURN(std::vector<Key> keys, list_keys(connection));
  for (const Key& key : keys) {
    if (!key.revoked_at && (key.group == path || is_below(key.group, path)))
      return used("key '" + key.name + "'");
  }
  return {};
}

}  // namespace

Result<void> check_limits(const std::vector<Limit>& limits) {
  if (limits.size() > kLimitsMax) return Failure(Error::invalid("limits", "there are more than 16 limits"));
  for (size_t i = 0; i < limits.size(); ++i) {
    const Limit& limit = limits[i];
    std::string place = "limits[" + std::to_string(i) + "]";
    bool concurrent = limit.kind == LimitKind::kConcurrent;
    if (limit.amount < 1 || limit.amount > kAmountMax) {
      return Failure(Error::invalid(place + ".amount", "'" + place + ".amount' must be from 1 to 10^15"));
    }
    if (concurrent ? limit.per_s != 0 : limit.per_s < 1 || limit.per_s > kWindowMaxS) {
      return Failure(Error::invalid(place + ".per_s", "'" + place +
                                                          ".per_s' must be from 1 to 31622400, and 0 "
                                                          "for concurrent"));
    }
    for (size_t j = 0; j < i; ++j) {
      if (limits[j].kind != limit.kind || limits[j].per_s != limit.per_s) continue;
      return Failure(
          Error::invalid(place, "'" + place + "' limits the same as limits[" + std::to_string(j) + "]"));
    }
  }
  return {};
}

Result<void> check_budget(const std::optional<Budget>& budget) {
  if (!budget) return {};
  if (budget->amount.nano_usd >= 0 && budget->amount.nano_usd <= kBudgetNanoUsdMax) return {};
  return Failure(Error::invalid("budget.amount_nano_usd",
                                "'budget.amount_nano_usd' must be from 0 to 10^18 (10^9 USD)"));
}

Result<void> check_scopes(const Scopes& scopes) {
  RETURN_IF_ERROR(check_texts(scopes.models, "models"));
  return check_texts(scopes.endpoints, "endpoints");
}

Result<void> Keys::check(const Key& key) const {
  RETURN_IF_ERROR(check_name(key.name));
  RETURN_IF_ERROR(check_limits(key.limits));
  RETURN_IF_ERROR(check_budget(key.budget));
  RETURN_IF_ERROR(check_scopes(key.scopes));
  if (key.group.empty()) return {};
  RETURN_IF_ERROR(check_group_path(key.group, "group"));
  if (directory_.snapshot()->group(key.group) != nullptr) return {};
  return Failure(Error::invalid(
      "group", "no group is named '" + key.group + "'; make it first: penstock groups create " + key.group));
}

Result<void> Keys::check_expiry(const Key& key) const {
  if (!key.expires_at || *key.expires_at > clock_.now()) return {};
  return Failure(Error::invalid("expires_at_us", "'expires_at_us' lies in the past"));
}

Task<Result<IssuedKey>> Keys::create(Key key, Actor actor) {
  CO_RETURN_IF_ERROR(check(key));
  CO_RETURN_IF_ERROR(check_expiry(key));
  IssuedKey issued{.key = std::move(key), .secret = make_key_text(SecretKind::kKey, random_)};
  KeyText text = *KeyText::parse(SecretKind::kKey, issued.secret);
  issued.key.id = text.id;
  issued.key.secret = text.digest();
  issued.key.source = Source::kDatabase;
  issued.key.role = Role::kClient;
  issued.key.created_by = actor.id;
  issued.key.created_at = clock_.now();
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert_key(connection, issued.key));
    return audit_.record(connection, {.actor = actor,
                                      .action = "keys.create",
                                      .object = "key:" + issued.key.id,
                                      .after = document(issued.key)});
  };
  CO_RETURN_IF_ERROR(co_await directory_.change(std::move(work)));
  co_return issued;
}

Task<Result<Key>> Keys::change_key(std::string id, std::string action, ChangeKey change, Actor actor) {
  std::function<Result<Key>(Connection&)> work = [=, this](Connection& connection) -> Result<Key> {
    ASSIGN_OR_RETURN(Key key, get_key(connection, id));
    Key before = key;
    change(key);
    if (key == before) return key;
    if (before.revoked_at) {
      return Failure(Error{.code = ErrorCode::kConflict,
                           .message = "the key '" + key.name + "' has been revoked, which is for good"});
    }
    if (action == "keys.update") RETURN_IF_ERROR(check(key));
    if (key.expires_at != before.expires_at) RETURN_IF_ERROR(check_expiry(key));
    RETURN_IF_ERROR(update_key(connection, key));
    RETURN_IF_ERROR(audit_.record(connection, {.actor = actor,
                                               .action = action,
                                               .object = "key:" + id,
                                               .before = document(before),
                                               .after = document(key)}));
    return key;
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<Key>> Keys::update(std::string id, ChangeKey change, Actor actor) {
  return change_key(std::move(id), "keys.update", std::move(change), std::move(actor));
}

Task<Result<IssuedKey>> Keys::rotate(std::string id, int64_t overlap_s, Actor actor) {
  if (overlap_s < 0 || overlap_s > kOverlapMaxS) {
    co_return Failure(Error::invalid("overlap_s", "'overlap_s' must be from 0 to 2592000 (30 days)"));
  }
  IssuedKey issued{.secret = make_key_text(SecretKind::kKey, random_, id)};
  auto text = KeyText::parse(SecretKind::kKey, issued.secret);
  // An id of another shape is nobody's, which the row that is not there then says.
  Digest fresh = text ? text->digest() : Digest{};
  Timestamp until{clock_.now().us + overlap_s * 1'000'000};
  ChangeKey change = [fresh, until, overlap_s](Key& key) {
    bool overlaps = overlap_s > 0;
    key.previous_secret = overlaps ? std::optional(key.secret) : std::nullopt;
    key.previous_until = overlaps ? std::optional(until) : std::nullopt;
    key.secret = fresh;
  };
  ASSIGN_OR_CO_RETURN(issued.key,
                      co_await change_key(std::move(id), "keys.rotate", std::move(change), std::move(actor)));
  co_return issued;
}

Task<Result<Key>> Keys::revoke(std::string id, Actor actor) {
  ChangeKey change = [now = clock_.now()](Key& key) {
    if (!key.revoked_at) key.revoked_at = now;
  };
  return change_key(std::move(id), "keys.revoke", std::move(change), std::move(actor));
}

Task<Result<Group>> Keys::create_group(Group group, Actor actor) {
  CO_RETURN_IF_ERROR(check_group_path(group.path, "path"));
  CO_RETURN_IF_ERROR(check_group(group));
  CO_RETURN_IF_ERROR(check_not_of_file(directory_, group.path));
  group.source = Source::kDatabase;
  group.created_at = clock_.now();
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert_group(connection, group));
    return audit_.record(connection, {.actor = actor,
                                      .action = "groups.create",
                                      .object = "group:" + group.path,
                                      .after = document(group)});
  };
  CO_RETURN_IF_ERROR(co_await directory_.change(std::move(work)));
  co_return group;
}

Task<Result<Group>> Keys::update_group(std::string path, ChangeGroup change, Actor actor) {
  CO_RETURN_IF_ERROR(check_not_of_file(directory_, path));
  std::function<Result<Group>(Connection&)> work = [=, this](Connection& connection) -> Result<Group> {
    ASSIGN_OR_RETURN(Group group, get_group(connection, path));
    Group before = group;
    change(group);
    if (group == before) return group;
    RETURN_IF_ERROR(check_group(group));
    RETURN_IF_ERROR(access::update_group(connection, group));
    RETURN_IF_ERROR(audit_.record(connection, {.actor = actor,
                                               .action = "groups.update",
                                               .object = "group:" + path,
                                               .before = document(before),
                                               .after = document(group)}));
    return group;
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<void>> Keys::delete_group(std::string path, Actor actor) {
  CO_RETURN_IF_ERROR(check_not_of_file(directory_, path));
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Group group, get_group(connection, path));
    RETURN_IF_ERROR(check_unused(connection, path));
    RETURN_IF_ERROR(access::delete_group(connection, path));
    return audit_.record(
        connection,
        {.actor = actor, .action = "groups.delete", .object = "group:" + path, .before = document(group)});
  };
  co_return co_await directory_.change(std::move(work));
}

}  // namespace penstock::access
