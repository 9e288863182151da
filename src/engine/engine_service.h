#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "engine/chat_template.h"
#include "engine/engine_server.h"
#include "engine/metrics.h"
#include "engine/model.h"
#include "engine/openai_render.h"
#include "engine/scheduler.h"

namespace penstock::engine {

class Embedder;

// One served model with everything that its endpoints use. Any thread.
struct EngineService {
  // Loads the model and starts its thread; takes seconds for a large one. Errors say what is wrong with the
  // options.
  static Result<std::unique_ptr<EngineService>> create(const EngineOptions& options, Clock& clock,
                                                       Random& random);
  ~EngineService();

  // model_not_found, as OpenAI puts it, unless `asked` is the served name.
  Result<void> check_name(std::string_view asked) const;
  AnswerHead answer_head(std::string_view id_prefix) const;

  Clock& clock;
  Random& random;
  std::string name;
  int64_t created_s = 0;  // of the model's file
  EngineMetrics metrics;
  std::unique_ptr<Model> model;
  std::optional<ChatTemplate> chat_template;  // of a generator
  std::unique_ptr<Scheduler> scheduler;       // of a generator
  std::unique_ptr<Embedder> embedder;         // of an embedder

 private:
  EngineService(Clock& c, Random& r);
  Result<void> start_generator(const EngineOptions& options);
};

}  // namespace penstock::engine
