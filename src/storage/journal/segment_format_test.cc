#include "storage/journal/segment_format.h"

#include <gtest/gtest.h>

#include <fstream>

#include "storage/journal/crc32c.h"
#include "storage/journal/journal_test_support.h"

namespace penstock::journal {
namespace {

// Published check values: RFC 3720 appendix B.4.
TEST(Crc32c, MatchesThePublishedValues) {
  for (auto* function : {&crc32c, &crc32c_portable}) {
    EXPECT_EQ(function(std::string(32, '\0'), 0), 0x8a9136aa);
    EXPECT_EQ(function(std::string(32, '\xff'), 0), 0x62a8ab43);
    EXPECT_EQ(function("123456789", 0), 0xe3069283);
    EXPECT_EQ(function("", 0), 0);
  }
}

TEST(Crc32c, BothImplementationsAgreeOnEveryLengthAndSplit) {
  SeededRandom random(1);
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(crc32c(bytes), crc32c_portable(bytes));
    size_t cut = random.next_u64() % (bytes.size() + 1);
    std::string_view view = bytes;
    EXPECT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), crc32c(bytes));
    bytes += static_cast<char>(random.next_u64());
  }
}

class FormatTest : public JournalFixture {
 protected:
  SeededRandom first_random_{1};
};

TEST_F(FormatTest, AFrameIsValidOnlyAtItsOwnPlace) {
  FrameHeader header{.payload_bytes = 5, .payload_crc = crc32c("hello"), .id = {}, .at = {123}};
  auto bytes = encode(header, {.segment = 3, .offset = 32});
  std::string_view view(bytes.data(), bytes.size());
  auto decoded = decode_frame_header(view, {.segment = 3, .offset = 32});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->payload_bytes, 5);
  EXPECT_EQ(decoded->at.us, 123);
  EXPECT_FALSE(decode_frame_header(view, {.segment = 3, .offset = 33}));
  EXPECT_FALSE(decode_frame_header(view, {.segment = 4, .offset = 32}));
  EXPECT_FALSE(decode_frame_header(view.substr(0, 35), {.segment = 3, .offset = 32}));
}

TEST_F(FormatTest, FileNamesReadBackAndOthersAreNotSegments) {
  EXPECT_EQ(segment_path("d", 17), "d/00000000000000000017.segment");
  EXPECT_EQ(segment_number(segment_path("d", UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(index_number(index_path("d", 5)), 5);
  EXPECT_FALSE(index_number(segment_path("d", 5)));
  for (const char* name :
       {"lock", "17.segment", "00000000000000000017.index", "0000000000000000001x.segment"}) {
    EXPECT_FALSE(segment_number(name)) << name;
  }
}

// Written by the first program that had version 1; docs/formats/journal_segment.md explains it. Never to be
// renewed: it stands for the files that people have.
constexpr std::string_view kVersion1Segment =
    "5053544b4a4e4c0a"
    "01000000"
    "0100000000000000"
    "00401e18240a0600"
    "2a61bebb"
    "05000000"
    "50a13e8a"
    "018bcfe56801786f8efa18235092eb22"
    "e8431e18240a0600"
    "7d81431f"
    "6669727374"
    "00000000"
    "00000000"
    "018bcfe568027a458ec0357905d86105"
    "d0471e18240a0600"
    "02f4ce6a";

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

TEST_F(FormatTest, ReadsAFileOfVersion1) {
  std::filesystem::create_directories(options().directory);
  std::ofstream(segment_path(options().directory, 1), std::ios::binary) << bytes_of(kVersion1Segment);
  auto journal = open();
  std::vector<std::string> read;
  ASSERT_TRUE(journal->scan({}, INT64_MAX, [&](const Position& at, const Record& record) {
    read.push_back(at.text() + " " + record.id.text() + " " + std::to_string(record.at.us) + " " +
                   record.payload);
    return true;
  }));
  EXPECT_EQ(read,
            (std::vector<std::string>{"1-32 018bcfe5-6801-786f-8efa-18235092eb22 1700000000001000 first",
                                      "1-73 018bcfe5-6802-7a45-8ec0-357905d86105 1700000000002000 "}));
  EXPECT_EQ(journal->recovery().torn_bytes, 0);
  EXPECT_TRUE(journal->damage().empty());
}

TEST_F(FormatTest, StillWritesVersion1ByteForByte) {
  auto journal = open();
  for (const char* payload : {"first", ""}) {
    clock_.advance_us(1000);
    ASSERT_TRUE(
        journal->append({.id = Uuid::v7(clock_, first_random_), .at = clock_.now(), .payload = payload}));
  }
  std::ifstream file(segment_path(options().directory, 1), std::ios::binary);
  EXPECT_EQ(std::string((std::istreambuf_iterator<char>(file)), {}), bytes_of(kVersion1Segment));
}

}  // namespace
}  // namespace penstock::journal
