#include "engine/embedder.h"

#include <fmt/format.h>
#include <llama.h>
#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/log.h"
#include "engine/lane.h"
#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr int32_t kTextTokensMax = 8'192;  // of a model that was trained for more

void normalise(Embedding& values) {
  double squares = 0;
  for (float value : values) squares += static_cast<double>(value) * value;
  const double length = std::sqrt(squares);
  if (length <= 0) return;
  for (float& value : values) value = static_cast<float>(value / length);
}

}  // namespace

// One request: its vectors come in step by step.
struct Embedder::Job {
  std::vector<std::vector<Token>> texts;
  std::vector<Embedding> embeddings;
  int64_t arrived_us;
  Done done;
  std::optional<Error> failure;
};

struct Embedder::Text {
  std::shared_ptr<Job> job;
  size_t index;
  const std::vector<Token>& tokens() const { return job->texts[index]; }
};

struct Embedder::Context {
  ~Context() { llama_free(raw); }
  llama_context* raw = nullptr;
};

Embedder::Embedder(const Model& model, EmbedderOptions options, EngineMetrics& metrics, Clock& clock)
    : model_(model),
      options_(options),
      metrics_(metrics),
      clock_(clock),
      context_(std::make_unique<Context>()) {}

Embedder::~Embedder() { stop(); }

Result<std::unique_ptr<Embedder>> Embedder::create(const Model& model, EmbedderOptions options,
                                                   EngineMetrics& metrics, Clock& clock) {
  std::unique_ptr<Embedder> embedder(new Embedder(model, options, metrics, clock));
  RETURN_IF_ERROR(embedder->open_context());
  embedder->thread_ = std::thread([raw = embedder.get()] { raw->run(); });
  return embedder;
}

Result<void> Embedder::open_context() {
  tokens_max_ = std::min(model_.context_trained(), kTextTokensMax);
  dimensions_ = model_.embedding_size();
  normalises_ = model_.metadata("penstock.embedding.normalize") != "false";
  llama_context_params params = llama_context_default_params();
  params.n_ctx = params.n_batch = params.n_ubatch = tokens_max_;
  params.n_seq_max = std::min(Lane::kSlotsMax, tokens_max_);  // a text has a token at least
  params.kv_unified = true;
  params.embeddings = true;
  params.n_threads = params.n_threads_batch = options_.threads;
  params.no_perf = true;
  try {
    context_->raw = llama_init_from_model(model_.raw(), params);
  } catch (const std::exception& thrown) {
    log_error("libllama could not create a context", {{"reason", thrown.what()}});
  }
  if (context_->raw == nullptr)
    return Failure(Error::unavailable("not enough memory for the embedding context"));
  if (llama_pooling_type(context_->raw) == LLAMA_POOLING_TYPE_NONE) {
    return Failure(Error{.code = ErrorCode::kNotImplemented, .message = "the model file names no pooling"});
  }
  return {};
}

Result<void> Embedder::submit(std::vector<std::vector<Token>> texts, int64_t arrived_us, Done done) {
  RETURN_IF_ERROR(check(texts));
  auto job = std::make_shared<Job>(Job{.texts = std::move(texts),
                                       .embeddings = {},
                                       .arrived_us = arrived_us,
                                       .done = std::move(done),
                                       .failure = {}});
  job->embeddings.resize(job->texts.size());
  std::lock_guard lock(mutex_);
  if (stopping_) return Failure(Error::unavailable("the engine is stopping"));
  if (queue_.size() >= static_cast<size_t>(options_.queue_max)) {
    constexpr int64_t kRetryAfterMs = 1'000;
    return Failure(Error{.code = ErrorCode::kRateLimited,
                         .message = fmt::format("the engine's queue is full ({} requests); try again later",
                                                options_.queue_max),
                         .reason = "queue_full",
                         .retry_after_ms = kRetryAfterMs});
  }
  queue_.push_back(std::move(job));
  metrics_.waiting = static_cast<int64_t>(queue_.size());
  changed_.notify_one();
  return {};
}

Result<void> Embedder::check(const std::vector<std::vector<Token>>& texts) const {
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string field = texts.size() == 1 ? "input" : fmt::format("input[{}]", i);
    if (texts[i].empty()) return Failure(Error::invalid(field, "The text must not be empty."));
    if (std::ssize(texts[i]) > tokens_max_) {
      Error error = Error::invalid(
          field, fmt::format("This model's maximum context length is {} tokens, however you requested {} "
                             "tokens. Please reduce the text.",
                             tokens_max_, texts[i].size()));
      error.reason = "context_length_exceeded";
      return Failure(std::move(error));
    }
    auto known = [this](Token token) { return token >= 0 && token < model_.vocabulary_size(); };
    if (!std::ranges::all_of(texts[i], known)) {
      return Failure(Error::invalid(field, "A token is not in the model's vocabulary."));
    }
  }
  return {};
}

void Embedder::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Embedder::run() {
  pthread_setname_np(pthread_self(), "embedder");
  while (true) {
    // Dropped before the next wait: whoever awaits a job is kept as long as the job is.
    auto jobs = take_jobs();
    if (jobs.empty()) return;
    std::vector<Text> texts;
    for (const auto& job : jobs) {
      for (size_t i = 0; i < job->texts.size(); ++i) texts.push_back({job, i});
    }
    metrics_.running = static_cast<int64_t>(texts.size());
    compute(texts);
    for (const auto& job : jobs) finish(*job);
    metrics_.running = 0;
  }
}

// What waits, up to about a step's worth, so that a large request does not hold up a small one for long.
// Empty: stop.
std::vector<std::shared_ptr<Embedder::Job>> Embedder::take_jobs() {
  std::vector<std::shared_ptr<Job>> jobs;
  std::deque<std::shared_ptr<Job>> refused;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) {
      refused = std::exchange(queue_, {});
    } else {
      int64_t tokens = 0;
      do {
        jobs.push_back(std::move(queue_.front()));
        queue_.pop_front();
        for (const auto& text : jobs.back()->texts) tokens += std::ssize(text);
      } while (!queue_.empty() && tokens < tokens_max_);
    }
    metrics_.waiting = static_cast<int64_t>(queue_.size());
  }
  for (const auto& job : refused) job->done(Failure(Error::unavailable("the engine is stopping")));
  return jobs;
}

// Texts of like length go together: the longest first, so that memory is right from the first step.
void Embedder::compute(std::vector<Text>& texts) {
  std::ranges::sort(texts, std::greater(), [](const Text& text) { return text.tokens().size(); });
  for (size_t begin = 0; begin < texts.size();) {
    int64_t tokens = 0;
    size_t end = begin;
    while (end < texts.size() && end - begin < Lane::kSlotsMax) {
      tokens += std::ssize(texts[end].tokens());
      if (end > begin && tokens > tokens_max_) break;
      ++end;
    }
    compute_step(std::span(texts).subspan(begin, end - begin));
    begin = end;
  }
}

void Embedder::compute_step(std::span<Text> texts) {
  int32_t size = 0;
  for (const Text& text : texts) size += static_cast<int32_t>(text.tokens().size());
  llama_batch batch = llama_batch_init(size, 0, 1);
  for (size_t slot = 0; slot < texts.size(); ++slot) {
    llama_pos position = 0;
    for (Token token : texts[slot].tokens()) {
      const int32_t i = batch.n_tokens++;
      batch.token[i] = token;
      batch.pos[i] = position++;
      batch.n_seq_id[i] = 1;
      batch.seq_id[i][0] = static_cast<llama_seq_id>(slot);
      batch.logits[i] = 1;
    }
  }
  int32_t status = -1;
  try {
    if (llama_memory_t memory = llama_get_memory(context_->raw)) llama_memory_clear(memory, false);
    status = llama_decode(context_->raw, batch);
  } catch (const std::exception& thrown) {
    log_error("libllama threw while it computed embeddings", {{"reason", thrown.what()}});
  }
  llama_batch_free(batch);
  for (size_t slot = 0; slot < texts.size(); ++slot) {
    Job& job = *texts[slot].job;
    const float* values =
        status == 0 ? llama_get_embeddings_seq(context_->raw, static_cast<llama_seq_id>(slot)) : nullptr;
    if (values == nullptr) {
      job.failure = Error::internal("the model could not be computed; the engine's log says why");
      continue;
    }
    Embedding& embedding = job.embeddings[texts[slot].index];
    embedding.assign(values, values + dimensions_);
    if (normalises_) normalise(embedding);
  }
  metrics_.prompt_tokens += static_cast<uint64_t>(size);
}

void Embedder::finish(Job& job) {
  metrics_.ended(job.failure ? Ending::kAbort : Ending::kStop);
  metrics_.request_latency.observe(static_cast<double>(clock_.monotonic_us() - job.arrived_us) * 1e-6);
  if (job.failure) return job.done(Failure(std::move(*job.failure)));
  job.done(std::move(job.embeddings));
}

}  // namespace penstock::engine
