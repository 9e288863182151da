#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "engine/generation.h"
#include "engine/grammar.h"

namespace penstock::engine {

class Model;

// Chooses one choice's tokens from the model's logits. The same options, seed and logits give the same
// tokens, on any platform. One thread.
class Sampler {
 public:
  // `choice` makes the choices of one seeded request differ. An unseeded one draws its seed from `random`.
  static Result<Sampler> create(const Model& model, const GenerationRequest& request, int32_t choice,
                                Random& random);

  // The next token, which is then part of the text. kInternal when the grammar leaves no token.
  Result<Token> next(std::span<const float> logits);

 private:
  struct Candidate {
    Token token;
    float logit;
    double weight = 0;  // in proportion to its probability
    auto operator<=>(const Candidate& other) const { return logit <=> other.logit; }
    bool operator==(const Candidate& other) const { return logit == other.logit; }
  };

  Sampler(SamplingOptions options, uint64_t seed, std::unique_ptr<Grammar> grammar);
  void adjust(std::span<const float> logits);
  std::optional<Token> likeliest() const;
  std::optional<Token> likeliest_allowed();
  std::optional<Token> draw();
  void ban_disallowed();
  void gather(float top);
  void keep_top_k();
  double keep_top_p(double total);
  double uniform();

  SamplingOptions options_;
  std::mt19937_64 engine_;
  std::unique_ptr<Grammar> grammar_;
  std::vector<float> logits_;  // of the current token, after bias and penalties
  std::vector<Candidate> candidates_;
  std::unordered_map<Token, int32_t> counts_;  // of the tokens generated so far
  std::unordered_map<Token, bool> seen_;       // in prompt or text; kept only for a repetition penalty
};

// The logprob of `token` and of the `top` likeliest tokens under the plain softmax of `logits`.
TokenLogprob logprob_of(std::span<const float> logits, Token token, int32_t top);

}  // namespace penstock::engine
