#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "access/accounts.h"
#include "access/audit.h"
#include "access/basic_login.h"
#include "access/directory.h"
#include "access/keys.h"
#include "access/oidc.h"
#include "app/settings.h"
#include "core/blocking_pool.h"
#include "core/http_client.h"
#include "core/task_group.h"
#include "core/wakeup.h"
#include "http/event_loops.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::app {

// Everything of access/ that a running server has, and the task that looks for changes that other servers
// made in the same database.
class AccessServices {
 public:
  // Opens DATA/journal/audit and reads who exists. Refuses, as check_exposure does, to let everybody in from
  // elsewhere. The references outlive it.
  static Result<std::unique_ptr<AccessServices>> open(const Settings& settings,
                                                      const std::filesystem::path& data,
                                                      database::Database& database, HttpClient& client);

  // Starts looking for changes on one of `loops`, until stop(). Blocks until it has; not on a loop.
  void start(http::EventLoops& loops);
  void stop();

  access::Directory& directory() { return *directory_; }
  access::Audit& audit() { return *audit_; }
  access::Keys& keys() { return *keys_; }
  access::Accounts& accounts() { return *accounts_; }
  access::BasicLogin& basic_login() { return *basic_login_; }
  access::Oidc* oidc() { return oidc_.get(); }  // null: no identity provider is configured

 private:
  AccessServices() = default;
  Task<> follow_changes();

  // Of their own, so that whoever floods the login holds up nobody else.
  BlockingPool passwords_{{.name = "passwords", .threads = 1, .queue_max = 32}};
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<access::Audit> audit_;
  std::unique_ptr<access::Directory> directory_;
  std::unique_ptr<access::Keys> keys_;
  std::unique_ptr<access::Accounts> accounts_;
  std::unique_ptr<access::BasicLogin> basic_login_;
  std::unique_ptr<access::Oidc> oidc_;
  std::atomic<bool> stopping_{false};
  Wakeup wakeup_;
  TaskGroup tasks_;
};

}  // namespace penstock::app
