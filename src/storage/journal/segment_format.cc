#include "storage/journal/segment_format.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "storage/journal/byte_order.h"
#include "storage/journal/crc32c.h"

namespace penstock::journal {
namespace {

constexpr std::string_view kMagic = "PSTKJNL\n";
constexpr uint32_t kVersion = 1;
constexpr size_t kNumberDigits = 20;
constexpr std::string_view kSegmentSuffix = ".segment";
constexpr std::string_view kIndexSuffix = ".index";

// Offsets of fields.
constexpr size_t kHeaderVersion = 8;
constexpr size_t kHeaderNumber = 12;
constexpr size_t kHeaderCreated = 20;
constexpr size_t kHeaderCrc = 28;

constexpr size_t kFramePayloadBytes = 0;
constexpr size_t kFramePayloadCrc = 4;
constexpr size_t kFrameId = 8;
constexpr size_t kFrameAt = 24;
constexpr size_t kFrameCrc = 32;

uint32_t frame_crc(std::string_view fields, Position position) {
  std::array<char, 16> place{};
  store(place.data(), position.segment);
  store(place.data() + 8, position.offset);
  return crc32c(fields.substr(0, kFrameCrc), crc32c(view(place)));
}

std::filesystem::path numbered(const std::filesystem::path& directory, uint64_t number,
                               std::string_view suffix) {
  std::string digits = std::to_string(number);
  digits.insert(0, kNumberDigits - digits.size(), '0');
  return directory / digits.append(suffix);
}

std::optional<uint64_t> parse_number(std::string_view digits) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<uint64_t> number_before(const std::filesystem::path& path, std::string_view suffix) {
  std::string name = path.filename().string();
  if (name.size() != kNumberDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  return parse_number(std::string_view(name).substr(0, kNumberDigits));
}

}  // namespace

std::string Position::text() const { return std::to_string(segment) + "-" + std::to_string(offset); }

std::optional<Position> Position::parse(std::string_view text) {
  size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::optional<uint64_t> segment = parse_number(text.substr(0, dash));
  std::optional<uint64_t> offset = parse_number(text.substr(dash + 1));
  if (!segment || !offset) return std::nullopt;
  return Position{*segment, *offset};
}

std::array<char, kSegmentHeaderBytes> encode(const SegmentHeader& header) {
  std::array<char, kSegmentHeaderBytes> bytes{};
  std::ranges::copy(kMagic, bytes.begin());
  store(bytes.data() + kHeaderVersion, kVersion);
  store(bytes.data() + kHeaderNumber, header.number);
  store(bytes.data() + kHeaderCreated, header.created_at.us);
  store(bytes.data() + kHeaderCrc, crc32c(view(bytes).substr(0, kHeaderCrc)));
  return bytes;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, uint64_t number) {
  auto corrupt = [](std::string message) {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = std::move(message)});
  };
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic))
    return corrupt("not a journal segment");
  if (load<uint32_t>(bytes.data() + kHeaderCrc) != crc32c(bytes.substr(0, kHeaderCrc))) {
    return corrupt("the segment header does not match its checksum");
  }
  auto version = load<uint32_t>(bytes.data() + kHeaderVersion);
  if (version > kVersion) {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = "segment version " + std::to_string(version) +
                                    " is newer than this program reads (" + std::to_string(kVersion) + ")"});
  }
  SegmentHeader header{.number = load<uint64_t>(bytes.data() + kHeaderNumber),
                       .created_at = {load<int64_t>(bytes.data() + kHeaderCreated)}};
  if (header.number != number)
    return corrupt("the header is that of segment " + std::to_string(header.number));
  return header;
}

std::array<char, kFrameHeaderBytes> encode(const FrameHeader& header, Position position) {
  std::array<char, kFrameHeaderBytes> bytes{};
  store(bytes.data() + kFramePayloadBytes, header.payload_bytes);
  store(bytes.data() + kFramePayloadCrc, header.payload_crc);
  store(bytes.data() + kFrameId, header.id.bytes);
  store(bytes.data() + kFrameAt, header.at.us);
  store(bytes.data() + kFrameCrc, frame_crc(view(bytes), position));
  return bytes;
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, Position position) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  if (load<uint32_t>(bytes.data() + kFrameCrc) != frame_crc(bytes, position)) return std::nullopt;
  return FrameHeader{.payload_bytes = load<uint32_t>(bytes.data() + kFramePayloadBytes),
                     .payload_crc = load<uint32_t>(bytes.data() + kFramePayloadCrc),
                     .id = {load<decltype(Uuid::bytes)>(bytes.data() + kFrameId)},
                     .at = {load<int64_t>(bytes.data() + kFrameAt)}};
}

std::filesystem::path segment_path(const std::filesystem::path& directory, uint64_t number) {
  return numbered(directory, number, kSegmentSuffix);
}

std::filesystem::path index_path(const std::filesystem::path& directory, uint64_t number) {
  return numbered(directory, number, kIndexSuffix);
}

std::optional<uint64_t> segment_number(const std::filesystem::path& path) {
  return number_before(path, kSegmentSuffix);
}

std::optional<uint64_t> index_number(const std::filesystem::path& path) {
  return number_before(path, kIndexSuffix);
}

}  // namespace penstock::journal
