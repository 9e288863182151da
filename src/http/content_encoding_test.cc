#include "http/content_encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace penstock::http {
namespace {

std::string compressed(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr size_t kBytesMax = 1 << 20;

TEST(ContentEncoding, GzipAndDeflateGiveTheContentBack) {
  std::string text(300'000, 'a');
  EXPECT_EQ(decode_content("gzip", compressed(text, 31), kBytesMax).value(), text);
  EXPECT_EQ(decode_content("Deflate", compressed(text, 15), kBytesMax).value(), text);
  EXPECT_EQ(decode_content("deflate", compressed(text, -15), kBytesMax).value(), text);
  EXPECT_EQ(decode_content("", text, kBytesMax).value(), text);
  EXPECT_EQ(decode_content("gzip", compressed("a", 31) + compressed("b", 31), kBytesMax).value(), "ab");
}

TEST(ContentEncoding, WhatIsCutOrNoneIsRefused) {
  std::string whole = compressed("some text", 31);
  for (size_t size = 0; size < whole.size(); ++size) {
    auto decoded = decode_content("gzip", whole.substr(0, size), kBytesMax);
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(decode_content("br", whole, kBytesMax));
}

TEST(ContentEncoding, ASmallBodyCannotBecomeLargerThanTheLimit) {
  std::string bomb = compressed(std::string(kBytesMax + 1, 'a'), 31);
  auto decoded = decode_content("gzip", bomb, kBytesMax);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(decode_content("gzip", bomb, kBytesMax + 1));
}

}  // namespace
}  // namespace penstock::http
