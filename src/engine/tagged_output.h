#pragma once

#include <string>
#include <vector>

#include "engine/chat_output.h"

namespace penstock::engine {

// Reads the calls that tool_prompt.h describes; everything outside of their tags is content. A call is told
// of when it is complete; one that is not valid stays content.
class TaggedOutputParser : public ChatOutputParser {
 public:
  explicit TaggedOutputParser(Random& random) : random_(random) {}

  Result<std::vector<ChatDelta>> add(std::string_view text) override;
  Result<std::vector<ChatDelta>> finish() override;

 private:
  void add_content(std::string text, std::vector<ChatDelta>& deltas);
  void add_call(std::string_view json, std::vector<ChatDelta>& deltas);

  Random& random_;
  std::string held_;  // may be the beginning of a tag, or is inside of one
  bool in_call_ = false;
  int32_t calls_ = 0;
};

}  // namespace penstock::engine
