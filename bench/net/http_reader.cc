#include "bench/net/http_reader.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace penstock::bench {

constexpr size_t kCrlfBytes = 2;

std::string_view HttpMessage::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

size_t HttpReader::feed(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && !complete() && !broken()) {
    if (state_ == State::kBody || state_ == State::kChunkData) {
      const size_t length = std::min(body_missing_, bytes.size() - at);
      message_.body.append(bytes.substr(at, length));
      at += length;
      body_missing_ -= length;
      if (body_missing_ > 0) continue;
      if (state_ == State::kBody) {
        state_ = State::kComplete;
      } else {
        message_.body.resize(message_.body.size() - kCrlfBytes);  // the one behind the chunk
        state_ = State::kChunkSize;
      }
      continue;
    }
    if (state_ == State::kUntilClose) {
      message_.body.append(bytes.substr(at));
      return bytes.size();
    }
    const size_t newline = bytes.find('\n', at);
    line_.append(bytes.substr(at, newline == std::string_view::npos ? newline : newline + 1 - at));
    if (newline == std::string_view::npos) return bytes.size();
    at = newline + 1;
    take_line();
    line_.clear();
  }
  return at;
}

void HttpReader::take_line() {
  const std::string_view line = trim(line_);
  if (state_ == State::kChunkSize) {
    begin_chunk(line);
  } else if (state_ == State::kTrailers) {
    if (line.empty()) state_ = State::kComplete;
  } else if (message_.start_line.empty()) {
    message_.start_line = line;
  } else if (line.empty()) {
    begin_body();
  } else {
    take_header(line);
  }
}

void HttpReader::take_header(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    state_ = State::kBroken;
    return;
  }
  message_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
}

void HttpReader::begin_body() {
  if (equals_ignoring_case(message_.header("transfer-encoding"), "chunked")) {
    state_ = State::kChunkSize;
    return;
  }
  const auto length = parse_int(message_.header("content-length"));
  if (length) {
    body_missing_ = static_cast<size_t>(*length);
    state_ = body_missing_ == 0 ? State::kComplete : State::kBody;
  } else {
    state_ = message_.start_line.starts_with("HTTP/") ? State::kUntilClose : State::kComplete;
  }
}

void HttpReader::begin_chunk(std::string_view line) {
  size_t size = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (failure != std::errc() || end == line.data()) {
    state_ = State::kBroken;
  } else if (size == 0) {
    state_ = State::kTrailers;
  } else {
    body_missing_ = size + kCrlfBytes;
    state_ = State::kChunkData;
  }
}

void HttpReader::end_of_input() {
  if (complete() || idle()) return;
  state_ = state_ == State::kUntilClose ? State::kComplete : State::kBroken;
}

void HttpReader::reset() {
  state_ = State::kHead;
  message_ = {};
  line_.clear();
  body_missing_ = 0;
}

}  // namespace penstock::bench
