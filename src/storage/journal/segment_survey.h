#pragma once

#include <cstdint>
#include <vector>

#include "storage/journal/damage_log.h"
#include "storage/journal/segment_index.h"
#include "storage/journal/segment_reader.h"

namespace penstock::journal {

// The frames that begin in [offset, limit), payloads unread. `offset` is where a frame should begin; gaps
// between frames are reported to `damage`.
Result<std::vector<Frame>> frames_between(SegmentReader& reader, uint64_t offset, uint64_t limit,
                                          DamageLog& damage);

// What a whole segment holds, every byte of it read and checked.
struct Survey {
  SegmentIndex index;
  uint64_t records = 0;  // intact ones
  uint64_t end = 0;      // where the last frame ends; anything behind it is a torn tail or damage
};

// Damage before `end` is reported, what stands behind it is the caller's.
Result<Survey> survey(SegmentReader& reader, DamageLog& damage);

// Reports that [from, to) holds no record; nothing if it is empty.
void report_gap(const SegmentReader& reader, uint64_t from, uint64_t to, DamageLog& damage);

}  // namespace penstock::journal
