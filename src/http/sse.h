#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::http {

// One event of a text/event-stream (HTML Living Standard §9.2.6). Views live until the callback returns.
struct SseEvent {
  std::string_view name;  // empty means "message"
  std::string_view data;  // lines joined by '\n'
  std::string_view id;    // of this block; empty if none
  std::string_view raw;   // the block's bytes as they came, the blank line that ends it included
  bool silent = false;    // no data: comments or other fields only. Reported on request, see SseSilence
};

// Blocks without data (": ping") are no events. A gateway that passes bytes on wants them all the same.
enum class SseSilence : uint8_t { kDrop, kReport };

struct SseLimits {
  size_t line_bytes_max = 1 << 20;
  size_t event_bytes_max = 4 << 20;
};

// Splits a stream of bytes into events. The events are the same however the bytes were cut: a CR that ends a
// piece waits for the next byte, which may be its LF. With kReport the `raw`s together are the whole stream
// but for an unfinished last block (and a byte order mark). One thread.
class SseParser {
 public:
  explicit SseParser(SseSilence silence = SseSilence::kDrop, SseLimits limits = {})
      : silence_(silence), limits_(limits) {}

  // Calls on_event(const SseEvent&) for each block that ends in `bytes`. kTooLarge over a limit; the parser
  // is then of no more use. Bytes of an unfinished block are kept, an event within one piece is not copied.
  template <class OnEvent>
  Result<void> feed(std::string_view bytes, OnEvent&& on_event) {
    while (true) {
      ASSIGN_OR_RETURN(auto event, next(bytes));
      if (!event) return {};
      on_event(*event);
    }
  }

  // The stream has ended: tells whether the last block was finished. Its bytes, if not, are in `rest()`.
  // A block that ended in a waiting CR is reported now.
  template <class OnEvent>
  void finish(OnEvent&& on_event) {
    if (auto event = last()) on_event(*event);
  }
  std::string_view rest() const { return delivered_ ? std::string_view{} : std::string_view(pending_); }

  // Milliseconds of the last `retry:` field.
  std::optional<int64_t> retry_ms() const { return retry_ms_; }

 private:
  Result<std::optional<SseEvent>> next(std::string_view& bytes);
  std::optional<SseEvent> last();
  Result<std::optional<size_t>> find_end(std::string_view bytes);
  SseEvent read_block(std::string_view raw);
  void read_field(std::string_view line, SseEvent& event);

  SseSilence silence_;
  SseLimits limits_;
  std::string pending_;      // the block begun in earlier pieces
  std::string data_;         // of an event with several data lines
  size_t line_bytes_ = 0;    // of the line at hand, seen so far
  bool waiting_cr_ = false;  // it has ended in CR: LF may follow
  bool delivered_ = false;   // pending_ is an event that the caller has seen
  bool first_ = true;        // a byte order mark may come
  std::optional<int64_t> retry_ms_;
};

// "event: name\ndata: ...\n\n" with one data line per line of `data`; no event line if `name` is empty.
std::string sse_event(std::string_view name, std::string_view data);

}  // namespace penstock::http
