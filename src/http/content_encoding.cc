#include "http/content_encoding.h"

#include <zlib.h>

#include <algorithm>

#include "core/text.h"

namespace penstock::http {
namespace {

constexpr int kGzip = 15 + 16;  // window bits, and which frame is expected: zlib.h, inflateInit2
constexpr int kZlib = 15;
constexpr int kRaw = -15;
constexpr size_t kFirstBytes = 64 << 10;

struct Inflater {
  z_stream stream{};
  bool ready = false;
  explicit Inflater(int window_bits) { ready = inflateInit2(&stream, window_bits) == Z_OK; }
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Failure not_whole(std::string_view encoding) {
  return Failure(
      Error::invalid("content-encoding", "the body is not whole " + std::string(encoding) + " data"));
}

Result<std::string> inflate_all(std::string_view encoding, int window_bits, std::string_view body,
                                size_t bytes_max) {
  Inflater inflater(window_bits);
  if (!inflater.ready) return Failure(Error::internal("zlib has no memory"));
  z_stream& stream = inflater.stream;
  // zlib does not write to its input; the type is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  size_t used = 0;
  for (;;) {
    if (used == out.size()) {
      if (used > bytes_max) break;
      out.resize(std::min(std::max(kFirstBytes, out.size() * 2), bytes_max + 1));
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    int code = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (code == Z_STREAM_END && stream.avail_in > 0 && window_bits == kGzip) {
      inflateReset(&stream);  // RFC 1952 §2.2: several members are one file
    } else if (code == Z_STREAM_END) {
      break;
    } else if (code != Z_OK) {
      return not_whole(encoding);
    }
  }
  if (used > bytes_max) {
    return Failure(
        Error{.code = ErrorCode::kTooLarge,
              .message = "the decoded body is larger than " + std::to_string(bytes_max) + " bytes"});
  }
  out.resize(used);
  return out;
}

}  // namespace

Result<std::string> decode_content(std::string_view encoding, std::string_view body, size_t bytes_max) {
  std::string name = to_lower(trim(encoding));
  if (name == "gzip" || name == "x-gzip") return inflate_all(name, kGzip, body, bytes_max);
  if (name == "deflate") {
    Result<std::string> framed = inflate_all(name, kZlib, body, bytes_max);
    if (framed || framed.error().code == ErrorCode::kTooLarge) return framed;
    return inflate_all(name, kRaw, body, bytes_max);
  }
  if (name == "identity" || name.empty()) return std::string(body);
  return Failure(Error::invalid("content-encoding",
                                "content-encoding '" + name + "' is not one of gzip, deflate, identity"));
}

}  // namespace penstock::http
