#include "storage/journal/segment_index.h"

#include <algorithm>

#include "storage/journal/byte_order.h"
#include "storage/journal/crc32c.h"

namespace penstock::journal {
namespace {

constexpr std::string_view kMagic = "PSTKJIX\n";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 8 + 4 + 8 + 8 + 4;  // magic, version, segment, its size, blocks
constexpr size_t kBlockEntryBytes = 6 * 8;
constexpr size_t kCrcBytes = 4;
constexpr size_t kIndexBytesMax = 1 << 30;

class Appender {
 public:
  template <class T>
  Appender& put(T value) {
    char bytes[sizeof value];
    store(bytes, value);
    out_.append(bytes, sizeof value);
    return *this;
  }
  Appender& text(std::string_view bytes) {
    out_ += bytes;
    return *this;
  }
  std::string with_crc() {
    put(crc32c(out_));
    return std::move(out_);
  }

 private:
  std::string out_;
};

class Taker {
 public:
  explicit Taker(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T take() {
    T value = load<T>(rest_.data());
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view text(size_t bytes) {
    std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace

void Extent::add(const FrameHeader& header) {
  int64_t id_ms = header.id.unix_ms();
  add(Extent{.records = 1,
             .at_us_min = header.at.us,
             .at_us_max = header.at.us,
             .id_ms_min = id_ms,
             .id_ms_max = id_ms});
}

void Extent::add(const Extent& other) {
  records += other.records;
  at_us_min = std::min(at_us_min, other.at_us_min);
  at_us_max = std::max(at_us_max, other.at_us_max);
  id_ms_min = std::min(id_ms_min, other.id_ms_min);
  id_ms_max = std::max(id_ms_max, other.id_ms_max);
}

void SegmentIndex::add(uint64_t offset, const FrameHeader& header) {
  // The first block begins with the first byte after the header, so that damage before the first frame is met
  // too.
  if (blocks_.empty()) blocks_.push_back({.offset = kSegmentHeaderBytes, .extent = {}});
  if (offset >= blocks_.back().offset + kBlockBytes) blocks_.push_back({.offset = offset, .extent = {}});
  blocks_.back().extent.add(header);
}

Extent SegmentIndex::total() const {
  Extent total;
  for (const Block& block : blocks_) total.add(block.extent);
  return total;
}

std::string SegmentIndex::encode(uint64_t segment, uint64_t segment_bytes) const {
  Appender out;
  out.text(kMagic).put(kVersion).put(segment).put(segment_bytes).put(static_cast<uint32_t>(blocks_.size()));
  for (const Block& block : blocks_) {
    const Extent& extent = block.extent;
    out.put(block.offset).put(extent.records).put(extent.at_us_min).put(extent.at_us_max);
    out.put(extent.id_ms_min).put(extent.id_ms_max);
  }
  return out.with_crc();
}

Result<SegmentIndex> SegmentIndex::decode(std::string_view bytes, uint64_t segment, uint64_t segment_bytes) {
  auto refuse = [](std::string message) {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = std::move(message)});
  };
  if (bytes.size() < kHeaderBytes + kCrcBytes) return refuse("the index is cut short");
  std::string_view content = bytes.substr(0, bytes.size() - kCrcBytes);
  if (load<uint32_t>(bytes.data() + content.size()) != crc32c(content)) {
    return refuse("the index does not match its checksum");
  }
  Taker in(content);
  if (in.text(kMagic.size()) != kMagic || in.take<uint32_t>() != kVersion)
    return refuse("not an index of version 1");
  if (in.take<uint64_t>() != segment || in.take<uint64_t>() != segment_bytes) {
    return refuse("the index describes another segment, or an earlier state of it");
  }
  auto count = in.take<uint32_t>();
  if (content.size() != kHeaderBytes + count * kBlockEntryBytes)
    return refuse("the index has a wrong length");
  SegmentIndex index;
  index.blocks_.resize(count);
  for (Block& block : index.blocks_) {
    block.offset = in.take<uint64_t>();
    block.extent.records = in.take<uint64_t>();
    block.extent.at_us_min = in.take<int64_t>();
    block.extent.at_us_max = in.take<int64_t>();
    block.extent.id_ms_min = in.take<int64_t>();
    block.extent.id_ms_max = in.take<int64_t>();
  }
  return index;
}

Result<SegmentIndex> load_index(const std::filesystem::path& directory, uint64_t segment,
                                uint64_t segment_bytes, FileCalls& calls) {
  ASSIGN_OR_RETURN(std::string bytes, read_file(index_path(directory, segment), kIndexBytesMax, calls));
  return SegmentIndex::decode(bytes, segment, segment_bytes);
}

Result<void> save_index(const SegmentIndex& index, const std::filesystem::path& directory, uint64_t segment,
                        uint64_t segment_bytes, FileCalls& calls) {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::create(index_path(directory, segment), calls));
  return file.append({index.encode(segment, segment_bytes)});
}

}  // namespace penstock::journal
