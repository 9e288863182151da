#include "tracking/metric_chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace penstock::tracking {
namespace {

constexpr std::byte kVersion{1};
constexpr size_t kVarintBytesMax = 10;
constexpr uint64_t kKeysMax = 100'000;

void put_varint(std::vector<std::byte>& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::byte>(value));
}

// Small numbers of either sign become small ones (zigzag). Differences wrap around, which adding them undoes.
uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
int64_t difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

void put_double(std::vector<std::byte>& out, double value) {
  static_assert(std::endian::native == std::endian::little);
  size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

// Reads on from one place to the next; `good` turns false for good where bytes are missing.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  uint64_t varint() {
    uint64_t value = 0;
    for (size_t i = 0; i < kVarintBytesMax; ++i) {
      if (i >= rest_.size()) break;
      auto byte = static_cast<uint64_t>(rest_[i]);
      value |= (byte & 0x7F) << (7 * i);
      if ((byte & 0x80) == 0) {
        rest_ = rest_.subspan(i + 1);
        return value;
      }
    }
    good_ = false;
    return 0;
  }
  std::string_view text() {
    uint64_t size = varint();
    if (!good_ || size > rest_.size()) {
      good_ = false;
      return {};
    }
    std::string_view out(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return out;
  }
  double number() {
    double value = 0;
    if (rest_.size() < sizeof value) {
      good_ = false;
      return 0;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_ = rest_.subspan(sizeof value);
    return value;
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  bool good_ = true;
};

Failure corrupt() {
  return Failure(Error{.code = ErrorCode::kCorrupt, .message = "a row of logged metrics cannot be read"});
}

// Calls `on_point(key number, point)` for each point; `keys` is filled before the first.
template <class OnPoint>
Result<void> read_chunk(std::span<const std::byte> chunk, std::vector<std::string_view>& keys,
                        OnPoint on_point) {
  if (chunk.empty() || chunk[0] != kVersion) return corrupt();
  Reader reader(chunk.subspan(1));
  uint64_t key_count = reader.varint();
  if (!reader.good() || key_count > kKeysMax) return corrupt();
  for (uint64_t i = 0; i < key_count && reader.good(); ++i) keys.push_back(reader.text());
  Point point;
  while (reader.good() && !reader.at_end()) {
    uint64_t key = reader.varint();
    point.step = sum(point.step, unzigzag(reader.varint()));
    point.timestamp_ms = sum(point.timestamp_ms, unzigzag(reader.varint()));
    point.value = reader.number();
    if (!reader.good() || key >= key_count) return corrupt();
    on_point(key, point);
  }
  if (!reader.good()) return corrupt();
  return {};
}

}  // namespace

void ChunkWriter::add(std::string_view key, const Point& point) {
  auto known = keys_.find(key);
  if (known == keys_.end()) {
    known = keys_.emplace(key, keys_.size()).first;
    order_.push_back(known->first);
  }
  put_varint(points_, known->second);
  put_varint(points_, zigzag(difference(point.step, last_.step)));
  put_varint(points_, zigzag(difference(point.timestamp_ms, last_.timestamp_ms)));
  put_double(points_, point.value);
  last_ = point;
  ++count_;
}

database::Blob ChunkWriter::take() {
  std::vector<std::byte> out = {kVersion};
  put_varint(out, order_.size());
  for (std::string_view key : order_) {
    put_varint(out, key.size());
    auto bytes = std::as_bytes(std::span(key));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  out.insert(out.end(), points_.begin(), points_.end());
  return out;
}

Result<void> read_points(std::span<const std::byte> chunk, std::string_view key, std::vector<Point>& out) {
  std::vector<std::string_view> keys;
  constexpr uint64_t kUnknown = kKeysMax + 1;
  uint64_t wanted = kUnknown;
  return read_chunk(chunk, keys, [&](uint64_t number, const Point& point) {
    if (wanted == kUnknown) wanted = static_cast<uint64_t>(std::ranges::find(keys, key) - keys.begin());
    if (wanted == number) out.push_back(point);
  });
}

Result<void> read_all_points(std::span<const std::byte> chunk, PointsByKey& out) {
  std::vector<std::string_view> keys;
  std::vector<std::vector<Point>*> lists;
  return read_chunk(chunk, keys, [&](uint64_t number, const Point& point) {
    while (lists.size() < keys.size()) lists.push_back(&out[std::string(keys[lists.size()])]);
    lists[number]->push_back(point);
  });
}

}  // namespace penstock::tracking
