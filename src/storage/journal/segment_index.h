#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "storage/journal/segment_format.h"

namespace penstock::journal {

// Which records stand in a stretch of a segment: how many, from when, and with ids made when.
struct Extent {
  uint64_t records = 0;
  int64_t at_us_min = std::numeric_limits<int64_t>::max();
  int64_t at_us_max = std::numeric_limits<int64_t>::min();
  int64_t id_ms_min = std::numeric_limits<int64_t>::max();
  int64_t id_ms_max = std::numeric_limits<int64_t>::min();

  void add(const FrameHeader& header);
  void add(const Extent& other);
  bool may_hold_id_of(int64_t unix_ms) const { return id_ms_min <= unix_ms && unix_ms <= id_ms_max; }
};

// A stretch of frames of about kBlockBytes; it ends where the next one begins.
struct Block {
  uint64_t offset = 0;
  Extent extent;
};

// Where to look in one segment. Derived from the segment and rebuilt from it when lost.
class SegmentIndex {
 public:
  static constexpr uint64_t kBlockBytes = 256 << 10;

  // Frames in order of offset.
  void add(uint64_t offset, const FrameHeader& header);

  const std::vector<Block>& blocks() const { return blocks_; }
  Extent total() const;

  // The content of an index file. `segment_bytes` is the size of the segment that it describes.
  std::string encode(uint64_t segment, uint64_t segment_bytes) const;
  // kCorrupt unless `bytes` is the undamaged index of exactly that segment.
  static Result<SegmentIndex> decode(std::string_view bytes, uint64_t segment, uint64_t segment_bytes);

 private:
  std::vector<Block> blocks_;
};

// The index of a closed segment as its file says; an error of any kind means that it has to be made again.
Result<SegmentIndex> load_index(const std::filesystem::path& directory, uint64_t segment,
                                uint64_t segment_bytes, FileCalls& calls);
// Writes that file. It is not synced: what a crash leaves of it does not match its checksum.
Result<void> save_index(const SegmentIndex& index, const std::filesystem::path& directory, uint64_t segment,
                        uint64_t segment_bytes, FileCalls& calls);

}  // namespace penstock::journal
