#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();
constexpr float kBanBias =
    -100;  // OpenAI: "values like -100 or 100 should result in a ban or exclusive selection"

// e^-30: less than 1e-8 of the mass even if a whole vocabulary were there.
constexpr double kNegligible = -30;

// Keys a request's seed and choice apart (SplitMix64's finaliser, Steele et al. 2014).
uint64_t mix(uint64_t seed, uint64_t choice) {
  uint64_t z = seed + (choice + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// log(sum(exp(logits)))
double log_sum_exp(std::span<const float> logits) {
  const float top = *std::ranges::max_element(logits);
  double sum = 0;
  for (float logit : logits) sum += std::exp(logit - top);
  return top + std::log(sum);
}

}  // namespace

Sampler::Sampler(SamplingOptions options, uint64_t seed, std::unique_ptr<Grammar> grammar)
    : options_(std::move(options)), engine_(seed), grammar_(std::move(grammar)) {}

Result<Sampler> Sampler::create(const Model& model, const GenerationRequest& request, int32_t choice,
                                Random& random) {
  ASSIGN_OR_RETURN(auto grammar, Grammar::create(model, request.constraint));
  const SamplingOptions& options = request.sampling;
  const uint64_t seed = mix(options.seed.value_or(options.temperature > 0 ? random.next_u64() : 0), choice);
  Sampler sampler(options, seed, std::move(grammar));
  if (options.repetition_penalty != 1) {
    for (Token token : request.prompt) sampler.seen_[token] = true;
  }
  return sampler;
}

Result<Token> Sampler::next(std::span<const float> logits) {
  adjust(logits);
  const bool greedy = options_.temperature <= 0;
  std::optional<Token> token = greedy ? likeliest() : draw();
  // The model's own choice is nearly always allowed; only otherwise is the whole vocabulary put to the
  // grammar. The result is distributed as if it always were: p(x) + (1 - V) p(x) / V = p(x) / V for the
  // allowed mass V.
  if (token && grammar_ && !grammar_->allows(*token)) {
    if (!greedy) ban_disallowed();
    token = greedy ? likeliest_allowed() : draw();
  }
  if (!token) return Failure(Error::internal("the request's grammar and bias leave no token"));
  if (grammar_) RETURN_IF_ERROR(grammar_->accept(*token));
  ++counts_[*token];
  if (options_.repetition_penalty != 1) seen_[*token] = true;
  return *token;
}

void Sampler::adjust(std::span<const float> logits) {
  logits_.assign(logits.begin(), logits.end());
  for (auto [token, count] : counts_) {
    logits_[token] -= options_.presence_penalty + options_.frequency_penalty * static_cast<float>(count);
  }
  for (auto [token, seen] : seen_) {
    float& logit = logits_[token];
    logit = logit > 0 ? logit / options_.repetition_penalty : logit * options_.repetition_penalty;
  }
  for (LogitBias bias : options_.logit_bias) {
    logits_[bias.token] = bias.bias <= kBanBias ? kBanned : logits_[bias.token] + bias.bias;
  }
}

std::optional<Token> Sampler::likeliest() const {
  const auto top = std::ranges::max_element(logits_);
  if (!std::isfinite(*top)) return std::nullopt;
  return static_cast<Token>(top - logits_.begin());
}

// The grammar judges tokens slowly, so it gets the likeliest few first.
std::optional<Token> Sampler::likeliest_allowed() {
  std::vector<Token> order(logits_.size());
  std::iota(order.begin(), order.end(), 0);
  auto likelier = [this](Token a, Token b) { return logits_[a] > logits_[b]; };
  size_t begin = 0;
  for (size_t end : {size_t{64}, size_t{1024}, order.size()}) {
    end = std::min(end, order.size());
    std::partial_sort(order.begin() + begin, order.begin() + end, order.end(), likelier);
    const std::vector<Token> tokens(order.begin() + begin, order.begin() + end);
    const std::vector<bool> allowed = grammar_->allowed(tokens);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (allowed[i] && std::isfinite(logits_[tokens[i]])) return tokens[i];
    }
    begin = end;
  }
  return std::nullopt;
}

void Sampler::ban_disallowed() {
  std::vector<Token> tokens(logits_.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  const std::vector<bool> allowed = grammar_->allowed(tokens);
  for (Token token : tokens) {
    if (!allowed[token]) logits_[token] = kBanned;
  }
}

double Sampler::uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

std::optional<Token> Sampler::draw() {
  const float top = *std::ranges::max_element(logits_);
  if (!std::isfinite(top)) return std::nullopt;
  gather(top);
  keep_top_k();
  auto weigh = [&](const Candidate& c) {
    return std::exp(static_cast<double>(c.logit - top) / options_.temperature);
  };
  double total = 0;
  for (Candidate& candidate : candidates_) total += candidate.weight = weigh(candidate);
  if (options_.top_p < 1) total = keep_top_p(total);
  double point = uniform() * total;
  for (const Candidate& candidate : candidates_) {
    point -= candidate.weight;
    if (point < 0) return candidate.token;
  }
  return candidates_.back().token;
}

// All tokens that are not hopelessly, or by min_p too, unlikely beside the likeliest one.
void Sampler::gather(float top) {
  const double floor = std::max<double>(kNegligible, std::log(static_cast<double>(options_.min_p)));
  const float threshold = top + static_cast<float>(floor * options_.temperature);
  candidates_.clear();
  for (size_t i = 0; i < logits_.size(); ++i) {
    if (logits_[i] >= threshold) candidates_.push_back({static_cast<Token>(i), logits_[i]});
  }
}

void Sampler::keep_top_k() {
  if (options_.top_k <= 0 || static_cast<size_t>(options_.top_k) >= candidates_.size()) return;
  std::nth_element(candidates_.begin(), candidates_.begin() + options_.top_k - 1, candidates_.end(),
                   std::ranges::greater());
  candidates_.resize(options_.top_k);
}

// Keeps the fewest of the likeliest candidates that hold top_p of `total`; returns what they hold. They are
// sorted in growing batches, since a few usually suffice.
double Sampler::keep_top_p(double total) {
  const double wanted = std::max(total * options_.top_p, std::numeric_limits<double>::min());  // at least one
  double held = 0;
  size_t kept = 0;
  for (size_t batch = 64; held < wanted && kept < candidates_.size(); batch *= 8) {
    const size_t end = std::min(kept + batch, candidates_.size());
    std::partial_sort(candidates_.begin() + kept, candidates_.begin() + end, candidates_.end(),
                      std::ranges::greater());
    for (; kept < end && held < wanted; ++kept) held += candidates_[kept].weight;
  }
  candidates_.resize(kept);
  return held;
}

TokenLogprob logprob_of(std::span<const float> logits, Token token, int32_t top) {
  const double normaliser = log_sum_exp(logits);
  auto logprob = [&](Token t) { return static_cast<float>(logits[t] - normaliser); };
  TokenLogprob result;
  result.chosen = {token, logprob(token)};
  if (top <= 0) return result;
  std::vector<Token> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + std::min<ptrdiff_t>(top, std::ssize(order));
  std::partial_sort(order.begin(), end, order.end(), [&](Token a, Token b) { return logits[a] > logits[b]; });
  for (auto it = order.begin(); it != end; ++it) result.top.push_back({*it, logprob(*it)});
  return result;
}

}  // namespace penstock::engine
