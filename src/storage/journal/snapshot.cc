#include "storage/journal/snapshot.h"

#include <algorithm>
#include <ranges>

#include "core/log.h"
#include "storage/journal/segment_survey.h"

namespace penstock::journal {

uint64_t Snapshot::Opened::block_end(size_t block) const {
  const auto& blocks = index->blocks();
  return block + 1 < blocks.size() ? blocks[block + 1].offset : reader.end();
}

Result<std::optional<Snapshot::Opened>> Snapshot::open(const Segment& segment) {
  Result<SegmentReader> reader = SegmentReader::open(directory_, segment.number, segment.bytes, calls_);
  if (!reader && reader.error().code == ErrorCode::kNotFound) {
    if (!*segment.dropped) damage_.report({.code = ErrorCode::kCorrupt, .message = reader.error().message});
    return std::nullopt;
  }
  if (!reader) return Failure(std::move(reader).error());
  ASSIGN_OR_RETURN(auto index, index_of(segment, *reader));
  return Opened{.reader = std::move(*reader), .index = std::move(index)};
}

Result<std::shared_ptr<const SegmentIndex>> Snapshot::index_of(const Segment& segment,
                                                               SegmentReader& reader) {
  if (segment.index) return segment.index;
  Result<SegmentIndex> index = load_index(directory_, segment.number, segment.bytes, calls_);
  if (index) return std::make_shared<const SegmentIndex>(std::move(*index));
  log_warn("journal index is lost, reading the whole segment instead", {{"segment", reader.path().string()}});
  ASSIGN_OR_RETURN(Survey found, survey(reader, damage_));
  return std::make_shared<const SegmentIndex>(std::move(found.index));
}

Result<std::vector<Frame>> Snapshot::frames_of(Opened& opened, size_t block, uint64_t limit) {
  uint64_t begin = opened.index->blocks()[block].offset;
  return frames_between(opened.reader, begin, std::min(opened.block_end(block), limit), damage_);
}

Result<std::optional<Record>> Snapshot::record_of(Opened& opened, const Frame& frame) {
  ASSIGN_OR_RETURN(auto payload, opened.reader.payload(frame));
  if (!payload) {
    damage_.report(opened.reader.damage(frame.offset, "the payload does not match its checksum"));
    return std::nullopt;
  }
  return Record{.id = frame.header.id, .at = frame.header.at, .payload = std::string(*payload)};
}

Result<std::optional<Position>> Snapshot::scan_backwards(Position before, int64_t bytes_max,
                                                         const Journal::Visitor& visit) {
  for (size_t i = segments(); i-- > 0;) {
    if (segment(i).number > before.segment) continue;
    ASSIGN_OR_RETURN(std::optional<Opened> opened, open(segment(i)));
    if (!opened) continue;
    uint64_t limit = opened->reader.end();
    if (segment(i).number == before.segment) limit = std::min(limit, before.offset);
    for (size_t block = opened->index->blocks().size(); block-- > 0;) {
      if (opened->index->blocks()[block].offset >= limit) continue;
      ASSIGN_OR_RETURN(std::vector<Frame> frames, frames_of(*opened, block, limit));
      for (const Frame& frame : frames | std::views::reverse) {
        ASSIGN_OR_RETURN(std::optional<Record> record, record_of(*opened, frame));
        if (!record) continue;
        Position position{segment(i).number, frame.offset};
        bytes_max -= frame.header.payload_bytes;
        if (visit(position, *record) && bytes_max > 0) continue;
        bool first_of_all = i == 0 && block == 0 && frame.offset == frames.front().offset;
        return first_of_all ? std::nullopt : std::optional(position);
      }
    }
  }
  return std::nullopt;
}

Result<std::optional<Position>> Snapshot::scan(Position from, int64_t bytes_max,
                                               const Journal::Visitor& visit) {
  for (size_t i = 0; i < segments(); ++i) {
    if (segment(i).number < from.segment) continue;
    ASSIGN_OR_RETURN(std::optional<Opened> opened, open(segment(i)));
    if (!opened) continue;
    uint64_t begin = segment(i).number == from.segment ? from.offset : 0;
    for (size_t block = 0; block < opened->index->blocks().size(); ++block) {
      if (opened->block_end(block) <= begin) continue;
      ASSIGN_OR_RETURN(std::vector<Frame> frames, frames_of(*opened, block, opened->reader.end()));
      for (const Frame& frame : frames) {
        if (frame.offset < begin) continue;
        ASSIGN_OR_RETURN(std::optional<Record> record, record_of(*opened, frame));
        if (!record) continue;
        bytes_max -= frame.header.payload_bytes;
        if (visit({segment(i).number, frame.offset}, *record) && bytes_max > 0) continue;
        bool last_of_all = i + 1 == segments() && frame.end() >= opened->reader.end();
        return last_of_all ? std::nullopt : std::optional(Position{segment(i).number, frame.end()});
      }
    }
  }
  return std::nullopt;
}

Result<Record> Snapshot::find(const Uuid& id) {
  int64_t id_ms = id.unix_ms();
  for (size_t i = segments(); i-- > 0;) {
    if (!segment(i).extent.may_hold_id_of(id_ms)) continue;
    ASSIGN_OR_RETURN(std::optional<Opened> opened, open(segment(i)));
    if (!opened) continue;
    for (size_t block = opened->index->blocks().size(); block-- > 0;) {
      if (!opened->index->blocks()[block].extent.may_hold_id_of(id_ms)) continue;
      ASSIGN_OR_RETURN(std::vector<Frame> frames, frames_of(*opened, block, opened->reader.end()));
      for (const Frame& frame : frames | std::views::reverse) {
        if (frame.header.id != id) continue;
        ASSIGN_OR_RETURN(std::optional<Record> record, record_of(*opened, frame));
        if (record) return std::move(*record);
        return Failure(
            opened->reader.damage(frame.offset, "record " + id.text() + " does not match its checksum"));
      }
    }
  }
  return Failure(Error::not_found("no record has the id " + id.text()));
}

Result<std::optional<Position>> Snapshot::first_at(Timestamp at) {
  for (size_t i = 0; i < segments(); ++i) {
    if (segment(i).extent.at_us_max < at.us) continue;
    ASSIGN_OR_RETURN(std::optional<Opened> opened, open(segment(i)));
    if (!opened) continue;
    for (size_t block = 0; block < opened->index->blocks().size(); ++block) {
      if (opened->index->blocks()[block].extent.at_us_max < at.us) continue;
      ASSIGN_OR_RETURN(std::vector<Frame> frames, frames_of(*opened, block, opened->reader.end()));
      for (const Frame& frame : frames) {
        if (frame.header.at >= at) return Position{segment(i).number, frame.offset};
      }
    }
  }
  return std::nullopt;
}

}  // namespace penstock::journal
