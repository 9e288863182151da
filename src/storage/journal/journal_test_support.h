#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/temporary_directory.h"
#include "storage/journal/journal.h"

namespace penstock::journal {

// Records numbered from 0: the number stands in the payload and decides its length.
class JournalFixture : public testing::Test {
 protected:
  static constexpr int64_t kSegmentBytes = 16 << 10;

  JournalOptions options() const {
    return {.directory = directory_.path() / "requests", .segment_bytes_max = kSegmentBytes};
  }

  std::unique_ptr<Journal> open() { return open(options()); }
  std::unique_ptr<Journal> open(JournalOptions with) {
    auto journal = Journal::open(std::move(with), clock_);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }

  Record record(uint64_t number) {
    clock_.advance_us(1000);
    std::string payload = std::to_string(number) + ":" + std::string((number * 37) % 900, 'x');
    return {.id = Uuid::v7(clock_, random_), .at = clock_.now(), .payload = std::move(payload)};
  }
  static uint64_t number_of(const Record& record) { return std::stoull(record.payload); }

  std::vector<Entry> append(Journal& journal, uint64_t first, uint64_t count) {
    std::vector<Entry> entries;
    for (uint64_t i = first; i < first + count; ++i) {
      Record made = record(i);
      Result<Position> position = journal.append(made);
      EXPECT_TRUE(position) << position.error().message;
      if (position) entries.push_back({*position, std::move(made)});
    }
    return entries;
  }

  static std::vector<uint64_t> numbers(Journal& journal) {
    std::vector<uint64_t> out;
    auto end = journal.scan({}, INT64_MAX, [&](const Position&, const Record& found) {
      out.push_back(number_of(found));
      return true;
    });
    EXPECT_TRUE(end) << end.error().message;
    return out;
  }

  static std::vector<uint64_t> up_to(uint64_t count) {
    std::vector<uint64_t> out(count);
    for (uint64_t i = 0; i < count; ++i) out[i] = i;
    return out;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  SeededRandom random_{7};
};

}  // namespace penstock::journal
