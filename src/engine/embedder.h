#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/generation.h"
#include "engine/metrics.h"

namespace penstock::engine {

class Model;

using Embedding = std::vector<float>;

struct EmbedderOptions {
  int32_t threads = 1;
  int32_t queue_max = 256;  // requests that wait; one more is refused
};

// Turns texts into vectors, many at once: of length 1, unless the model file says that it is not to be so
// (penstock.embedding.normalize, which the importer writes; files of others lack it). One thread of its own
// holds the libllama context.
class Embedder {
 public:
  using Done = std::move_only_function<void(Result<std::vector<Embedding>>)>;

  // `model` (an embedder) and `metrics` must outlive it. kUnavailable without enough memory.
  static Result<std::unique_ptr<Embedder>> create(const Model& model, EmbedderOptions options,
                                                  EngineMetrics& metrics, Clock& clock);
  ~Embedder();  // stop()
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;

  // Calls `done` once, on the embedder's thread: a vector per text, in order. Any thread. An error returned
  // means that `done` is not called: kInvalidArgument for an empty text, an unknown token, or
  // (context_length_exceeded) a text of more than tokens_max() tokens, which is never cut; kRateLimited when
  // the queue is full.
  Result<void> submit(std::vector<std::vector<Token>> texts, int64_t arrived_us, Done done);

  // Of one text, and of all that are computed in one step: an encoder sees a text whole.
  int32_t tokens_max() const { return tokens_max_; }
  int32_t dimensions() const { return dimensions_; }

  // Ends the thread; waiting requests fail with kUnavailable.
  void stop();

 private:
  struct Job;
  struct Text;
  struct Context;

  Embedder(const Model& model, EmbedderOptions options, EngineMetrics& metrics, Clock& clock);
  Result<void> open_context();
  Result<void> check(const std::vector<std::vector<Token>>& texts) const;
  void run();
  std::vector<std::shared_ptr<Job>> take_jobs();
  void compute(std::vector<Text>& texts);
  void compute_step(std::span<Text> texts);
  void finish(Job& job);

  const Model& model_;
  EmbedderOptions options_;
  EngineMetrics& metrics_;
  Clock& clock_;
  std::unique_ptr<Context> context_;
  int32_t tokens_max_ = 0;
  int32_t dimensions_ = 0;
  bool normalises_ = true;

  std::mutex mutex_;  // guards these
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Job>> queue_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace penstock::engine
