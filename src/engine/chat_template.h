#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/openai_request.h"

namespace penstock::engine {

class Model;
class ChatOutputParser;

// How a model's answers to one prompt are read.
enum class OutputSyntax : uint8_t {
  kPlain,     // the text is the answer
  kTemplate,  // as the model's template has it, in libllama's PEG parser
  kTagged,    // tool calls in <tool_call> tags, see tool_prompt.h
};

// A conversation as the model reads it, and how its answer is to be generated and read.
struct ChatPrompt {
  std::string text;  // to be tokenised with the model's framing and control tokens
  OutputConstraint constraint;
  std::vector<std::string> stops;        // beside the request's own
  std::vector<std::string> shown_marks;  // control tokens that the parser needs to see
  OutputSyntax syntax = OutputSyntax::kPlain;
  std::string parser;             // kTemplate: serialised
  std::string generation_prompt;  // kTemplate: the part of `text` that the answer continues
  int32_t format = 0;             // kTemplate: common_chat_format
};

// A model's own Jinja chat template. Immutable: any thread.
class ChatTemplate {
 public:
  // `source` replaces the model's template unless it is empty; a model without one gets ChatML.
  // kInvalidArgument when it does not parse. `model` must outlive the template.
  static Result<ChatTemplate> create(const Model& model, const std::string& source);
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;

  // kInvalidArgument with the template's reason (roles in an order that it refuses, an unusable schema).
  // Schemas and tools become grammars. Takes about a millisecond; a template that is not plain takes some
  // more.
  Result<ChatPrompt> render(const ChatRequest& request) const;

 private:
  struct State;
  explicit ChatTemplate(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace penstock::engine
