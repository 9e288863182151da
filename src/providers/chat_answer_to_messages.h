#pragma once

#include <string>
#include <string_view>

#include "core/json_writer.h"
#include "providers/chat_answer.h"
#include "providers/translation.h"

namespace penstock::providers {

// A chat completion as a message of Anthropic's Messages API, whole or as its stream of named events: one
// block after the other, each begun, grown and ended before the next. Input tokens are told at the end, when
// they are known.
class ChatAnswerToMessages final : public AnswerTranslation, private BlockSink {
 public:
  explicit ChatAnswerToMessages(const TranslationContext& context)
      : context_(context), answer_(*this, "toolu_" + context.request_id) {}

  Result<std::string> whole(std::string_view body) override;
  Result<void> event(const http::SseEvent& event, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void begin(const BlockStart& start) override;
  void extend(std::string_view text) override;
  void sign(std::string_view signature) override;
  void end() override;

  void start_message();
  void write_head(JsonWriter& json) const;
  void write_stop(JsonWriter& json) const;
  // Sends {"type": name, "index": of the block at hand, member: {...}}.
  void send_block_event(std::string_view name, std::string_view member, std::string_view raw);
  void send(std::string_view name, std::string_view data) { *out_ += http::sse_event(name, data); }

  TranslationContext context_;
  ChatAnswer answer_;
  std::string* out_ = nullptr;  // where events go; nullptr: a whole answer is being read
  bool started_ = false;
  int64_t blocks_ = 0;
  BlockKind kind_ = BlockKind::kText;
  // Of a whole answer
  std::string content_;
  BlockStart block_;
  std::string text_;
  std::string signature_;
};

}  // namespace penstock::providers
