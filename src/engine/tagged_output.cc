#include "engine/tagged_output.h"

#include "core/json.h"
#include "core/text.h"
#include "engine/tool_prompt.h"

namespace penstock::engine {
namespace {

// Length of the longest end of `text` that `tag` begins with.
size_t tag_begun(std::string_view text, std::string_view tag) {
  size_t length = std::min(text.size(), tag.size() - 1);
  while (length > 0 && !text.ends_with(tag.substr(0, length))) --length;
  return length;
}

}  // namespace

Result<std::vector<ChatDelta>> TaggedOutputParser::add(std::string_view text) {
  std::vector<ChatDelta> deltas;
  held_ += text;
  while (true) {
    const std::string_view tag = in_call_ ? kCallClose : kCallOpen;
    const size_t found = held_.find(tag);
    if (found == std::string::npos) break;
    const std::string before = held_.substr(0, found);
    held_.erase(0, found + tag.size());
    if (in_call_) {
      add_call(before, deltas);
    } else {
      add_content(before, deltas);
    }
    in_call_ = !in_call_;
  }
  if (!in_call_) {
    const size_t certain = held_.size() - tag_begun(held_, kCallOpen);
    add_content(held_.substr(0, certain), deltas);
    held_.erase(0, certain);
  }
  return deltas;
}

Result<std::vector<ChatDelta>> TaggedOutputParser::finish() {
  std::vector<ChatDelta> deltas;
  add_content(in_call_ ? std::string(kCallOpen) + held_ : held_, deltas);
  held_.clear();
  return deltas;
}

void TaggedOutputParser::add_content(std::string text, std::vector<ChatDelta>& deltas) {
  // The line breaks between calls are no content.
  if (text.empty() || (calls_ > 0 && trim(text).empty())) return;
  deltas.push_back({.content = std::move(text), .reasoning = {}, .call = {}});
}

void TaggedOutputParser::add_call(std::string_view json, std::vector<ChatDelta>& deltas) {
  auto call = parse_json(trim(json));
  const Json* arguments = call ? find(*call, "arguments") : nullptr;
  if (arguments == nullptr || !arguments->is_object() || string_at(*call, "name").empty()) {
    return add_content(std::string(kCallOpen) + std::string(json) + std::string(kCallClose), deltas);
  }
  ChatDelta delta{.content = {}, .reasoning = {}, .call_index = calls_++, .call = {}};
  delta.call = {.id = tool_call_id(random_),
                .name = std::string(string_at(*call, "name")),
                .arguments = to_json(*arguments)};
  deltas.push_back(std::move(delta));
}

}  // namespace penstock::engine
