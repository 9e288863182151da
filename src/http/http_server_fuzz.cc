// Feeds the server's request parser with anything: it must not crash, must read the same however the bytes
// were cut, and whatever it takes must be what the strictest reader takes.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "http/request_parser.h"

namespace penstock::http {
namespace {

constexpr ServerLimits kLimits{.header_bytes_max = 512, .header_count_max = 10, .body_bytes_max = 1024};

struct Reading {
  std::vector<Request> requests;
  std::vector<std::string> heads;  // as sent
  int refused = 0;                 // the status, 0 if nothing was refused
};

void demand(bool holds) {
  if (!holds) std::abort();
}

// Reads all requests in `text`, given `step` bytes at a time, the way Connection does.
Reading read(std::string_view text, size_t step) {
  Reading reading;
  RequestParser parser(kLimits);
  std::string waiting;
  std::string head;
  Request request;
  bool begun = false;
  for (size_t at = 0; at < text.size() || !waiting.empty();) {
    if (!begun) {
      request = {};
      parser.begin(request);
      head.clear();
    }
    begun = true;
    size_t used = 0;
    if (!waiting.empty()) {
      bool in_head = !parser.head_done();
      auto fed = parser.feed(waiting);
      if (!fed) {
        reading.refused = fed.error().status;
        return reading;
      }
      used = *fed;
      demand(used <= waiting.size());
      if (in_head) head += waiting.substr(0, used);
      if (in_head && parser.head_done()) {
        if (auto refusal = parser.limit_body(kLimits.body_bytes_max)) {
          reading.refused = refusal->status;
          return reading;
        }
      }
      waiting.erase(0, used);
    }
    if (parser.done()) {
      reading.requests.push_back(std::move(request));
      reading.heads.push_back(head);
      begun = false;
    } else if (!(used > 0 && parser.head_done() && !waiting.empty())) {
      if (at >= text.size()) break;
      std::string_view piece = text.substr(at, step);
      waiting += piece;
      at += piece.size();
    }
  }
  // The client has ended; Connection refuses what is not complete, if not for a fault that it saw earlier.
  if (begun && !(waiting.empty() && head.empty())) reading.refused = 400;
  return reading;
}

size_t count_lines(std::string_view head, std::string_view name) {
  std::string lower = to_lower(head);
  size_t count = 0;
  for (size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) ++count;
  return count;
}

void check_strict(const Request& request, std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    demand(head[i] != '\0');
    if (head[i] == '\n') demand(i > 0 && head[i - 1] == '\r');
    if (head[i] == '\r') demand(i + 1 < head.size() && head[i + 1] == '\n');
    if (head[i] == '\n' && i + 1 < head.size()) demand(head[i + 1] != ' ' && head[i + 1] != '\t');
  }
  demand(head.ends_with("\r\n\r\n"));
  demand(count_lines(head, "\r\nhost:") == 1);
  size_t lengths = count_lines(head, "\r\ncontent-length:");
  size_t encodings = count_lines(head, "\r\ntransfer-encoding:");
  demand(lengths + encodings <= 1);
  if (lengths == 0 && encodings == 0) demand(request.body.empty());
  if (lengths == 1) demand(std::to_string(request.body.size()).size() <= 4);
  demand(request.path.starts_with('/') || request.path == "*");
  demand(request.path.find("//") == std::string::npos);
  demand(request.path.find("/../") == std::string::npos && !request.path.ends_with("/.."));
  demand(is_valid_utf8(request.path));
  demand(std::ranges::all_of(request.path, [](char c) { return static_cast<unsigned char>(c) >= 0x20; }));
  demand(static_cast<int64_t>(request.body.size()) <= kLimits.body_bytes_max);
  demand(request.body.empty() || request.body.capacity() >= request.body.size() + 64);
  demand(static_cast<int64_t>(request.headers.size()) <= kLimits.header_count_max);
}

void run(std::string_view input) {
  if (input.empty()) return;
  size_t step = static_cast<unsigned char>(input.front()) % 16 + 1;
  input.remove_prefix(1);
  Reading whole = read(input, std::max<size_t>(input.size(), 1));
  Reading cut = read(input, step);
  demand((whole.refused != 0) == (cut.refused != 0));  // which of two faults is found first may differ
  demand(whole.requests.size() == cut.requests.size());
  for (size_t i = 0; i < whole.requests.size(); ++i) {
    const Request& one = whole.requests[i];
    const Request& other = cut.requests[i];
    demand(one.method == other.method && one.path == other.path && one.query == other.query);
    demand(one.body == other.body && one.headers.size() == other.headers.size());
    check_strict(one, whole.heads[i]);
  }
}

}  // namespace
}  // namespace penstock::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
