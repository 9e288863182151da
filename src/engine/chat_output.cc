#include "engine/chat_output.h"

#include <chat.h>
#include <fmt/format.h>

#include <exception>
#include <utility>

#include "engine/tagged_output.h"

namespace penstock::engine {
namespace {

class PlainParser : public ChatOutputParser {
 public:
  Result<std::vector<ChatDelta>> add(std::string_view text) override {
    std::vector<ChatDelta> deltas;
    if (!text.empty()) deltas.push_back({.content = std::string(text), .reasoning = {}, .call = {}});
    return deltas;
  }
  Result<std::vector<ChatDelta>> finish() override { return std::vector<ChatDelta>(); }
};

// libllama's parser for the template's syntax. It reads the whole text again each time.
class TemplateParser : public ChatOutputParser {
 public:
  TemplateParser(const ChatPrompt& prompt, Random& random) : random_(random) {
    params_.format = static_cast<common_chat_format>(prompt.format);
    params_.generation_prompt = prompt.generation_prompt;
    params_.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
    params_.parser.load(prompt.parser);
  }

  Result<std::vector<ChatDelta>> add(std::string_view text) override {
    text_ += text;
    return parse(true);
  }
  Result<std::vector<ChatDelta>> finish() override { return parse(false); }

 private:
  Result<std::vector<ChatDelta>> parse(bool partial) {
    std::vector<ChatDelta> deltas;
    try {
      common_chat_msg message = common_chat_parse(text_, partial, params_);
      if (message.empty()) return deltas;
      message.set_tool_call_ids(ids_, [this] { return tool_call_id(random_); });
      for (auto& diff : common_chat_msg_diff::compute_diffs(message_, message))
        add_delta(std::move(diff), deltas);
      message_ = std::move(message);
    } catch (const std::exception& thrown) {
      return Failure(Error::internal(fmt::format("the model's answer could not be read: {}", thrown.what())));
    }
    return deltas;
  }

  // A name may still grow while it is read, so a call is told of when its arguments begin.
  void add_delta(common_chat_msg_diff diff, std::vector<ChatDelta>& deltas) {
    ChatDelta delta{.content = std::move(diff.content_delta),
                    .reasoning = std::move(diff.reasoning_content_delta),
                    .call = {}};
    if (diff.tool_call_index != std::string::npos) {
      if (diff.tool_call_index >= calls_.size()) calls_.resize(diff.tool_call_index + 1);
      Call& call = calls_[diff.tool_call_index];
      if (!diff.tool_call_delta.name.empty()) call.name = diff.tool_call_delta.name;
      if (!diff.tool_call_delta.id.empty()) call.id = diff.tool_call_delta.id;
      if (diff.tool_call_delta.arguments.empty()) return;
      delta.call_index = static_cast<int32_t>(diff.tool_call_index);
      delta.call.arguments = std::move(diff.tool_call_delta.arguments);
      if (!std::exchange(call.told, true)) {
        delta.call.id = call.id;
        delta.call.name = call.name;
      }
    }
    deltas.push_back(std::move(delta));
  }

  struct Call {
    std::string id;
    std::string name;
    bool told = false;
  };

  Random& random_;
  common_chat_parser_params params_;
  std::string text_;
  common_chat_msg message_;
  std::vector<std::string> ids_;
  std::vector<Call> calls_;
};

}  // namespace

Result<std::unique_ptr<ChatOutputParser>> make_output_parser(const ChatPrompt& prompt, Random& random) {
  switch (prompt.syntax) {
    case OutputSyntax::kPlain:
      return std::make_unique<PlainParser>();
    case OutputSyntax::kTagged:
      return std::make_unique<TaggedOutputParser>(random);
    case OutputSyntax::kTemplate:
      break;
  }
  try {
    return std::make_unique<TemplateParser>(prompt, random);
  } catch (const std::exception& thrown) {
    return Failure(
        Error::internal(fmt::format("the template's parser could not be made: {}", thrown.what())));
  }
}

std::string tool_call_id(Random& random) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr size_t kLength = 24;
  std::string id = "call_";
  for (size_t i = 0; i < kLength; ++i) id += kAlphabet[random.next_u64() % kAlphabet.size()];
  return id;
}

}  // namespace penstock::engine
