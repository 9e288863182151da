#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::tracking {

struct Point {
  double value = 0;
  int64_t step = 0;
  int64_t timestamp_ms = 0;
};

// Points of one or more metrics as bytes, about 12 for each. docs/formats/metric_chunks.md describes them.
class ChunkWriter {
 public:
  void add(std::string_view key, const Point& point);
  size_t size() const { return count_; }
  database::Blob take();  // once

 private:
  std::map<std::string, uint64_t, std::less<>> keys_;
  std::vector<std::string_view> order_;  // of keys_, by number
  std::vector<std::byte> points_;
  size_t count_ = 0;
  Point last_;
};

// Appends the points of `key` to `out`, in the order of their logging. kCorrupt for bytes that are no chunk.
Result<void> read_points(std::span<const std::byte> chunk, std::string_view key, std::vector<Point>& out);

// All points by key.
using PointsByKey = std::map<std::string, std::vector<Point>, std::less<>>;
Result<void> read_all_points(std::span<const std::byte> chunk, PointsByKey& out);

}  // namespace penstock::tracking
