#include "engine/grammar.h"

#include <fmt/format.h>
#include <json-schema-to-grammar.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <exception>
#include <stdexcept>
#include <utility>

#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr size_t kGrammarBytesMax = 1 << 20;

std::string escaped(std::string_view word) {
  std::string pattern;
  for (char c : word) {
    if (std::string_view(R"(.^$|()*+?[]{}\)").contains(c)) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

struct Grammar::State {
  State(const Model& m, const OutputConstraint& c) : model(m), constraint(c) {}
  ~State() { llama_sampler_free(sampler); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool only_words() const {
    return std::ranges::all_of(constraint.triggers,
                               [](const Trigger& t) { return t.kind == Trigger::Kind::kWord; });
  }
  void open();

  const Model& model;
  OutputConstraint constraint;
  llama_sampler* sampler = nullptr;  // null while the text is watched for the first trigger
  std::vector<llama_token_data> candidates;

  // While watching: the last tokens, and their text, that a trigger may have begun in.
  std::deque<Token> recent;
  std::string recent_text;
};

// libllama throws, or returns null, for what it cannot use.
void Grammar::State::open() {
  std::vector<std::string> patterns;
  std::vector<const char*> pointers;
  for (const Trigger& trigger : constraint.triggers) {
    patterns.push_back(trigger.kind == Trigger::Kind::kWord ? escaped(trigger.text) : trigger.text);
  }
  for (const std::string& pattern : patterns) pointers.push_back(pattern.c_str());
  const char* grammar = constraint.grammar.c_str();
  sampler = pointers.empty()
                ? llama_sampler_init_grammar(model.vocabulary(), grammar, "root")
                : llama_sampler_init_grammar_lazy_patterns(model.vocabulary(), grammar, "root",
                                                           pointers.data(), pointers.size(), nullptr, 0);
  if (sampler == nullptr) throw std::runtime_error("it does not parse");
}

Result<std::string> grammar_of_schema(std::string_view schema) {
  try {
    common_json document = common_json::parse(std::string(schema));
    if (!document.is_object()) return Failure(Error::invalid("schema", "a JSON Schema must be an object"));
    if (document.empty()) document["type"] = "object";
    std::string grammar = json_schema_to_grammar(document);
    if (grammar.size() > kGrammarBytesMax) {
      return Failure(Error::invalid("schema", "the JSON Schema is too large to be enforced"));
    }
    return grammar;
  } catch (const std::exception& thrown) {
    return Failure(
        Error::invalid("schema", fmt::format("this JSON Schema cannot be enforced: {}", thrown.what())));
  }
}

Grammar::Grammar(std::unique_ptr<State> state) : state_(std::move(state)) {}
Grammar::~Grammar() = default;

Result<std::unique_ptr<Grammar>> Grammar::create(const Model& model, const OutputConstraint& constraint) {
  if (constraint.grammar.empty()) return nullptr;
  auto refused = [](std::string_view why) {
    return Failure(Error::invalid("grammar", fmt::format("the output grammar cannot be used: {}", why)));
  };
  if (constraint.grammar.size() > kGrammarBytesMax) return refused("it is too large");
  auto state = std::make_unique<State>(model, constraint);
  try {
    state->open();
    if (!constraint.triggers.empty() && state->only_words()) {
      // libllama would search all of the text at each token; its sampler is made again once there is a
      // trigger.
      llama_sampler_free(std::exchange(state->sampler, nullptr));
    } else if (constraint.triggers.empty() && !constraint.begun.empty()) {
      ASSIGN_OR_RETURN(auto tokens, model.tokenize(constraint.begun, Framing::kNone, SpecialTokens::kParsed));
      for (Token token : tokens) llama_sampler_accept(state->sampler, token);
    }
  } catch (const std::exception& thrown) {
    return refused(thrown.what());
  }
  return std::unique_ptr<Grammar>(new Grammar(std::move(state)));
}

bool Grammar::allows(Token token) { return state_->sampler == nullptr || allowed({token})[0]; }

std::vector<bool> Grammar::allowed(const std::vector<Token>& tokens) {
  if (state_->sampler == nullptr) return std::vector<bool>(tokens.size(), true);
  state_->candidates.clear();
  for (Token token : tokens) state_->candidates.push_back({token, 1.0F, 0.0F});
  llama_token_data_array array{state_->candidates.data(), state_->candidates.size(), -1, false};
  llama_sampler_apply(state_->sampler, &array);
  std::vector<bool> result(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) result[i] = std::isfinite(state_->candidates[i].logit);
  return result;
}

Result<void> Grammar::accept(Token token) {
  try {
    if (state_->sampler == nullptr) {
      watch(token);
    } else if (!state_->model.ends_text(token)) {  // the end is allowed where the grammar is complete
      llama_sampler_accept(state_->sampler, token);
    }
    return {};
  } catch (const std::exception& thrown) {
    return Failure(Error::internal(fmt::format("the output left its grammar: {}", thrown.what())));
  }
}

void Grammar::watch(Token token) {
  State& state = *state_;
  state.recent.push_back(token);
  state.recent_text += state.model.piece(token);
  size_t longest = 0;
  for (const Trigger& trigger : state.constraint.triggers) {
    longest = std::max(longest, trigger.text.size());
    if (!state.recent_text.contains(trigger.text)) continue;
    state.open();
    for (Token begun : state.recent) llama_sampler_accept(state.sampler, begun);
    return;
  }
  while (!state.recent.empty()) {
    const size_t size = state.model.piece(state.recent.front()).size();
    if (state.recent_text.size() - size < longest) return;
    state.recent_text.erase(0, size);
    state.recent.pop_front();
  }
}

}  // namespace penstock::engine
