// Bytes that changed after they were written.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "storage/journal/byte_order.h"
#include "storage/journal/crc32c.h"
#include "storage/journal/journal_test_support.h"
#include "storage/journal/segment_format.h"

namespace penstock::journal {
namespace {

constexpr int kSeeds = 200;

class DamageTest : public JournalFixture {
 protected:
  std::filesystem::path segment(uint64_t number) const { return segment_path(options().directory, number); }

  static void flip(const std::filesystem::path& path, uint64_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    char byte = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ 0x20));
  }

  static uint64_t frame_bytes(const Entry& entry) { return kFrameHeaderBytes + entry.record.payload.size(); }
};

TEST_F(DamageTest, ADamagedPayloadIsReportedSkippedAndItsNeighboursAreRead) {
  auto entries = append(*open(), 0, 100);
  const Entry& hit = entries[10];
  flip(segment(hit.position.segment), hit.position.offset + kFrameHeaderBytes + 3);
  auto journal = open();
  auto expected = up_to(100);
  std::erase(expected, 10);
  EXPECT_EQ(numbers(*journal), expected);
  ASSERT_EQ(journal->damage().size(), 1);
  EXPECT_EQ(journal->damage()[0].code, ErrorCode::kCorrupt);
  EXPECT_NE(journal->damage()[0].message.find(segment(hit.position.segment).string()), std::string::npos);
  EXPECT_NE(journal->damage()[0].message.find("byte " + std::to_string(hit.position.offset)),
            std::string::npos);
  EXPECT_EQ(journal->find(hit.record.id).error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(journal->find(entries[9].record.id));
  EXPECT_TRUE(journal->find(entries[11].record.id));
}

TEST_F(DamageTest, AnyFlippedByteCostsOneRecordAtMostAndIsNeverSilent) {
  auto entries = append(*open(), 0, 120);
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(static_cast<uint64_t>(seed));
    const Entry& hit = entries[random.next_u64() % (entries.size() - 1)];
    uint64_t offset = hit.position.offset + random.next_u64() % frame_bytes(hit);
    flip(segment(hit.position.segment), offset);
    bool with_index = random.next_u64() % 2 == 0;
    if (!with_index) std::filesystem::remove(index_path(options().directory, hit.position.segment));
    {
      auto journal = open();
      auto expected = up_to(120);
      std::erase(expected, number_of(hit.record));
      EXPECT_EQ(numbers(*journal), expected);
      EXPECT_EQ(journal->damage().size(), 1);
      EXPECT_EQ(journal->recovery().torn_bytes, 0);
    }
    flip(segment(hit.position.segment), offset);
    // The index that was rebuilt meanwhile leaves out a record whose header was damaged.
    std::filesystem::remove(index_path(options().directory, hit.position.segment));
  }
}

TEST_F(DamageTest, ADamagedSegmentHeaderIsReportedAndCostsNoRecord) {
  append(*open(), 0, 100);
  flip(segment(1), 13);
  flip(segment(3), 0);
  auto journal = open();
  EXPECT_EQ(numbers(*journal), up_to(100));
  EXPECT_EQ(journal->damage().size(), 2);
}

TEST_F(DamageTest, ADamagedOrMissingIndexIsRebuilt) {
  auto entries = append(*open(), 0, 100);
  flip(index_path(options().directory, 1), 40);
  std::filesystem::remove(index_path(options().directory, 2));
  auto journal = open();
  EXPECT_EQ(journal->recovery().records, 100);
  EXPECT_EQ(numbers(*journal), up_to(100));
  for (const Entry& entry : entries) EXPECT_TRUE(journal->find(entry.record.id));
  EXPECT_TRUE(journal->damage().empty());
  EXPECT_TRUE(std::filesystem::exists(index_path(options().directory, 2)));
}

TEST_F(DamageTest, AnIndexThatIsLostWhileTheJournalIsOpenIsDoneWithout) {
  append(*open(), 0, 100);
  auto journal = open();
  std::filesystem::remove(index_path(options().directory, 1));
  EXPECT_EQ(numbers(*journal), up_to(100));
}

TEST_F(DamageTest, AMissingSegmentIsReported) {
  append(*open(), 0, 100);
  auto journal = open();
  std::filesystem::remove(segment(2));
  EXPECT_LT(numbers(*journal).size(), 100);
  ASSERT_EQ(journal->damage().size(), 1);
  EXPECT_NE(journal->damage()[0].message.find(segment(2).string()), std::string::npos);
}

TEST_F(DamageTest, ASegmentThatIsMissingAtOpeningIsReported) {
  append(*open(), 0, 100);
  std::filesystem::remove(segment(2));
  auto journal = open();
  ASSERT_EQ(journal->damage().size(), 1);
  EXPECT_NE(journal->damage()[0].message.find(segment(2).string()), std::string::npos);
}

TEST_F(DamageTest, BytesThatLookLikeAFrameInsideAPayloadAreNone) {
  auto journal = open();
  Record inner = record(0);
  Position at = *journal->append(inner);
  std::ifstream file(segment(at.segment), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Record outer = record(1);
  outer.payload += bytes.substr(at.offset);
  Position outer_at = *journal->append(outer);
  append(*journal, 2, 1);
  flip(segment(outer_at.segment), outer_at.offset);
  EXPECT_EQ(numbers(*journal), (std::vector<uint64_t>{0, 2}));
}

TEST_F(DamageTest, ASegmentOfANewerVersionIsRefusedAndLeftAlone) {
  append(*open(), 0, 3);
  // Version 2, with the checksum that it would have.
  auto header = encode(SegmentHeader{.number = 1, .created_at = {1}});
  header[8] = 2;
  store(header.data() + 28, crc32c(view(header).substr(0, 28)));
  std::fstream file(segment(1), std::ios::in | std::ios::out | std::ios::binary);
  file.write(header.data(), header.size());
  file.close();
  auto bytes = std::filesystem::file_size(segment(1));
  auto refused = Journal::open(options(), clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotImplemented);
  EXPECT_NE(refused.error().message.find(segment(1).string()), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(segment(1)), bytes);
}

TEST_F(DamageTest, ALastSegmentWithoutAnythingValidIsKeptAndTheJournalGoesOnBehindIt) {
  auto entries = append(*open(), 0, 100);
  uint64_t last = entries.back().position.segment;
  auto lost =
      std::ranges::count_if(entries, [&](const Entry& entry) { return entry.position.segment == last; });
  std::string garbage(5000, '\x5a');
  std::ofstream(segment(last), std::ios::binary) << garbage;
  for (int opening = 0; opening < 2; ++opening) {
    auto journal = open();
    EXPECT_FALSE(journal->damage().empty());
    append(*journal, 100 + static_cast<uint64_t>(opening), 1);
    EXPECT_EQ(numbers(*journal).size(),
              100 - static_cast<uint64_t>(lost) + 1 + static_cast<uint64_t>(opening));
    EXPECT_EQ(std::filesystem::file_size(segment(last)), garbage.size());
  }
}

TEST_F(DamageTest, ATornTailIsCutOffAndReported) {
  auto entries = append(*open(), 0, 20);
  const Entry& last = entries.back();
  uint64_t size = std::filesystem::file_size(segment(last.position.segment));
  ASSERT_EQ(size, last.position.offset + frame_bytes(last));
  std::filesystem::resize_file(segment(last.position.segment), size - 1);
  auto journal = open();
  EXPECT_EQ(journal->recovery().torn_bytes, frame_bytes(last) - 1);
  EXPECT_EQ(journal->recovery().records, 19);
  append(*journal, 19, 5);
  EXPECT_EQ(numbers(*journal), up_to(24));
  EXPECT_TRUE(journal->damage().empty());
}

}  // namespace
}  // namespace penstock::journal
