#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "access/accounts.h"
#include "access/directory.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/http_message.h"
#include "core/random.h"
#include "core/task.h"

namespace penstock::access {

// Recognises callers by `Authorization: Basic` (RFC 7617), as clients of MLflow send a user's name and
// password with every call. A password that is an API token or a key of ours counts as one, whatever the
// name. A name is a user's address, or his name where no other user has it.
//
// A password takes tens of milliseconds to check, so one that was right is remembered for a minute, in
// memory, as a keyed hash, and only until anything changes about users. Failures are slowed down and audited
// like those of logins. Thread-safe.
class BasicLogin {
 public:
  static constexpr int64_t kRememberMs = 60'000;
  static constexpr size_t kRememberedMax = 4'096;

  BasicLogin(Directory& directory, Accounts& accounts, const Clock& clock, Random& random);

  // Whether the headers hold such credentials at all.
  static bool is_tried(const Headers& headers);
  // The principal's id. kUnauthenticated without a word on what was wrong; kRateLimited after many failures.
  Task<Result<std::string>> authenticate(const Headers& headers, std::string peer);

 private:
  struct Remembered {
    std::string principal;
    std::weak_ptr<const Snapshot> snapshot;  // of the moment when it was right
    int64_t until_us = 0;
  };
  Digest keyed(std::string_view credentials) const;
  std::string recall(const Digest& credentials, const std::shared_ptr<const Snapshot>& now);
  void remember(const Digest& credentials, Remembered entry);

  Directory& directory_;
  Accounts& accounts_;
  const Clock& clock_;
  std::string key_;  // random, of this process
  std::mutex mutex_;
  std::unordered_map<std::string, Remembered> remembered_;  // by keyed hash; guarded by mutex_
};

}  // namespace penstock::access
