#pragma once

#include <string>
#include <string_view>

#include "core/json_writer.h"
#include "providers/chat_answer.h"
#include "providers/response_json.h"
#include "providers/translation.h"

namespace penstock::providers {

// A chat completion as a response of OpenAI's Responses API, whole or as its stream of named, numbered
// events. Each block of the answer is one output item; the items are kept until the end, whose event repeats
// them.
class ChatAnswerToResponses final : public AnswerTranslation, private BlockSink {
 public:
  explicit ChatAnswerToResponses(const TranslationContext& context);

  // Output beyond it is kUpstream, so that no answer can fill the memory.
  static constexpr size_t kOutputBytesMax = 16 << 20;

  Result<std::string> whole(std::string_view body) override;
  Result<void> event(const http::SseEvent& event, std::string& out) override;
  void finish(std::string& out) override;
  std::string error_event(const Error& error) override;

 private:
  void begin(const BlockStart& start) override;
  void extend(std::string_view text) override;
  void sign(std::string_view signature) override { signature_ = signature; }
  void end() override;

  void start_response();
  void end_part();
  ResponseStatus final_status() const;
  // The item at hand; its text only once it has ended.
  std::string item_json(ResponseStatus status) const;
  std::string part_json(std::string_view text) const;

  // An event of the response, or of the item at hand: {"type","sequence_number",...}, `write` adds members.
  template <class Write>
  void send(std::string_view type, Write&& write);
  template <class Write>
  void send_item_event(std::string_view type, Write&& write);

  TranslationContext context_;
  bool gives_signatures_;  // the client asked to include reasoning.encrypted_content
  ChatAnswer answer_;
  std::string* out_ = nullptr;  // where events go; nullptr: a whole answer is being read
  bool started_ = false;
  int64_t sequence_number_ = 0;
  // The item at hand
  BlockStart block_;
  std::string item_id_;
  std::string text_;
  std::string signature_;
  // All that have ended
  int64_t items_ = 0;
  std::string output_;
};

}  // namespace penstock::providers
