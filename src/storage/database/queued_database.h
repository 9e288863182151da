#pragma once

#include <memory>
#include <vector>

#include "storage/database/session.h"

namespace penstock::database {

struct QueueLimits {
  size_t queue_max;  // waiting calls of each kind
  size_t batch_max;  // writes that share one transaction
};

// For Database::describe.
struct EngineIdentity {
  std::string_view name;
  std::string_view select_version;
  std::string place;
};

// What Database promises, on any engine: a thread for each session, bounded queues, concurrent writes put
// into one transaction. At least one reader.
std::unique_ptr<Database> make_queued_database(std::unique_ptr<Session> writer,
                                               std::vector<std::unique_ptr<Session>> readers,
                                               QueueLimits limits, EngineIdentity identity);

}  // namespace penstock::database
