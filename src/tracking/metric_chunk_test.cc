#include "tracking/metric_chunk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"

namespace penstock::tracking {
namespace {

TEST(MetricChunk, ReadsBackEveryPointByKey) {
  SeededRandom random(20261125);
  ChunkWriter writer;
  PointsByKey wanted;
  for (int i = 0; i < 500; ++i) {
    std::string key = "k" + std::to_string(random.next_u64() % 7);
    Point point{static_cast<double>(random.next_u64()), static_cast<int64_t>(random.next_u64()),
                static_cast<int64_t>(random.next_u64())};
    writer.add(key, point);
    wanted[key].push_back(point);
  }
  database::Blob chunk = writer.take();
  PointsByKey all;
  ASSERT_TRUE(read_all_points(chunk, all));
  ASSERT_EQ(all.size(), wanted.size());
  for (const auto& [key, points] : wanted) {
    std::vector<Point> read;
    ASSERT_TRUE(read_points(chunk, key, read));
    ASSERT_EQ(read.size(), points.size());
    for (size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(read[i].value, points[i].value);
      EXPECT_EQ(read[i].step, points[i].step);
      EXPECT_EQ(read[i].timestamp_ms, points[i].timestamp_ms);
      EXPECT_EQ(all[key][i].step, points[i].step);
    }
  }
  std::vector<Point> none;
  ASSERT_TRUE(read_points(chunk, "other", none));
  EXPECT_TRUE(none.empty());
}

TEST(MetricChunk, KeepsNanAndTheGreatestNumbers) {
  ChunkWriter writer;
  writer.add("a", {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<int64_t>::min(), 0});
  writer.add("a", {std::numeric_limits<double>::max(), std::numeric_limits<int64_t>::max(), 1});
  std::vector<Point> read;
  ASSERT_TRUE(read_points(writer.take(), "a", read));
  EXPECT_TRUE(std::isnan(read.at(0).value));
  EXPECT_EQ(read.at(1).step, std::numeric_limits<int64_t>::max());
}

// What version 1 wrote must be read for good.
TEST(MetricChunk, ReadsVersionOne) {
  constexpr unsigned char kBytes[] = {1, 2,    1,    'a', 2, 'b', 'c', 0, 2, 20, 0, 0, 0, 0,   0,
                                      0, 0xF0, 0x3F, 1,   1, 1,   0,   0, 0, 0,  0, 0, 0, 0xC0};
  std::vector<Point> a;
  std::vector<Point> bc;
  ASSERT_TRUE(read_points(std::as_bytes(std::span(kBytes)), "a", a));
  ASSERT_TRUE(read_points(std::as_bytes(std::span(kBytes)), "bc", bc));
  EXPECT_EQ(a.at(0).value, 1.0);
  EXPECT_EQ(a.at(0).step, 1);
  EXPECT_EQ(a.at(0).timestamp_ms, 10);
  EXPECT_EQ(bc.at(0).value, -2.0);
  EXPECT_EQ(bc.at(0).step, 0);
  EXPECT_EQ(bc.at(0).timestamp_ms, 9);
}

TEST(MetricChunk, RefusesDamagedBytes) {
  SeededRandom random(7);
  ChunkWriter writer;
  for (int i = 0; i < 20; ++i) writer.add("key" + std::to_string(i % 3), {1.5, i, i});
  database::Blob chunk = writer.take();
  std::vector<Point> out;
  EXPECT_FALSE(read_points({}, "a", out));
  EXPECT_FALSE(read_points(std::span(chunk).first(chunk.size() - 3), "a", out));
  for (int round = 0; round < 2'000; ++round) {
    database::Blob damaged = chunk;
    damaged[random.next_u64() % damaged.size()] = static_cast<std::byte>(random.next_u64());
    std::ignore = read_points(damaged, "key1", out);
    PointsByKey all;
    std::ignore = read_all_points(damaged, all);
  }
}

}  // namespace
}  // namespace penstock::tracking
