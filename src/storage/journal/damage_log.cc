#include "storage/journal/damage_log.h"

#include "core/log.h"
#include "storage/journal/journal.h"

namespace penstock::journal {

void DamageLog::report(Error error) {
  {
    std::lock_guard lock(mutex_);
    if (errors_.size() >= Journal::kDamageMax || !known_.insert(error.message).second) return;
    errors_.push_back(error);
  }
  log_error("journal is damaged, the record is skipped", {{"what", error.message}});
}

std::vector<Error> DamageLog::all() const {
  std::lock_guard lock(mutex_);
  return errors_;
}

}  // namespace penstock::journal
