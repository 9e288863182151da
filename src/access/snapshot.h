#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/principal.h"
#include "core/result.h"
#include "core/text.h"

namespace penstock::access {

inline constexpr std::string_view kDefaultProject = "default";

struct Membership {
  std::string project;
  Role role = Role::kViewer;
  bool operator==(const Membership&) const = default;
};

// A person. Passwords stay in the database.
struct User {
  std::string id;
  std::string email;
  std::string name;
  bool disabled = false;
  bool has_password = false;
  std::string oidc_subject;  // "<issuer> <sub>"; empty for a local account
  Timestamp created_at;
  std::vector<Membership> memberships;
};

// An API token of a user, without its secret.
struct Token {
  std::string id;
  std::string user;
  std::string name;
  Digest secret;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
};

// A login of a browser, without its secret.
struct Session {
  std::string id;
  std::string user;
  Digest secret;
  Timestamp created_at;
  Timestamp expires_at;
};

// Who a caller without credentials is while no account and no configured key exists: the owner, which is for
// servers that only their own machine reaches, or nobody.
enum class Anonymous : uint8_t { kOwner, kRefused };

// Everything that a snapshot is made from.
struct AccessData {
  std::vector<Key> keys;  // configured ones and those of the database
  std::vector<Group> groups;
  std::vector<User> users;
  std::vector<Token> tokens;
  std::vector<Session> sessions;
};

// Who exists and what each may use, at one moment. Immutable, so any thread may read it without a lock;
// principals and what they point to live as long as it does.
class Snapshot {
 public:
  Snapshot(AccessData data, Anonymous anonymous);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // By id; null if there is none (any more): revoked keys and disabled users have none. "" is the owner while
  // nobody has to show credentials; "local" is whoever holds the server's data directory.
  const Principal* find(std::string_view principal_id) const;

  const Key* key(std::string_view id) const;              // of the database
  const Key* configured_key(const Digest& secret) const;  // compared in constant time
  const Token* token(std::string_view id) const;
  const Session* session(std::string_view id) const;
  const User* user(std::string_view id) const;
  const Group* group(std::string_view path) const;
  // The groups of `path`: its own first, root last.
  std::vector<const Group*> line_of(std::string_view path) const;

  const AccessData& data() const { return data_; }
  // Whether a caller without credentials is refused.
  bool asks_for_credentials() const { return asks_for_credentials_; }
  // Whether anybody could show some.
  bool has_credentials() const { return !data_.users.empty() || !keys_.empty() || !configured_.empty(); }

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

  void add_people();
  void add_keys();

  AccessData data_;
  ByText<Principal> principals_;
  ByText<const Key*> keys_;
  ByText<const Token*> tokens_;
  ByText<const Session*> sessions_;
  ByText<const User*> users_;
  ByText<const Group*> groups_;
  std::vector<const Key*> configured_;
  bool asks_for_credentials_ = true;
};

// Takes as long whether or, and wherever, they differ.
bool equal_in_constant_time(const Digest& a, const Digest& b);

Role role_in(const User& user, std::string_view project);

}  // namespace penstock::access
