#include "storage/journal/segment_reader.h"

#include <algorithm>

#include "storage/journal/byte_order.h"
#include "storage/journal/crc32c.h"

namespace penstock::journal {

Result<SegmentReader> SegmentReader::open(const std::filesystem::path& directory, uint64_t number,
                                          uint64_t end, FileCalls& calls) {
  SegmentReader reader;
  reader.calls_ = &calls;
  reader.path_ = segment_path(directory, number);
  ASSIGN_OR_RETURN(reader.fd_, open_for_reading(reader.path_, calls));
  reader.number_ = number;
  reader.end_ = end;
  return reader;
}

Result<std::optional<Frame>> SegmentReader::next(uint64_t offset, uint64_t limit) {
  while (offset < limit && offset + kFrameHeaderBytes <= end_) {
    ASSIGN_OR_RETURN(std::string_view bytes, bytes_at(offset, kFrameHeaderBytes));
    if (bytes.size() < kFrameHeaderBytes) break;
    // Usually the first try hits. Behind damage every byte of the window is tried.
    bytes = std::string_view(window_).substr(offset - window_offset_);
    for (; bytes.size() >= kFrameHeaderBytes && offset < limit; bytes.remove_prefix(1), ++offset) {
      if (std::optional<Frame> frame = frame_in(bytes, offset)) return frame;
    }
  }
  return std::nullopt;
}

std::optional<Frame> SegmentReader::frame_in(std::string_view bytes, uint64_t offset) const {
  // A length that does not fit costs no checksum: this is what makes the search behind damage quick.
  uint64_t length = kFrameHeaderBytes + load<uint32_t>(bytes.data());
  if (offset + length > end_) return std::nullopt;
  std::optional<FrameHeader> header = decode_frame_header(bytes, {number_, offset});
  if (!header) return std::nullopt;
  return Frame{.offset = offset, .header = *header};
}

Result<std::optional<std::string_view>> SegmentReader::payload(const Frame& frame) {
  uint64_t bytes = frame.header.payload_bytes;
  ASSIGN_OR_RETURN(std::string_view found, bytes_at(frame.offset + kFrameHeaderBytes, bytes));
  if (found.size() != bytes || crc32c(found) != frame.header.payload_crc) return std::nullopt;
  return found;
}

Result<void> SegmentReader::load_window(uint64_t offset, uint64_t bytes) {
  RETURN_IF_ERROR(bytes_at(offset, bytes));
  return {};
}

Result<std::string_view> SegmentReader::bytes_at(uint64_t offset, uint64_t bytes) {
  if (offset >= end_) return std::string_view();
  bytes = std::min(bytes, end_ - offset);
  bool inside = offset >= window_offset_ && offset + bytes <= window_offset_ + window_.size();
  if (!inside) {
    uint64_t wanted = std::min(std::max(bytes, kWindowBytes), end_ - offset);
    window_.resize(wanted);
    window_offset_ = offset;
    Result<size_t> got = read_at(fd_.get(), window_, static_cast<int64_t>(offset), path_, *calls_);
    window_.resize(got.value_or(0));
    if (!got) return Failure(std::move(got).error());
    bytes = std::min<uint64_t>(bytes, *got);
  }
  return std::string_view(window_).substr(offset - window_offset_, bytes);
}

Error SegmentReader::damage(uint64_t offset, std::string_view what) const {
  return Error{.code = ErrorCode::kCorrupt,
               .message = path_.string() + " at byte " + std::to_string(offset) + ": " + std::string(what)};
}

}  // namespace penstock::journal
