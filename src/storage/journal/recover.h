#pragma once

#include <cstdint>
#include <vector>

#include "core/file.h"
#include "storage/journal/damage_log.h"
#include "storage/journal/journal.h"
#include "storage/journal/segment_index.h"
#include "storage/journal/snapshot.h"

namespace penstock::journal {

// A journal's directory, put in order.
struct Recovered {
  std::vector<Segment> closed;
  uint64_t number = 0;  // of the segment to append to
  AppendFile file;
  SegmentIndex index;
  Recovery recovery;
};

// Reads the directory after any kind of end: cuts off a torn tail of the last segment, rebuilds lost indexes,
// begins the first segment, removes what a crash left over. The caller holds the lock file.
Result<Recovered> recover(const std::filesystem::path& directory, const Clock& clock, FileCalls& calls,
                          DamageLog& damage);

// A new segment file with its header and nothing else. What a failure leaves is overwritten by the next try.
Result<AppendFile> create_segment(const std::filesystem::path& directory, uint64_t number, const Clock& clock,
                                  FileCalls& calls);

}  // namespace penstock::journal
