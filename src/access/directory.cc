#include "access/directory.h"

#include <algorithm>
#include <utility>

#include "access/access_store.h"
#include "access/key_text.h"
#include "core/text.h"

namespace penstock::access {
namespace {

constexpr size_t kSecretBytesMax = 512;

Error refused(std::string_view reason, std::string message) {
  return Error{
      .code = ErrorCode::kUnauthenticated, .message = std::move(message), .reason = std::string(reason)};
}

Error invalid_key() { return refused("invalid_api_key", "the API key is not valid"); }

// The scheme's name counts without case (RFC 9110 §11.1).
std::string_view sent_secret(const Headers& headers) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view authorization = headers.get("authorization");
  if (authorization.size() > kScheme.size() &&
      equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return trim(authorization.substr(kScheme.size()));
  }
  return headers.get("x-api-key");
}

bool is_ours(std::string_view text) {
  return text.starts_with(secret_prefix(SecretKind::kKey)) ||
         text.starts_with(secret_prefix(SecretKind::kToken));
}

}  // namespace

std::string_view cookie_of(const Headers& headers, std::string_view name) {
  for (std::string_view pair : split(headers.get("cookie"), ';')) {
    pair = trim(pair);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

Directory::Directory(AccessConfig config, database::Database& database, const Clock& clock,
                     Anonymous anonymous)
    : database_(database), clock_(clock), anonymous_(anonymous), config_(std::move(config)) {
  publish();
}

Result<Directory::Reading> Directory::read(database::Connection& connection) const {
  Reading reading;
  ASSIGN_OR_RETURN(reading.change, read_change(connection));
  if (reading.change == change_.load()) return reading;
  ASSIGN_OR_RETURN(reading.data, read_access(connection, clock_.now()));
  return reading;
}

// A reading that began before a newer one and ends after it is dropped.
void Directory::take_over(Reading reading) {
  std::lock_guard lock(mutex_);
  if (!reading.data || reading.change <= change_.load()) return;
  stored_ = std::move(*reading.data);
  change_.store(reading.change);
  publish();
}

Result<void> Directory::reload() {
  Reading reading;
  RETURN_IF_ERROR(database_.read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(reading, read(connection));
    return {};
  }));
  take_over(std::move(reading));
  return {};
}

Task<Result<void>> Directory::refresh() {
  std::function<Result<Reading>(database::Connection&)> work = [this](database::Connection& connection) {
    return read(connection);
  };
  ASSIGN_OR_CO_RETURN(Reading reading, co_await database_.read<Reading>(std::move(work)));
  take_over(std::move(reading));
  co_return Result<void>{};
}

void Directory::configure(AccessConfig config) {
  std::lock_guard lock(mutex_);
  config_ = std::move(config);
  publish();
}

// A configured group hides one of the database with the same path, so that the file is what counts.
void Directory::publish() {
  AccessData all = stored_;
  std::erase_if(all.groups, [this](const Group& group) {
    return std::ranges::find(config_.groups, group.path, &Group::path) != config_.groups.end();
  });
  all.groups.insert(all.groups.end(), config_.groups.begin(), config_.groups.end());
  all.keys.insert(all.keys.end(), config_.keys.begin(), config_.keys.end());
  auto snapshot = std::make_shared<const Snapshot>(std::move(all), anonymous_);
  if (watcher_) watcher_(snapshot);
  snapshot_.store(std::move(snapshot), std::memory_order_release);
}

void Directory::watch(Watcher watcher) {
  std::lock_guard lock(mutex_);
  watcher_ = std::move(watcher);
  watcher_(snapshot());
}

Result<std::string> Directory::authenticate(const Headers& headers) const {
  std::shared_ptr<const Snapshot> now = snapshot();
  std::string_view secret = sent_secret(headers);
  bool required = now->asks_for_credentials();
  if (secret.empty()) {
    std::string_view cookie = cookie_of(headers, kSessionCookie);
    if (!cookie.empty() && required) return by_session(*now, cookie);
    if (!required) return std::string();
    return Failure(refused("missing_api_key",
                           "no API key was sent; send the header 'Authorization: Bearer KEY', or log in"));
  }
  if (!required && !is_ours(secret)) return std::string();
  return by_secret(*now, secret);
}

Result<std::string> Directory::by_secret(const Snapshot& snapshot, std::string_view text) const {
  if (text.size() > kSecretBytesMax) return Failure(invalid_key());
  if (const Key* key = snapshot.configured_key(Digest::of(text))) return "config:" + key->id;
  if (text.starts_with(secret_prefix(SecretKind::kToken))) return by_token(snapshot, text);
  return by_key(snapshot, text);
}

Result<std::string> Directory::by_key(const Snapshot& snapshot, std::string_view text) const {
  auto parsed = KeyText::parse(SecretKind::kKey, text);
  const Key* key = parsed ? snapshot.key(parsed->id) : nullptr;
  if (key == nullptr) return Failure(invalid_key());
  Digest sent = parsed->digest();
  Timestamp now = clock_.now();
  bool current = equal_in_constant_time(key->secret, sent);
  bool previous = key->previous_secret && equal_in_constant_time(*key->previous_secret, sent) &&
                  key->previous_until && now < *key->previous_until;
  if (!current && !previous) return Failure(invalid_key());
  if (key->revoked_at) return Failure(refused("api_key_revoked", "this API key has been revoked"));
  if (key->expires_at && *key->expires_at <= now) {
    return Failure(refused("api_key_expired", "this API key has expired; ask for a new one"));
  }
  return "key:" + key->id;
}

Result<std::string> Directory::by_token(const Snapshot& snapshot, std::string_view text) const {
  auto parsed = KeyText::parse(SecretKind::kToken, text);
  const Token* token = parsed ? snapshot.token(parsed->id) : nullptr;
  if (token == nullptr || !equal_in_constant_time(token->secret, parsed->digest())) {
    return Failure(invalid_key());
  }
  if (token->expires_at && *token->expires_at <= clock_.now()) {
    return Failure(refused("api_key_expired", "this API token has expired; make a new one"));
  }
  std::string id = "token:" + token->id;
  if (snapshot.find(id) == nullptr) return Failure(refused("user_disabled", "this account is disabled"));
  return id;
}

Result<std::string> Directory::by_session(const Snapshot& snapshot, std::string_view text) const {
  auto parsed = KeyText::parse(SecretKind::kSession, text);
  const Session* session = parsed ? snapshot.session(parsed->id) : nullptr;
  bool valid = session != nullptr && equal_in_constant_time(session->secret, parsed->digest()) &&
               clock_.now() < session->expires_at;
  std::string id = valid ? "user:" + session->user : std::string();
  if (!valid || snapshot.find(id) == nullptr) {
    return Failure(refused("session_ended", "the session has ended; log in again"));
  }
  return id;
}

}  // namespace penstock::access
