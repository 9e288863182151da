#include "engine/kl_divergence.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr int32_t kWindowTokens = 64;
constexpr int kThreadsMax = 256;
constexpr double kHighQuantile = 0.99;

struct FreeContext {
  void operator()(llama_context* context) const { llama_free(context); }
};

// Reads one text from its beginning and keeps the logits of the last window.
class Reader {
 public:
  static Result<Reader> open(const Model& model, size_t tokens, int threads) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = static_cast<uint32_t>(tokens);
    params.n_batch = params.n_ubatch = kWindowTokens;
    params.n_seq_max = 1;
    params.n_threads = params.n_threads_batch = threads;
    params.no_perf = true;
    std::unique_ptr<llama_context, FreeContext> context(llama_init_from_model(model.raw(), params));
    if (!context) return Failure(Error::internal("libllama cannot make a context; its log lines say why"));
    return Reader(std::move(context), model.vocabulary_size());
  }

  // The tokens at positions `first` and following, at most a window.
  Result<void> read(std::span<const Token> tokens, int32_t first) {
    std::vector<Token> ids(tokens.begin(), tokens.end());
    std::vector<llama_pos> positions(ids.size());
    std::vector<int32_t> sequence_counts(ids.size(), 1);
    std::vector<int8_t> wanted(ids.size(), 1);
    llama_seq_id sequence = 0;
    std::vector<llama_seq_id*> sequences(ids.size(), &sequence);
    for (size_t i = 0; i < ids.size(); ++i) positions[i] = first + static_cast<llama_pos>(i);
    const llama_batch batch{.n_tokens = static_cast<int32_t>(ids.size()),
                            .token = ids.data(),
                            .embd = nullptr,
                            .pos = positions.data(),
                            .n_seq_id = sequence_counts.data(),
                            .seq_id = sequences.data(),
                            .logits = wanted.data()};
    if (const int status = llama_decode(context_.get(), batch); status != 0) {
      return Failure(Error::internal(fmt::format("libllama cannot read the text: status {}", status)));
    }
    return {};
  }

  // After the token that is number `index` of the window; valid until the next read.
  std::span<const float> logits(int32_t index) const {
    return {llama_get_logits_ith(context_.get(), index), static_cast<size_t>(vocabulary_)};
  }

 private:
  Reader(std::unique_ptr<llama_context, FreeContext> context, int32_t vocabulary)
      : context_(std::move(context)), vocabulary_(vocabulary) {}

  std::unique_ptr<llama_context, FreeContext> context_;
  int32_t vocabulary_;
};

class Totals {
 public:
  // False where a model gave something that is no number.
  bool add(std::span<const float> reference, std::span<const float> candidate, Token next) {
    const auto best = std::ranges::max_element(reference) - reference.begin();
    const auto candidate_best = std::ranges::max_element(candidate) - candidate.begin();
    const double reference_max = reference[static_cast<size_t>(best)];
    const double candidate_max = candidate[static_cast<size_t>(candidate_best)];
    double reference_sum = 0;
    double candidate_sum = 0;
    double weighted = 0;  // of the differences of logits, by exp(reference)
    for (size_t i = 0; i < reference.size(); ++i) {
      const double weight = std::exp(reference[i] - reference_max);
      reference_sum += weight;
      candidate_sum += std::exp(candidate[i] - candidate_max);
      if (weight > 0) weighted += weight * (double{reference[i]} - double{candidate[i]});
    }
    // With log Z = max + log(sum), KL(p || q) = sum of p (x - y) - log Zp + log Zq over logits x of p, y of
    // q.
    const double reference_norm = reference_max + std::log(reference_sum);
    const double candidate_norm = candidate_max + std::log(candidate_sum);
    const double kl = weighted / reference_sum - reference_norm + candidate_norm;
    if (!std::isfinite(kl)) return false;
    kl_.push_back(std::max(kl, 0.0));  // rounding may leave a trace below zero
    agreements_ += best == candidate_best ? 1 : 0;
    reference_surprise_ += reference_norm - reference[static_cast<size_t>(next)];
    candidate_surprise_ += candidate_norm - candidate[static_cast<size_t>(next)];
    return true;
  }

  DivergenceReport report() {
    std::ranges::sort(kl_);
    const auto count = static_cast<double>(kl_.size());
    double sum = 0;
    for (double kl : kl_) sum += kl;
    const auto rank = static_cast<size_t>(std::ceil(kHighQuantile * count));  // nearest rank, from 1
    return {.tokens = static_cast<int32_t>(kl_.size()),
            .mean_kl = sum / count,
            .p99_kl = kl_[rank - 1],
            .max_kl = kl_.back(),
            .top1_agreement = agreements_ / count,
            .perplexity_reference = std::exp(reference_surprise_ / count),
            .perplexity_candidate = std::exp(candidate_surprise_ / count)};
  }

 private:
  std::vector<double> kl_;
  double agreements_ = 0;
  double reference_surprise_ = 0;
  double candidate_surprise_ = 0;
};

Result<std::unique_ptr<Model>> load_generator(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(std::unique_ptr<Model> model, Model::load(file));
  if (model->kind() == ModelKind::kGenerator) return model;
  return Failure(
      Error::invalid("", file.string() + " embeds texts; only models that write texts can be compared"));
}

Result<std::vector<Token>> shared_tokens(const Model& reference, const Model& candidate,
                                         const DivergenceOptions& options) {
  ASSIGN_OR_RETURN(auto tokens, reference.tokenize(options.text, Framing::kAdded, SpecialTokens::kAsText));
  ASSIGN_OR_RETURN(auto others, candidate.tokenize(options.text, Framing::kAdded, SpecialTokens::kAsText));
  if (reference.vocabulary_size() != candidate.vocabulary_size() || tokens != others) {
    return Failure(Error::invalid("", "the models have different vocabularies, so they cannot be compared"));
  }
  const int32_t tokens_max =
      std::min({options.tokens_max, reference.context_trained(), candidate.context_trained()});
  tokens.resize(std::min(tokens.size(), static_cast<size_t>(std::max(tokens_max, 0))));
  if (tokens.size() < 2) return Failure(Error::invalid("", "the text must have at least 2 tokens"));
  return tokens;
}

}  // namespace

Result<DivergenceReport> compare_models(const std::filesystem::path& reference_file,
                                        const std::filesystem::path& candidate_file,
                                        const DivergenceOptions& options) {
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return Failure(Error::invalid("threads", fmt::format("threads must be from 1 to {}", kThreadsMax)));
  }
  ASSIGN_OR_RETURN(const auto reference_model, load_generator(reference_file));
  ASSIGN_OR_RETURN(const auto candidate_model, load_generator(candidate_file));
  ASSIGN_OR_RETURN(const auto tokens, shared_tokens(*reference_model, *candidate_model, options));
  ASSIGN_OR_RETURN(Reader reference, Reader::open(*reference_model, tokens.size(), options.threads));
  ASSIGN_OR_RETURN(Reader candidate, Reader::open(*candidate_model, tokens.size(), options.threads));

  Totals totals;
  const auto positions = static_cast<int32_t>(tokens.size()) - 1;  // the last has no successor
  for (int32_t first = 0; first < positions; first += kWindowTokens) {
    const int32_t count = std::min(kWindowTokens, positions - first);
    const auto window = std::span(tokens).subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    RETURN_IF_ERROR(reference.read(window, first));
    RETURN_IF_ERROR(candidate.read(window, first));
    for (int32_t i = 0; i < count; ++i) {
      const Token next = tokens[static_cast<size_t>(first + i) + 1];
      if (totals.add(reference.logits(i), candidate.logits(i), next)) continue;
      return Failure(
          Error{.code = ErrorCode::kCorrupt,
                .message = fmt::format("one of {} and {} doesn't compute numbers: its weights are damaged",
                                       reference_file.string(), candidate_file.string())});
    }
    if (options.progress) options.progress(double(first + count) / positions);
  }
  return totals.report();
}

}  // namespace penstock::engine
