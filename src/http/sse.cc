#include "http/sse.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace penstock::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Offset of the CR or LF that ends the line at `at`, or the text's size. Two searches for one byte are faster
// than one for either.
size_t line_end(std::string_view text, size_t at) {
  size_t feed = std::min(text.find('\n', at), text.size());
  size_t carriage = text.substr(at, feed - at).find('\r');
  return carriage == std::string_view::npos ? feed : at + carriage;
}

// Takes a line off `text`, its end included.
std::string_view take_line(std::string_view& text) {
  size_t end = line_end(text, 0);
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
  return line;
}

Failure too_large(std::string_view what, size_t bytes_max) {
  return Failure(Error{.code = ErrorCode::kTooLarge,
                       .message = "a server-sent " + std::string(what) + " is larger than " +
                                  std::to_string(bytes_max) + " bytes"});
}

}  // namespace

// Looks for the blank line that ends the block, going on where the last piece stopped: how many of `bytes`
// belong to the block if it ends in them.
Result<std::optional<size_t>> SseParser::find_end(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (!waiting_cr_) {
      size_t end = line_end(bytes, at);
      line_bytes_ += end - at;
      if (line_bytes_ > limits_.line_bytes_max) return too_large("line", limits_.line_bytes_max);
      if (end == bytes.size()) break;
      at = end + 1;
      waiting_cr_ = bytes[end] == '\r';
      if (waiting_cr_) continue;
    } else {
      waiting_cr_ = false;
      if (bytes[at] == '\n') ++at;
    }
    if (std::exchange(line_bytes_, 0) == 0) return at;
  }
  return std::nullopt;
}

Result<std::optional<SseEvent>> SseParser::next(std::string_view& bytes) {
  while (true) {
    if (std::exchange(delivered_, false)) pending_.clear();
    ASSIGN_OR_RETURN(std::optional<size_t> end, find_end(bytes));
    if (pending_.size() + end.value_or(bytes.size()) > limits_.event_bytes_max) {
      return too_large("event", limits_.event_bytes_max);
    }
    std::string_view raw = bytes.substr(0, end.value_or(bytes.size()));
    bytes.remove_prefix(raw.size());
    if (!end || !pending_.empty()) {
      pending_ += raw;
      if (!end) return std::nullopt;
      raw = pending_;
      delivered_ = true;
    }
    SseEvent event = read_block(raw);
    if (!event.silent || silence_ == SseSilence::kReport) return event;
  }
}

std::optional<SseEvent> SseParser::last() {
  if (delivered_ || !waiting_cr_ || line_bytes_ > 0) return std::nullopt;
  waiting_cr_ = false;
  delivered_ = true;
  SseEvent event = read_block(pending_);
  if (event.silent && silence_ == SseSilence::kDrop) return std::nullopt;
  return event;
}

SseEvent SseParser::read_block(std::string_view raw) {
  SseEvent event;
  event.raw = raw;
  event.silent = true;
  std::string_view text = raw;
  if (std::exchange(first_, false) && text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) read_field(take_line(text), event);
  return event;
}

void SseParser::read_field(std::string_view line, SseEvent& event) {
  size_t colon = std::min(line.find(':'), line.size());
  std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (std::exchange(event.silent, false)) {
      event.data = value;
      return;
    }
    // The second line on: `data_` holds them all. `event.data` may be a view of it already.
    if (event.data.data() != data_.data()) data_ = event.data;
    data_.append("\n").append(value);
    event.data = data_;
  } else if (field == "event") {
    event.name = value;
  } else if (field == "id") {
    if (value.find('\0') == std::string_view::npos) event.id = value;
  } else if (field == "retry") {
    auto ms = parse_int(value);
    if (ms && *ms >= 0) retry_ms_ = ms;
  }
}

std::string sse_event(std::string_view name, std::string_view data) {
  std::string text;
  text.reserve(name.size() + data.size() + 24);
  if (!name.empty()) text.append("event: ").append(name).append("\n");
  do {
    text.append("data: ").append(take_line(data)).append("\n");
  } while (!data.empty());
  text += '\n';
  return text;
}

}  // namespace penstock::http
