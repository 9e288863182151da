#include "bench/load/event_scan.h"

#include <charconv>
#include <string>

#include "core/text.h"

namespace penstock::bench {
namespace {

constexpr std::string_view kEnd = "\n\n";
constexpr std::string_view kStampStart = R"("t":")";
constexpr size_t kStampDigits = 16;

bool has_text(std::string_view event, std::string_view member) {
  const size_t at = event.find(member);
  return at != std::string_view::npos && at + member.size() < event.size() &&
         event[at + member.size()] != '"';
}

}  // namespace

bool Event::has_content() const { return has_text(text, R"("content":")") || has_text(text, R"("text":")"); }

bool Event::is_done() const { return text == "data: [DONE]"; }

std::optional<int64_t> Event::stamp_us() const {
  const size_t at = text.rfind(kStampStart);
  if (at == std::string_view::npos) return std::nullopt;
  return parse_int(text.substr(at + kStampStart.size(), kStampDigits));
}

std::optional<Event> EventScan::next(std::string_view body) {
  const size_t end = body.find(kEnd, at_);
  if (end == std::string_view::npos) return std::nullopt;
  const Event event{body.substr(at_, end - at_)};
  at_ = end + kEnd.size();
  return event;
}

int64_t last_number(std::string_view json, std::string_view name) {
  const std::string start = '"' + std::string(name) + "\":";
  const size_t at = json.rfind(start);
  if (at == std::string_view::npos) return 0;
  int64_t value = 0;
  std::from_chars(json.data() + at + start.size(), json.data() + json.size(), value);
  return value;
}

}  // namespace penstock::bench
