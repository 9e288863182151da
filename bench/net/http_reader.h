#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::bench {

struct HttpMessage {
  std::string start_line;  // "POST /v1/embeddings HTTP/1.1" or "HTTP/1.1 200 OK"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // without chunk framing

  std::string_view header(std::string_view name) const;  // ASCII case is ignored; empty if absent
};

// Cuts a byte stream into HTTP/1.1 messages, requests and responses alike. Trusts its peer's framing: it
// serves benchmarks and tests on this machine, so it has no limits and checks only what it needs.
class HttpReader {
 public:
  // Takes bytes up to the end of the current message and returns how many.
  size_t feed(std::string_view bytes);
  // The peer closed: completes a message that has no length of its own.
  void end_of_input();

  bool has_head() const { return state_ != State::kHead; }
  bool complete() const { return state_ == State::kComplete; }
  bool broken() const { return state_ == State::kBroken; }
  bool idle() const { return state_ == State::kHead && line_.empty() && message_.start_line.empty(); }
  const HttpMessage& message() const { return message_; }  // grows while bytes are fed
  void reset();                                            // for the next message, after complete()

 private:
  enum class State : uint8_t {
    kHead,
    kBody,
    kChunkSize,
    kChunkData,
    kTrailers,
    kUntilClose,
    kComplete,
    kBroken
  };

  void take_line();
  void take_header(std::string_view line);
  void begin_body();
  void begin_chunk(std::string_view line);

  State state_ = State::kHead;
  HttpMessage message_;
  std::string line_;         // of the head or of a chunk's frame, so far
  size_t body_missing_ = 0;  // bytes of the body, or of the chunk with its CRLF, that are still to come
};

}  // namespace penstock::bench
