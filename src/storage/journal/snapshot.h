#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "storage/journal/damage_log.h"
#include "storage/journal/journal.h"
#include "storage/journal/segment_index.h"
#include "storage/journal/segment_reader.h"

namespace penstock::journal {

// What a reader needs to know of one segment.
struct Segment {
  uint64_t number = 0;
  uint64_t bytes = 0;
  Extent extent;
  std::shared_ptr<const SegmentIndex> index;  // null: in its index file
  // Set before retention deletes the files, so that a reader knows why they are missing.
  std::shared_ptr<std::atomic<bool>> dropped = std::make_shared<std::atomic<bool>>(false);
};

// The records of a journal at one moment, for reading while others append. Its functions are those of
// Journal.
class Snapshot {
 public:
  // `closed` in order of number; `active` comes after them. Directory, calls and damage log must outlive
  // this.
  Snapshot(const std::filesystem::path& directory, FileCalls& calls, DamageLog& damage,
           std::shared_ptr<const std::vector<Segment>> closed, Segment active)
      : directory_(directory),
        calls_(calls),
        damage_(damage),
        closed_(std::move(closed)),
        active_(std::move(active)) {}

  Result<std::optional<Position>> scan_backwards(Position before, int64_t bytes_max,
                                                 const Journal::Visitor& visit);
  Result<std::optional<Position>> scan(Position from, int64_t bytes_max, const Journal::Visitor& visit);
  Result<Record> find(const Uuid& id);
  Result<std::optional<Position>> first_at(Timestamp at);

 private:
  struct Opened {
    SegmentReader reader;
    std::shared_ptr<const SegmentIndex> index;
    uint64_t block_end(size_t block) const;
  };

  size_t segments() const { return closed_->size() + 1; }
  const Segment& segment(size_t i) const { return i < closed_->size() ? (*closed_)[i] : active_; }
  // nullopt if it was dropped meanwhile, or is missing (which is reported).
  Result<std::optional<Opened>> open(const Segment& segment);
  Result<std::shared_ptr<const SegmentIndex>> index_of(const Segment& segment, SegmentReader& reader);
  Result<std::vector<Frame>> frames_of(Opened& opened, size_t block, uint64_t limit);
  // nullopt, reported, if the payload is damaged.
  Result<std::optional<Record>> record_of(Opened& opened, const Frame& frame);

  const std::filesystem::path& directory_;
  FileCalls& calls_;
  DamageLog& damage_;
  std::shared_ptr<const std::vector<Segment>> closed_;
  Segment active_;
};

}  // namespace penstock::journal
