#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::bench {

// One server-sent event, without its blank line.
struct Event {
  std::string_view text;

  bool has_content() const;                 // a delta with text in it
  bool is_done() const;                     // data: [DONE]
  std::optional<int64_t> stamp_us() const;  // when the mock upstream sent it
};

// Takes whole events off a growing body, each once.
class EventScan {
 public:
  std::optional<Event> next(std::string_view body);
  void reset() { at_ = 0; }

 private:
  size_t at_ = 0;
};

// `"name":123` in JSON text; 0 if absent.
int64_t last_number(std::string_view json, std::string_view name);

}  // namespace penstock::bench
