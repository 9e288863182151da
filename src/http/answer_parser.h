#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/http_message.h"

namespace penstock::http {

// Reads one answer from bytes, as strictly as RequestParser reads requests. Interim answers (1xx) are
// skipped.
class AnswerParser {
 public:
  // `bodyless`: the answer to HEAD, whose Content-Length tells nothing about what follows.
  AnswerParser(int64_t header_bytes_max, bool bodyless);
  ~AnswerParser();

  struct Fed {
    size_t used = 0;
    std::string_view piece;  // body bytes, in `bytes`
  };
  // Takes bytes; those that it leaves must come again together with more. The body's pieces in `bytes` are
  // moved together at its front, over chunk heads, so that they form one piece. kUpstream for a broken
  // answer.
  Result<Fed> feed(std::span<char> bytes);

  bool head_done() const;
  bool done() const;
  const ResponseHead& head() const { return head_; }

  // The peer has ended. True if that was the end of the body (one without a length).
  bool finish();
  // After done(): the connection may carry another request.
  bool keep_alive() const;
  // Seconds of "Keep-Alive: timeout=5", after which the server will close.
  std::optional<int64_t> keep_alive_s() const;

 private:
  struct Beast;
  void begin();

  int64_t header_bytes_max_;
  bool bodyless_;
  ResponseHead head_;
  std::unique_ptr<Beast> beast_;
  int64_t head_bytes_ = 0;
  int interim_count_ = 0;
};

}  // namespace penstock::http
