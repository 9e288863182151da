#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "core/result.h"

namespace penstock::engine {

// A page of plain English prose, facts, code and dialogue (about 2 KB), written for this purpose.
std::string_view divergence_sample_text();

struct DivergenceOptions {
  std::string_view text = divergence_sample_text();
  int32_t tokens_max = 512;  // of the text, from its beginning; at least 2
  int threads = 1;
  // Called after each piece of work with the fraction done, 0 to 1. On the calling thread.
  std::function<void(double)> progress{};
};

// How far the next-token distributions of `candidate` are from those of `reference`, over every position of
// one text that has a successor. Natural logarithms; KL(reference || candidate) in nats per token.
struct DivergenceReport {
  int32_t tokens = 0;  // positions compared
  double mean_kl = 0;
  double p99_kl = 0;
  double max_kl = 0;
  double top1_agreement = 0;  // fraction of positions with the same most likely token
  double perplexity_reference = 0;
  double perplexity_candidate = 0;
};

// Both models are mapped at once and read the text in step, so memory holds no more of the logits than those
// of one window of 64 tokens. Text beyond what a model was trained for is left out. Errors of Model::load;
// kInvalidArgument if a model doesn't generate text, if the vocabularies differ, or if the text has fewer
// than 2 tokens; kCorrupt if what a model computes are no numbers. Blocks; any thread.
Result<DivergenceReport> compare_models(const std::filesystem::path& reference,
                                        const std::filesystem::path& candidate,
                                        const DivergenceOptions& options = {});

}  // namespace penstock::engine
