#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/result.h"
#include "storage/journal/segment_format.h"

namespace penstock::journal {

// A frame found in a segment.
struct Frame {
  uint64_t offset = 0;
  FrameHeader header;
  uint64_t end() const { return offset + header.frame_bytes(); }
};

// Reads one segment file through a window of memory. One thread.
class SegmentReader {
 public:
  // `end`: bytes from there on do not exist for this reader (a writer may be putting them there). The file
  // stays readable when it is deleted meanwhile; kNotFound if it is gone already.
  static Result<SegmentReader> open(const std::filesystem::path& directory, uint64_t number, uint64_t end,
                                    FileCalls& calls);

  // The first frame that begins in [offset, limit), if there is one. Anything between `offset` and the frame
  // is damage. What the end cuts off is no frame.
  Result<std::optional<Frame>> next(uint64_t offset, uint64_t limit);

  // The frame's payload, or nullopt if it does not match its checksum. The view lives until the next call.
  Result<std::optional<std::string_view>> payload(const Frame& frame);

  // Brings [offset, offset + bytes) into memory, so that what follows in it costs no system call.
  Result<void> load_window(uint64_t offset, uint64_t bytes);

  uint64_t number() const { return number_; }
  uint64_t end() const { return end_; }
  const std::filesystem::path& path() const { return path_; }

  // kCorrupt that names file and offset.
  Error damage(uint64_t offset, std::string_view what) const;

 private:
  static constexpr uint64_t kWindowBytes = 256 << 10;

  // The bytes [offset, offset + bytes), fewer at the end.
  Result<std::string_view> bytes_at(uint64_t offset, uint64_t bytes);
  std::optional<Frame> frame_in(std::string_view bytes, uint64_t offset) const;

  FileCalls* calls_ = nullptr;
  std::filesystem::path path_;
  UniqueFd fd_;
  uint64_t number_ = 0;
  uint64_t end_ = 0;
  std::string window_;
  uint64_t window_offset_ = 0;
};

}  // namespace penstock::journal
