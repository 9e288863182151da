#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"

namespace penstock::engine {

class Model;

// GBNF for the JSON texts that `schema` (a JSON Schema object as JSON text) accepts; "{}" accepts every
// object. A schema that has no grammar is kInvalidArgument with the reason.
Result<std::string> grammar_of_schema(std::string_view schema);

// Where a text stands in its grammar. One thread.
class Grammar {
 public:
  // Null without a grammar. kInvalidArgument for one that does not parse or is too large. `model` must
  // outlive it.
  static Result<std::unique_ptr<Grammar>> create(const Model& model, const OutputConstraint& constraint);
  ~Grammar();

  bool allows(Token token);
  // Which of `tokens` may come next; much dearer per token than the model's own choice, so ask for few.
  std::vector<bool> allowed(const std::vector<Token>& tokens);
  // Moves on by a token that is allowed. kInternal when it was not.
  Result<void> accept(Token token);

 private:
  struct State;
  explicit Grammar(std::unique_ptr<State> state);
  void watch(Token token);
  std::unique_ptr<State> state_;
};

}  // namespace penstock::engine
