#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::engine {

// Makes text that can be sent from the bytes of tokens: whole UTF-8 sequences only, and nothing that may be
// the beginning of a stop string. What comes out does not depend on how the bytes were cut into tokens. One
// thread.
class TextAssembler {
 public:
  explicit TextAssembler(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // The text that became certain by these bytes; bytes that are not UTF-8 become U+FFFD. After a stop string
  // has matched, nothing more comes out.
  std::string add(std::string_view bytes);
  // No more bytes come: what was held back.
  std::string finish();

  bool stopped() const { return stopped_; }
  // Bytes taken in, and of those the ones whose fate is certain (sent or replaced), for matching tokens to
  // text.
  size_t bytes_in() const { return bytes_in_; }
  size_t bytes_out() const { return bytes_in_ - held_.size(); }

 private:
  std::string release(size_t count);
  size_t held_for_stops() const;

  std::vector<std::string> stops_;
  std::string held_;
  size_t bytes_in_ = 0;
  bool stopped_ = false;
};

}  // namespace penstock::engine
