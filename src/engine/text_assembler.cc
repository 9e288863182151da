#include "engine/text_assembler.h"

#include <algorithm>

#include "core/text.h"

namespace penstock::engine {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr size_t kSequenceBytesMax = 4;

// Whether more bytes could make `text` the beginning of a well-formed sequence.
bool may_become_sequence(std::string_view text) {
  if (text.empty() || text.size() >= kSequenceBytesMax) return false;
  std::string longest(text);
  // The second byte decides; every later one may be any continuation byte.
  for (unsigned second : {0x80U, 0x90U, 0xA0U}) {
    std::string trial = longest;
    if (trial.size() == 1) trial += static_cast<char>(second);
    while (trial.size() < kSequenceBytesMax) trial += '\x80';
    if (utf8_sequence_length(trial) > text.size()) return true;
  }
  return false;
}

// Where an unfinished sequence at the end of `text` begins; its size if there is none.
size_t unfinished_tail(std::string_view text) {
  for (size_t length = std::min(kSequenceBytesMax - 1, text.size()); length > 0; --length) {
    if (may_become_sequence(text.substr(text.size() - length))) return text.size() - length;
  }
  return text.size();
}

void append_valid(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    size_t length = utf8_sequence_length(bytes);
    out += length > 0 ? bytes.substr(0, length) : kReplacement;
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
}

}  // namespace

std::string TextAssembler::add(std::string_view bytes) {
  if (stopped_) return {};
  held_ += bytes;
  bytes_in_ += bytes.size();
  size_t cut = std::string::npos;
  for (const std::string& stop : stops_) cut = std::min(cut, held_.find(stop));
  if (cut != std::string::npos) {
    std::string text;
    append_valid(text, std::string_view(held_).substr(0, cut));
    held_.erase(0, cut);
    stopped_ = true;
    return text;
  }
  return release(std::min(unfinished_tail(held_), held_.size() - held_for_stops()));
}

std::string TextAssembler::finish() { return stopped_ ? std::string() : release(held_.size()); }

std::string TextAssembler::release(size_t count) {
  // Never between the bytes of one sequence, which a stop string's first byte cannot be inside of either.
  std::string text;
  append_valid(text, std::string_view(held_).substr(0, count));
  held_.erase(0, count);
  return text;
}

// Length of the longest end of the held text that a stop string begins with.
size_t TextAssembler::held_for_stops() const {
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, held_.size()); length > longest; --length) {
      if (std::string_view(held_).ends_with(std::string_view(stop).substr(0, length))) longest = length;
    }
  }
  return longest;
}

}  // namespace penstock::engine
