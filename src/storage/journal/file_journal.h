#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/file.h"
#include "storage/journal/damage_log.h"
#include "storage/journal/followers.h"
#include "storage/journal/group_sync.h"
#include "storage/journal/journal.h"
#include "storage/journal/recover.h"
#include "storage/journal/snapshot.h"

namespace penstock::journal {

// The journal on local files.
class FileJournal : public Journal {
 public:
  FileJournal(JournalOptions options, const Clock& clock, FileCalls& calls, UniqueFd lock,
              std::unique_ptr<DamageLog> damage, Recovered recovered);

  Result<Position> append(const Record& record) override;
  Task<Result<void>> durable(Position position) override;
  Position end() override;
  Result<std::optional<Position>> scan_backwards(std::optional<Position> before, int64_t bytes_max,
                                                 const Visitor& visit) override;
  Result<std::optional<Position>> scan(Position from, int64_t bytes_max, const Visitor& visit) override;
  Result<Record> find(const Uuid& id) override;
  Result<std::optional<Position>> first_at(Timestamp at) override;
  Follower follow(std::function<void(const Position&, const Record&)> on_record) override;
  const Recovery& recovery() const override { return recovery_; }
  std::vector<Error> damage() const override { return damage_->all(); }

 private:
  using Segments = std::vector<Segment>;

  Snapshot snapshot();
  // With mutex_ held.
  Result<void> start_segment();
  // On the sync thread.
  void upkeep();
  void close_aged_segment();
  void save_indexes();
  void forget_index(uint64_t number);
  void drop_old_segments();
  size_t segments_to_drop(const Segments& closed, int64_t active_bytes) const;

  const JournalOptions options_;
  const Clock& clock_;
  FileCalls& calls_;
  const UniqueFd lock_;
  const std::unique_ptr<DamageLog> damage_;
  const Recovery recovery_;
  Followers followers_;

  std::mutex mutex_;                         // guards what follows, and the order of appends
  std::shared_ptr<const Segments> closed_;   // replaced whole, so that readers keep theirs
  std::vector<Segment> without_index_file_;  // closed, but their index is only in memory yet
  uint64_t number_;
  std::shared_ptr<AppendFile> file_;
  SegmentIndex index_;
  GroupSync sync_;  // last: its thread calls upkeep()
};

}  // namespace penstock::journal
