// Feeds the client's answer parser with anything: it must not crash, and must read the same answer however
// the bytes were cut.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/answer_parser.h"

namespace penstock::http {
namespace {

constexpr int64_t kHeaderBytesMax = 512;

struct Reading {
  int status = 0;
  size_t fields = 0;
  std::string body;
  bool complete = false;
  bool broken = false;
};

void demand(bool holds) {
  if (!holds) std::abort();
}

// Reads one answer, given `step` bytes at a time, the way the client does.
Reading read(std::string_view text, size_t step) {
  Reading reading;
  AnswerParser parser(kHeaderBytesMax, /*bodyless=*/false);
  std::string waiting;
  for (size_t at = 0; at < text.size() && !parser.done(); at += step) {
    waiting += text.substr(at, step);
    auto fed = parser.feed(waiting);
    if (!fed) {
      reading.broken = true;
      return reading;
    }
    demand(fed->used <= waiting.size() && fed->piece.size() <= fed->used);
    reading.body += fed->piece;
    waiting.erase(0, fed->used);
  }
  if (!parser.head_done()) return reading;
  reading.status = parser.head().status;
  reading.fields = parser.head().headers.size();
  reading.complete = parser.done() || parser.finish();
  return reading;
}

void run(std::string_view input) {
  if (input.empty()) return;
  size_t step = static_cast<unsigned char>(input.front()) % 16 + 1;
  input.remove_prefix(1);
  Reading whole = read(input, std::max<size_t>(input.size(), 1));
  Reading cut = read(input, step);
  demand(whole.complete == cut.complete);  // a fault may show itself later in pieces, never become an answer
  if (!whole.complete) return;
  demand(whole.status == cut.status && whole.fields == cut.fields && whole.body == cut.body);
  demand(whole.status >= 200);
}

}  // namespace
}  // namespace penstock::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
