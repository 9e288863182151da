#include "app/access_services.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"

namespace penstock::app {

Result<std::unique_ptr<AccessServices>> AccessServices::open(const Settings& settings,
                                                             const std::filesystem::path& data,
                                                             database::Database& database,
                                                             HttpClient& client) {
  std::unique_ptr<AccessServices> services(new AccessServices);
  ASSIGN_OR_RETURN(services->journal_, journal::Journal::open({.directory = data / "journal" / "audit"}));
  bool shared = !settings.state.database_url.empty();
  ASSIGN_OR_RETURN(services->audit_,
                   access::Audit::open(*services->journal_, database, system_clock(), system_random(),
                                       shared ? access::Sharing::kShared : access::Sharing::kAlone));
  bool open = listens_only_here(settings) && !settings.access.oidc;
  auto anonymous = open ? access::Anonymous::kOwner : access::Anonymous::kRefused;
  services->directory_ =
      std::make_unique<access::Directory>(settings.access, database, system_clock(), anonymous);
  RETURN_IF_ERROR(services->directory_->reload());
  if (!services->directory_->snapshot()->has_credentials()) RETURN_IF_ERROR(check_exposure(settings));
  services->keys_ = std::make_unique<access::Keys>(*services->directory_, *services->audit_, system_clock(),
                                                   system_random());
  services->accounts_ =
      std::make_unique<access::Accounts>(*services->directory_, database, *services->audit_,
                                         services->passwords_, system_clock(), system_random());
  services->basic_login_ = std::make_unique<access::BasicLogin>(*services->directory_, *services->accounts_,
                                                                system_clock(), system_random());
  if (settings.access.oidc) {
    services->oidc_ =
        std::make_unique<access::Oidc>(*settings.access.oidc, client, system_clock(), system_random());
  }
  return services;
}

void AccessServices::start(http::EventLoops& loops) {
  tasks_.spawn(loops.executor(0), "access changes", follow_changes());
}

void AccessServices::stop() {
  stopping_ = true;
  wakeup_.notify();
  tasks_.wait(INT32_MAX);
}

Task<> AccessServices::follow_changes() {
  while (!stopping_) {
    co_await wakeup_.wait(access::Directory::kRefreshMs);
    if (stopping_) break;
    if (auto read = co_await directory_->refresh(); !read) {
      log_warn("keys and users could not be read anew; those known stay in force",
               {{"error", read.error().message}});
    }
  }
}

}  // namespace penstock::app
