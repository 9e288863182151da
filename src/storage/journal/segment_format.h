#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "core/units.h"
#include "core/uuid.h"
#include "storage/journal/journal.h"

// The bytes of a segment file, version 1. docs/formats/journal_segment.md is the specification.
namespace penstock::journal {

inline constexpr uint64_t kSegmentHeaderBytes = 32;
inline constexpr uint64_t kFrameHeaderBytes = 36;

struct SegmentHeader {
  uint64_t number = 0;
  Timestamp created_at;
};

std::array<char, kSegmentHeaderBytes> encode(const SegmentHeader& header);
// kCorrupt if it is damaged or another segment's; kNotImplemented if a newer version wrote it.
Result<SegmentHeader> decode_segment_header(std::string_view bytes, uint64_t number);

// What stands before a payload. The payload has a checksum of its own, so that it can be computed before the
// place in the file is known, and so that a damaged payload does not hide where the next frame begins.
struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint32_t payload_crc = 0;
  Uuid id;
  Timestamp at;

  uint64_t frame_bytes() const { return kFrameHeaderBytes + payload_bytes; }
};

// Segment and offset are part of the checksum: bytes that look like a frame are one only at their own place.
std::array<char, kFrameHeaderBytes> encode(const FrameHeader& header, Position position);
// nullopt unless `bytes` begins with the header of a frame at `position`.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes, Position position);

// "00000000000000000001.segment", "….index"
std::filesystem::path segment_path(const std::filesystem::path& directory, uint64_t number);
std::filesystem::path index_path(const std::filesystem::path& directory, uint64_t number);
// The number in the file name of a segment, or of an index; nullopt for other files.
std::optional<uint64_t> segment_number(const std::filesystem::path& path);
std::optional<uint64_t> index_number(const std::filesystem::path& path);

}  // namespace penstock::journal
