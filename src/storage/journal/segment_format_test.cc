#include "storage/journal/segment_format.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/text.h"
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

using FormatTest = JournalFixture;

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
  for (const char* name :
       {"lock", "17.segment", "00000000000000000017.index", "0000000000000000001x.segment"}) {
    EXPECT_FALSE(segment_number(name)) << name;
  }
}

}  // namespace
}  // namespace penstock::journal
