#include "storage/journal/segment_survey.h"

#include <string>

namespace penstock::journal {

void report_gap(const SegmentReader& reader, uint64_t from, uint64_t to, DamageLog& damage) {
  if (from >= to) return;
  damage.report(reader.damage(from, std::to_string(to - from) + " bytes hold no valid record"));
}

Result<std::vector<Frame>> frames_between(SegmentReader& reader, uint64_t offset, uint64_t limit,
                                          DamageLog& damage) {
  RETURN_IF_ERROR(reader.load_window(offset, limit - offset));
  std::vector<Frame> frames;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Frame> frame, reader.next(offset, limit));
    report_gap(reader, offset, frame ? frame->offset : limit, damage);
    if (!frame) return frames;
    frames.push_back(*frame);
    offset = frame->end();
  }
}

Result<Survey> survey(SegmentReader& reader, DamageLog& damage) {
  Survey found{.index = {}, .end = kSegmentHeaderBytes};
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Frame> frame, reader.next(found.end, reader.end()));
    if (!frame) return found;
    report_gap(reader, found.end, frame->offset, damage);
    ASSIGN_OR_RETURN(auto payload, reader.payload(*frame));
    if (payload) {
      ++found.records;
    } else {
      damage.report(reader.damage(frame->offset, "the payload does not match its checksum"));
    }
    found.index.add(frame->offset, frame->header);
    found.end = frame->end();
  }
}

}  // namespace penstock::journal
