#include "engine/engine_service.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/uuid.h"
#include "engine/embedder.h"
#include "engine/lane_plan.h"

namespace penstock::engine {
namespace {

int64_t modified_s(const std::filesystem::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<int64_t>(status.st_mtime) : 0;
}

}  // namespace

EngineService::EngineService(Clock& c, Random& r) : clock(c), random(r) {}

EngineService::~EngineService() = default;

Result<std::unique_ptr<EngineService>> EngineService::create(const EngineOptions& options, Clock& clock,
                                                             Random& random) {
  std::unique_ptr<EngineService> service(new EngineService(clock, random));
  service->name = options.model_name.empty() ? options.model.stem().string() : options.model_name;
  service->created_s = modified_s(options.model);
  ASSIGN_OR_RETURN(service->model, Model::load(options.model));
  if (service->model->kind() == ModelKind::kGenerator) {
    RETURN_IF_ERROR(service->start_generator(options));
    return service;
  }
  ASSIGN_OR_RETURN(
      service->embedder,
      Embedder::create(*service->model, {.threads = options.threads, .queue_max = options.queue_max},
                       service->metrics, clock));
  return service;
}

Result<void> EngineService::start_generator(const EngineOptions& options) {
  ASSIGN_OR_RETURN(ChatTemplate made, ChatTemplate::create(*model, options.chat_template));
  chat_template.emplace(std::move(made));
  const LaneBudget budget{.kv_bytes_per_token = model->kv_bytes_per_token(),
                          .context_trained = model->context_trained(),
                          .context_tokens = options.context_tokens,
                          .sequences_max = options.sequences_max,
                          .kv_bytes_max = options.kv_bytes_max,
                          .step_tokens_max = options.prefill_tokens_per_step + options.sequences_max,
                          .threads = options.threads};
  SchedulerOptions scheduling{.lanes = plan_lanes(budget),
                              .queue_max = options.queue_max,
                              .prefill_tokens_per_step = options.prefill_tokens_per_step};
  ASSIGN_OR_RETURN(scheduler, Scheduler::create(*model, std::move(scheduling), metrics, clock, random));
  return {};
}

Result<void> EngineService::check_name(std::string_view asked) const {
  if (asked == name) return {};
  return Failure(
      Error{.code = ErrorCode::kNotFound,
            .message = fmt::format("The model '{}' does not exist; this engine serves '{}'.", asked, name),
            .field = "model",
            .reason = "model_not_found"});
}

AnswerHead EngineService::answer_head(std::string_view id_prefix) const {
  constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
  return {.id = std::string(id_prefix) + Uuid::v7(clock, random).text(),
          .created_s = clock.now().us / kMicrosecondsPerSecond,
          .model = name,
          .fingerprint = model->fingerprint()};
}

}  // namespace penstock::engine
