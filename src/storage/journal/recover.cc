#include "storage/journal/recover.h"

#include <set>
#include <system_error>

#include "core/log.h"
#include "storage/journal/byte_order.h"
#include "storage/journal/segment_reader.h"
#include "storage/journal/segment_survey.h"

namespace penstock::journal {
namespace {

// What the header says: whether it is intact. A newer version is an error.
Result<bool> has_valid_header(const std::filesystem::path& path, uint64_t number, FileCalls& calls) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path, calls));
  std::array<char, kSegmentHeaderBytes> bytes{};
  ASSIGN_OR_RETURN(size_t got, read_at(fd.get(), bytes, 0, path, calls));
  Result<SegmentHeader> header = decode_segment_header(view(bytes).substr(0, got), number);
  if (header) return true;
  if (header.error().code == ErrorCode::kCorrupt) return false;
  Error error = header.error();
  error.message = path.string() + ": " + error.message;
  return Failure(std::move(error));
}

// Segments by number. Indexes without a segment are removed.
Result<std::set<uint64_t>> list_segments(const std::filesystem::path& directory, FileCalls& calls) {
  std::set<uint64_t> segments;
  std::vector<uint64_t> indexes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (auto number = segment_number(entry.path())) segments.insert(*number);
    if (auto number = index_number(entry.path())) indexes.push_back(*number);
  }
  if (error) return Failure(Error::from_errno(error.value(), "cannot list " + directory.string()));
  for (uint64_t number : indexes) {
    if (!segments.contains(number)) calls.unlink(index_path(directory, number).c_str());
  }
  return segments;
}

class DirectoryRecovery {
 public:
  DirectoryRecovery(const std::filesystem::path& directory, const Clock& clock, FileCalls& calls,
                    DamageLog& damage)
      : directory_(directory), clock_(clock), calls_(calls), damage_(damage) {}

  // Every segment but the last.
  Result<Segment> closed_segment(uint64_t number) {
    std::filesystem::path path = segment_path(directory_, number);
    ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path, calls_));
    ASSIGN_OR_RETURN(int64_t size, file_bytes(fd.get(), path));
    auto bytes = static_cast<uint64_t>(size);
    RETURN_IF_ERROR(check_header(path, number));
    Segment segment{.number = number, .bytes = bytes, .extent = {}, .index = {}};
    if (Result<SegmentIndex> index = load_index(directory_, number, bytes, calls_)) {
      segment.extent = index->total();
      recovery_.records += segment.extent.records;
      return segment;
    }
    ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::open(directory_, number, bytes, calls_));
    ASSIGN_OR_RETURN(Survey found, survey(reader, damage_));
    report_gap(reader, found.end, bytes, damage_);
    recovery_.records += found.records;
    segment.extent = found.index.total();
    if (Result<void> saved = save_index(found.index, directory_, number, bytes, calls_); !saved) {
      log_warn("journal index is not saved",
               {{"what", saved.error().message}});  // a full disk can still be read
      segment.index = std::make_shared<const SegmentIndex>(std::move(found.index));
    }
    return segment;
  }

  // The last one: after a crash its tail may be torn.
  Result<void> last_segment(uint64_t number, Recovered& out) {
    std::filesystem::path path = segment_path(directory_, number);
    ASSIGN_OR_RETURN(bool header_valid, has_valid_header(path, number, calls_));
    ASSIGN_OR_RETURN(AppendFile file, AppendFile::open(path, calls_));
    auto bytes = static_cast<uint64_t>(file.size());
    ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::open(directory_, number, bytes, calls_));
    ASSIGN_OR_RETURN(Survey found, survey(reader, damage_));
    bool nothing_valid = !header_valid && found.index.blocks().empty();
    if (nothing_valid && bytes > kSegmentHeaderBytes) {
      // No crash leaves this. It is kept for whoever can make sense of it, and the journal goes on behind it.
      report_gap(reader, 0, bytes, damage_);
      out.closed.push_back(
          {.number = number, .bytes = bytes, .extent = {}, .index = std::make_shared<const SegmentIndex>()});
      out.number = number + 1;
      ASSIGN_OR_RETURN(out.file, create_segment(directory_, out.number, clock_, calls_));
      return {};
    }
    if (nothing_valid) {
      recovery_.torn_bytes += bytes;  // killed while it was begun
      ASSIGN_OR_RETURN(file, create_segment(directory_, number, clock_, calls_));
    } else {
      if (!header_valid) damage_.report(reader.damage(0, "the segment header is damaged"));
      RETURN_IF_ERROR(cut_torn_tail(file, found.end));
    }
    recovery_.records += found.records;
    out.number = number;
    out.file = std::move(file);
    out.index = std::move(found.index);
    return {};
  }

  const Recovery& recovery() const { return recovery_; }

 private:
  Result<void> cut_torn_tail(AppendFile& file, uint64_t end) {
    uint64_t torn = static_cast<uint64_t>(file.size()) - end;
    if (torn == 0) return {};
    recovery_.torn_bytes += torn;
    log_warn("journal ended in the middle of a record, which was never acknowledged: cut off",
             {{"segment", file.path().string()}, {"offset", end}, {"bytes", torn}});
    return file.truncate(static_cast<int64_t>(end));
  }

  Result<void> check_header(const std::filesystem::path& path, uint64_t number) {
    ASSIGN_OR_RETURN(bool valid, has_valid_header(path, number, calls_));
    if (!valid) {
      damage_.report(
          {.code = ErrorCode::kCorrupt, .message = path.string() + " at byte 0: the header is damaged"});
    }
    return {};
  }

  const std::filesystem::path& directory_;
  const Clock& clock_;
  FileCalls& calls_;
  DamageLog& damage_;
  Recovery recovery_;
};

}  // namespace

Result<AppendFile> create_segment(const std::filesystem::path& directory, uint64_t number, const Clock& clock,
                                  FileCalls& calls) {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::create(segment_path(directory, number), calls));
  auto header = encode(SegmentHeader{.number = number, .created_at = clock.now()});
  RETURN_IF_ERROR(file.append({view(header)}));
  return file;
}

Result<Recovered> recover(const std::filesystem::path& directory, const Clock& clock, FileCalls& calls,
                          DamageLog& damage) {
  ASSIGN_OR_RETURN(std::set<uint64_t> numbers, list_segments(directory, calls));
  Recovered out;
  if (numbers.empty()) {
    out.number = 1;
    ASSIGN_OR_RETURN(out.file, create_segment(directory, out.number, clock, calls));
    out.recovery.segments = 1;
    return out;
  }
  DirectoryRecovery work(directory, clock, calls, damage);
  uint64_t last = *numbers.rbegin();
  uint64_t expected = *numbers.begin();  // retention drops the oldest first and leaves no gap
  for (uint64_t number : numbers) {
    if (number != expected) {
      damage.report({.code = ErrorCode::kCorrupt,
                     .message = segment_path(directory, expected).string() +
                                " is missing, and what follows up to " + std::to_string(number - 1)});
    }
    expected = number + 1;
    if (number == last) break;
    ASSIGN_OR_RETURN(Segment segment, work.closed_segment(number));
    out.closed.push_back(std::move(segment));
  }
  RETURN_IF_ERROR(work.last_segment(last, out));
  out.recovery = work.recovery();
  out.recovery.segments = numbers.size();
  return out;
}

}  // namespace penstock::journal
