#include "access/snapshot.h"

#include <algorithm>
#include <utility>

namespace penstock::access {
namespace {

template <class Map>
auto value_of(const Map& map, std::string_view id) -> typename Map::mapped_type {
  auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

bool equal_in_constant_time(const Digest& a, const Digest& b) {
  std::byte difference{0};
  for (size_t i = 0; i < a.bytes.size(); ++i) difference |= a.bytes[i] ^ b.bytes[i];
  return difference == std::byte{0};
}

Role role_in(const User& user, std::string_view project) {
  auto found = std::ranges::find(user.memberships, project, &Membership::project);
  return found == user.memberships.end() ? Role::kNone : found->role;
}

Snapshot::Snapshot(AccessData data, Anonymous anonymous) : data_(std::move(data)) {
  for (const Group& group : data_.groups) groups_.emplace(group.path, &group);
  principals_.emplace("local", Principal{.id = "local", .name = "local", .role = Role::kOwner});
  add_people();
  add_keys();
  asks_for_credentials_ = anonymous == Anonymous::kRefused || !data_.users.empty() || !configured_.empty();
  if (!asks_for_credentials_) principals_.emplace("", Principal{.role = Role::kOwner});
}

void Snapshot::add_people() {
  for (const User& user : data_.users) {
    users_.emplace(user.id, &user);
    if (user.disabled) continue;
    std::string id = "user:" + user.id;
    principals_.emplace(
        id, Principal{.id = id, .name = user.email, .role = role_in(user, kDefaultProject), .user = user.id});
  }
  for (const Session& session : data_.sessions) sessions_.emplace(session.id, &session);
  for (const Token& token : data_.tokens) {
    tokens_.emplace(token.id, &token);
    const Principal* owner = find("user:" + token.user);
    if (owner == nullptr) continue;
    Principal principal = *owner;
    principal.id = "token:" + token.id;
    principals_.emplace(principal.id, std::move(principal));
  }
}

void Snapshot::add_keys() {
  for (const Key& key : data_.keys) {
    bool configured = key.source == Source::kConfig;
    if (configured) configured_.push_back(&key);
    if (!configured) keys_.emplace(key.id, &key);
    if (key.revoked_at) continue;
    std::string id = (configured ? "config:" : "key:") + key.id;
    principals_.emplace(
        id,
        Principal{.id = id, .name = key.name, .key = &key, .groups = line_of(key.group), .role = key.role});
  }
}

std::vector<const Group*> Snapshot::line_of(std::string_view path) const {
  std::vector<const Group*> line;
  while (!path.empty()) {
    if (const Group* found = group(path)) line.push_back(found);
    size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  }
  return line;
}

const Principal* Snapshot::find(std::string_view principal_id) const {
  auto found = principals_.find(principal_id);
  return found == principals_.end() ? nullptr : &found->second;
}

const Key* Snapshot::configured_key(const Digest& secret) const {
  const Key* found = nullptr;
  for (const Key* key : configured_) {
    if (equal_in_constant_time(key->secret, secret)) found = key;
  }
  return found;
}

const Key* Snapshot::key(std::string_view id) const { return value_of(keys_, id); }
const Token* Snapshot::token(std::string_view id) const { return value_of(tokens_, id); }
const Session* Snapshot::session(std::string_view id) const { return value_of(sessions_, id); }
const User* Snapshot::user(std::string_view id) const { return value_of(users_, id); }
const Group* Snapshot::group(std::string_view path) const { return value_of(groups_, path); }

}  // namespace penstock::access
