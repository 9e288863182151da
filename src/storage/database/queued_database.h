#pragma once

#include <memory>
#include <vector>

#include "storage/database/session.h"

namespace penstock::database {

struct QueueLimits {
  size_t queue_max;  // waiting calls of each kind
  size_t batch_max;  // writes that share one transaction
};

// What Database promises, on any engine: a thread for each session, bounded queues, concurrent writes put
// into one transaction. At least one reader.
std::unique_ptr<Database> make_queued_database(std::unique_ptr<Session> writer,
                                               std::vector<std::unique_ptr<Session>> readers,
                                               QueueLimits limits);

}  // namespace penstock::database
