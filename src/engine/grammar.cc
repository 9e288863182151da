#include "engine/grammar.h"

#include <fmt/format.h>
#include <json-schema-to-grammar.h>
#include <llama.h>

#include <cmath>
#include <exception>

#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr size_t kGrammarBytesMax = 1 << 20;

// A pattern for libllama's lazy grammar that matches `word` wherever it stands; the group marks where the
// grammar begins.
std::string trigger_pattern(std::string_view word) {
  std::string pattern = "[\\s\\S]*?(";
  for (char c : word) {
    if (std::string_view(R"(.^$|()*+?[]{}\)").contains(c)) pattern += '\\';
    pattern += c;
  }
  return pattern + ")[\\s\\S]*";
}

}  // namespace

struct Grammar::State {
  explicit State(llama_sampler* made) : sampler(made) {}
  ~State() { llama_sampler_free(sampler); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  llama_sampler* sampler;
  std::vector<llama_token_data> candidates;
};

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
  std::vector<std::string> patterns;
  std::vector<const char*> pointers;
  for (const std::string& word : constraint.triggers) patterns.push_back(trigger_pattern(word));
  for (const std::string& pattern : patterns) pointers.push_back(pattern.c_str());
  try {
    llama_sampler* sampler =
        pointers.empty()
            ? llama_sampler_init_grammar(model.vocabulary(), constraint.grammar.c_str(), "root")
            : llama_sampler_init_grammar_lazy_patterns(model.vocabulary(), constraint.grammar.c_str(), "root",
                                                       pointers.data(), pointers.size(), nullptr, 0);
    if (sampler == nullptr) return refused("it does not parse");
    return std::unique_ptr<Grammar>(new Grammar(std::make_unique<State>(sampler)));
  } catch (const std::exception& thrown) {
    return refused(thrown.what());
  }
}

bool Grammar::allows(Token token) { return allowed({token})[0]; }

std::vector<bool> Grammar::allowed(const std::vector<Token>& tokens) {
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
    llama_sampler_accept(state_->sampler, token);
    return {};
  } catch (const std::exception& thrown) {
    return Failure(Error::internal(fmt::format("the output left its grammar: {}", thrown.what())));
  }
}

}  // namespace penstock::engine
