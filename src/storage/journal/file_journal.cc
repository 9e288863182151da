#include "storage/journal/file_journal.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "core/await_callback.h"
#include "core/log.h"
#include "storage/journal/byte_order.h"
#include "storage/journal/crc32c.h"

namespace penstock::journal {
namespace {

// With retention by age the segment in use is closed when its oldest record has lived this fraction of the
// age, so that records are dropped at most that much late even where few arrive.
constexpr int64_t kAgeFraction = 8;

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(JournalOptions options, const Clock& clock, FileCalls& calls) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return Failure(Error::from_errno(error.value(), "cannot make directory " + options.directory.string()));
  }
  ASSIGN_OR_RETURN(UniqueFd lock,
                   lock_file(options.directory / "lock", LockKind::kExclusive, LockWait::kTry));
  auto damage = std::make_unique<DamageLog>();
  ASSIGN_OR_RETURN(Recovered recovered, recover(options.directory, clock, calls, *damage));
  return std::make_unique<FileJournal>(std::move(options), clock, calls, std::move(lock), std::move(damage),
                                       std::move(recovered));
}

FileJournal::FileJournal(JournalOptions options, const Clock& clock, FileCalls& calls, UniqueFd lock,
                         std::unique_ptr<DamageLog> damage, Recovered recovered)
    : options_(std::move(options)),
      clock_(clock),
      calls_(calls),
      lock_(std::move(lock)),
      damage_(std::move(damage)),
      recovery_(recovered.recovery),
      closed_(std::make_shared<const Segments>(std::move(recovered.closed))),
      number_(recovered.number),
      file_(std::make_shared<AppendFile>(std::move(recovered.file))),
      index_(std::move(recovered.index)),
      sync_({.directory = options_.directory,
             .interval_ms = options_.sync_interval_ms,
             .upkeep = [this] { upkeep(); }},
            file_, Position{number_, static_cast<uint64_t>(file_->size())}, calls_) {}

Result<Position> FileJournal::append(const Record& record) {
  auto payload_bytes = static_cast<int64_t>(record.payload.size());
  int64_t payload_max = std::min<int64_t>(options_.record_bytes_max, std::numeric_limits<uint32_t>::max());
  if (payload_bytes > payload_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "a journal record has " + std::to_string(payload_bytes) +
                                    " bytes, more than record_bytes_max (" + std::to_string(payload_max) +
                                    ")"});
  }
  FrameHeader header{.payload_bytes = static_cast<uint32_t>(payload_bytes),
                     .payload_crc = crc32c(record.payload),
                     .id = record.id,
                     .at = record.at};

  std::lock_guard lock(mutex_);
  bool full = file_->size() + static_cast<int64_t>(header.frame_bytes()) > options_.segment_bytes_max;
  if (full && !index_.blocks().empty()) RETURN_IF_ERROR(start_segment());
  Position position{number_, static_cast<uint64_t>(file_->size())};
  auto head = encode(header, position);
  RETURN_IF_ERROR(file_->append({view(head), record.payload}));
  index_.add(position.offset, header);
  sync_.appended({number_, static_cast<uint64_t>(file_->size())});
  followers_.tell(position, record);
  return position;
}

Result<void> FileJournal::start_segment() {
  RETURN_IF_ERROR(file_->repair());
  ASSIGN_OR_RETURN(AppendFile next, create_segment(options_.directory, number_ + 1, clock_, calls_));
  Segment full{.number = number_,
               .bytes = static_cast<uint64_t>(file_->size()),
               .extent = index_.total(),
               .index = std::make_shared<const SegmentIndex>(std::move(index_))};
  auto closed = std::make_shared<Segments>(*closed_);
  closed->push_back(full);
  closed_ = std::move(closed);
  without_index_file_.push_back(std::move(full));
  ++number_;
  file_ = std::make_shared<AppendFile>(std::move(next));
  index_ = {};
  sync_.started(file_);
  return {};
}

Task<Result<void>> FileJournal::durable(Position position) {
  if (options_.durability == Durability::kProcess) co_return Result<void>{};
  auto start = [this, position](std::function<void(Result<void>)> done) {
    sync_.when_durable(position, std::move(done));
  };
  co_return co_await await_callback<Result<void>>(start);
}

Position FileJournal::end() {
  std::lock_guard lock(mutex_);
  return {number_, static_cast<uint64_t>(file_->size())};
}

Snapshot FileJournal::snapshot() {
  std::lock_guard lock(mutex_);
  Segment active{.number = number_,
                 .bytes = static_cast<uint64_t>(file_->size()),
                 .extent = index_.total(),
                 .index = std::make_shared<const SegmentIndex>(index_)};
  return Snapshot(options_.directory, calls_, *damage_, closed_, std::move(active));
}

Result<std::optional<Position>> FileJournal::scan_backwards(std::optional<Position> before, int64_t bytes_max,
                                                            const Visitor& visit) {
  constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
  return snapshot().scan_backwards(before.value_or(Position{kEnd, kEnd}), bytes_max, visit);
}

Result<std::optional<Position>> FileJournal::scan(Position from, int64_t bytes_max, const Visitor& visit) {
  return snapshot().scan(from, bytes_max, visit);
}

Result<Record> FileJournal::find(const Uuid& id) { return snapshot().find(id); }

Result<std::optional<Position>> FileJournal::first_at(Timestamp at) { return snapshot().first_at(at); }

Journal::Follower FileJournal::follow(std::function<void(const Position&, const Record&)> on_record) {
  return followers_.add(std::move(on_record));
}

void FileJournal::upkeep() {
  close_aged_segment();
  save_indexes();
  drop_old_segments();
}

void FileJournal::close_aged_segment() {
  if (options_.retention_us_max == 0) return;
  std::lock_guard lock(mutex_);
  int64_t oldest_us = index_.total().at_us_min;
  if (index_.blocks().empty() || oldest_us > clock_.now().us - options_.retention_us_max / kAgeFraction)
    return;
  if (Result<void> started = start_segment(); !started) {
    log_warn("journal segment is kept beyond its age", {{"what", started.error().message}});
  }
}

void FileJournal::save_indexes() {
  std::vector<Segment> unsaved;
  {
    std::lock_guard lock(mutex_);
    unsaved.swap(without_index_file_);
  }
  for (const Segment& segment : unsaved) {
    // Not needed to be right, only to be quick and small: after a failure it stays in memory.
    Result<void> saved =
        save_index(*segment.index, options_.directory, segment.number, segment.bytes, calls_);
    if (saved) {
      forget_index(segment.number);
    } else {
      log_warn("journal index is not saved", {{"what", saved.error().message}});
    }
  }
}

void FileJournal::forget_index(uint64_t number) {
  std::lock_guard lock(mutex_);
  auto closed = std::make_shared<Segments>(*closed_);
  auto saved = std::ranges::find(*closed, number, &Segment::number);
  if (saved != closed->end()) saved->index = nullptr;
  closed_ = std::move(closed);
}

size_t FileJournal::segments_to_drop(const Segments& closed, int64_t active_bytes) const {
  int64_t bytes = active_bytes;
  for (const Segment& segment : closed) bytes += static_cast<int64_t>(segment.bytes);
  size_t drop = 0;
  int64_t oldest_us = clock_.now().us - options_.retention_us_max;
  for (size_t i = 0; i < closed.size(); ++i) {
    const Segment& segment = closed[i];
    bool too_much = options_.retention_bytes_max > 0 && bytes > options_.retention_bytes_max;
    // A segment without one readable record has no age of its own: it goes with its successor.
    bool ageless = segment.extent.records == 0;
    bool too_old = options_.retention_us_max > 0 && (ageless || segment.extent.at_us_max < oldest_us);
    if (!too_much && !too_old) break;
    if (too_much || !ageless) drop = i + 1;
    bytes -= static_cast<int64_t>(segment.bytes);
  }
  return drop;
}

void FileJournal::drop_old_segments() {
  Segments dropped;
  {
    std::lock_guard lock(mutex_);
    size_t count = segments_to_drop(*closed_, file_->size());
    if (count == 0) return;
    auto first_kept = closed_->begin() + static_cast<ptrdiff_t>(count);
    dropped.assign(closed_->begin(), first_kept);
    closed_ = std::make_shared<const Segments>(first_kept, closed_->end());
  }
  for (const Segment& segment : dropped) {
    *segment.dropped = true;
    std::filesystem::path path = segment_path(options_.directory, segment.number);
    // The segment first: an index alone is removed at the next start.
    if (calls_.unlink(path.c_str()) != 0) {
      log_warn("old journal segment cannot be removed; tried again at the next start",
               {{"path", path.string()}});
      continue;
    }
    calls_.unlink(index_path(options_.directory, segment.number).c_str());
    log_info("journal segment dropped by retention",
             {{"path", path.string()}, {"records", segment.extent.records}, {"bytes", segment.bytes}});
  }
}

}  // namespace penstock::journal
