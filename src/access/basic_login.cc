#include "access/basic_login.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace penstock::access {
namespace {

constexpr std::string_view kScheme = "basic ";
constexpr size_t kCredentialsBytesMax = 2'048;
constexpr int kKeyWords = 4;

Error wrong() {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message =
                   "You are not authenticated: the user name and password, or the API token sent as the "
                   "password, are not valid.",
               .reason = "invalid_credentials"};
}

std::string_view sent(const Headers& headers) {
  std::string_view text = headers.get("authorization");
  if (text.size() <= kScheme.size() || !equals_ignoring_case(text.substr(0, kScheme.size()), kScheme))
    return {};
  return trim(text.substr(kScheme.size()));
}

struct Credentials {
  std::string name;
  std::string password;
};

// Strict RFC 4648 §4, of which ours decodes the URL's alphabet without padding.
std::optional<Credentials> decode(std::string_view text) {
  if (text.size() > kCredentialsBytesMax || text.find_first_of("-_") != std::string_view::npos) {
    return std::nullopt;
  }
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string plain(text);
  std::ranges::replace(plain, '+', '-');
  std::ranges::replace(plain, '/', '_');
  std::optional<std::string> decoded = decode_base64url(plain);
  size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{.name = decoded->substr(0, colon), .password = decoded->substr(colon + 1)};
}

// The address of the user meant; the name itself where it is nobody's, so that the work stays the same.
std::string address_of(const Snapshot& snapshot, const std::string& name) {
  const std::vector<User>& users = snapshot.data().users;
  std::string lower = to_lower(name);
  if (std::ranges::find(users, lower, &User::email) != users.end()) return lower;
  auto named = std::ranges::find(users, name, &User::name);
  bool alone = named != users.end() && std::ranges::count(users, name, &User::name) == 1;
  return alone ? named->email : lower;
}

}  // namespace

BasicLogin::BasicLogin(Directory& directory, Accounts& accounts, const Clock& clock, Random& random)
    : directory_(directory), accounts_(accounts), clock_(clock) {
  for (int i = 0; i < kKeyWords; ++i) {
    uint64_t word = random.next_u64();
    key_.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
}

bool BasicLogin::is_tried(const Headers& headers) { return !sent(headers).empty(); }

// The key has a fixed length and what is hashed is not of an attacker's choosing alone: nobody sees these.
Digest BasicLogin::keyed(std::string_view credentials) const {
  Digest inner = Digest::of(key_ + std::string(credentials));
  std::string outer = key_;
  outer.append(reinterpret_cast<const char*>(inner.bytes.data()), inner.bytes.size());
  return Digest::of(outer);
}

std::string BasicLogin::recall(const Digest& credentials, const std::shared_ptr<const Snapshot>& now) {
  std::lock_guard lock(mutex_);
  auto found = remembered_.find(credentials.hex());
  if (found == remembered_.end()) return {};
  bool holds = found->second.snapshot.lock() == now && clock_.monotonic_us() < found->second.until_us;
  if (holds) return found->second.principal;
  remembered_.erase(found);
  return {};
}

void BasicLogin::remember(const Digest& credentials, Remembered entry) {
  std::lock_guard lock(mutex_);
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_.insert_or_assign(credentials.hex(), std::move(entry));
}

Task<Result<std::string>> BasicLogin::authenticate(const Headers& headers, std::string peer) {
  std::string text(sent(headers));
  std::shared_ptr<const Snapshot> now = directory_.snapshot();
  Digest hash = keyed(text);
  if (std::string known = recall(hash, now); !known.empty()) co_return known;
  std::optional<Credentials> credentials = decode(text);
  if (!credentials) co_return Failure(wrong());
  Headers as_bearer{{"authorization", "Bearer " + credentials->password}};
  if (Result<std::string> token = directory_.authenticate(as_bearer); token && !token->empty()) {
    co_return std::move(*token);
  }
  std::string address = address_of(*now, credentials->name);
  Result<std::string> user =
      co_await accounts_.verify(std::move(address), std::move(credentials->password), std::move(peer), {});
  if (!user && user.error().code == ErrorCode::kUnauthenticated) co_return Failure(wrong());
  if (!user) co_return Failure(std::move(user).error());
  std::string principal = "user:" + *user;
  if (now->find(principal) == nullptr) co_return Failure(wrong());  // disabled
  remember(hash,
           {.principal = principal, .snapshot = now, .until_us = clock_.monotonic_us() + kRememberMs * 1000});
  co_return principal;
}

}  // namespace penstock::access
