#pragma once

#include <cstdint>

#include "core/clock.h"
#include "core/result.h"
#include "observability/request_log.h"
#include "storage/journal/journal.h"

namespace penstock::gateway {

struct SpendRecovery {
  int64_t opens = 0;    // that the last process may have left
  int64_t settled = 0;  // of those, had no record and got one now
};

// Settles what a dead process left open: writes a record with error_code "interrupted" for every open frame
// of `spend` that has none in `requests`, with the tokens and cost of its last checkpoint. Killed and run
// again it settles each once. Blocking; at start, before anything is answered. `log` writes to `requests`.
Result<SpendRecovery> recover_spend(journal::Journal& spend, journal::Journal& requests,
                                    observability::RequestLog& log, const Clock& clock);

}  // namespace penstock::gateway
