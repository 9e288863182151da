#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"

namespace penstock::journal {

// Remembers and logs each damaged place once. Thread-safe.
class DamageLog {
 public:
  void report(Error error);
  std::vector<Error> all() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> known_;  // messages; they name the place
  std::vector<Error> errors_;
};

}  // namespace penstock::journal
