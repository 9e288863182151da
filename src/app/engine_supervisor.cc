#include "app/engine_supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "core/clock.h"
#include "core/log.h"
#include "core/subprocess.h"
#include "core/timer.h"

namespace penstock::app {
namespace {

constexpr int64_t kPollMs = 50;
constexpr std::string_view kOwnProgram = "/proc/self/exe";

std::vector<std::string> engine_arguments(const EngineSpec& spec) {
  const EngineSettings& settings = spec.settings;
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  int threads = settings.threads > 0 ? settings.threads : std::max(1, cores - 1);
  std::vector<std::string> arguments = {"engine",
                                        "--model",
                                        spec.model_file,
                                        "--name",
                                        settings.model,
                                        "--listen",
                                        "unix:" + spec.socket.string(),
                                        "--threads",
                                        std::to_string(threads),
                                        "--parent",
                                        std::to_string(getpid())};
  auto add = [&](const char* flag, int64_t value) {
    if (value == 0) return;
    arguments.emplace_back(flag);
    arguments.push_back(std::to_string(value));
  };
  add("--sequences", settings.sequences_max);
  add("--context", settings.context_tokens);
  add("--queue", settings.queue_max);
  return arguments;
}

}  // namespace

std::string_view engine_state_name(EngineState state) {
  switch (state) {
    case EngineState::kStarting:
      return "starting";
    case EngineState::kReady:
      return "ready";
    case EngineState::kRestarting:
      return "restarting";
    case EngineState::kStopped:
      return "stopped";
  }
  return "stopped";
}

struct EngineSupervisor::Engine {
  EngineSpec spec;
  Endpoint endpoint;
  mutable std::mutex mutex;
  EngineStatus status;  // under mutex

  void set(EngineState state) {
    std::lock_guard lock(mutex);
    status.state = state;
  }
  EngineState state() const {
    std::lock_guard lock(mutex);
    return status.state;
  }
};

EngineSupervisor::EngineSupervisor(http::EventLoops& loops, HttpClient& client, std::vector<EngineSpec> specs)
    : loops_(loops), client_(client) {
  for (EngineSpec& spec : specs) {
    auto engine = std::make_unique<Engine>();
    engine->endpoint.unix_path = spec.socket;
    engine->status.model = spec.settings.model;
    engine->spec = std::move(spec);
    engines_.push_back(std::move(engine));
  }
}

EngineSupervisor::~EngineSupervisor() { stop(); }

void EngineSupervisor::start() {
  for (size_t i = 0; i < engines_.size(); ++i) {
    tasks_.spawn(loops_.executor(i % loops_.size()), "engine supervisor", supervise(*engines_[i]));
  }
}

void EngineSupervisor::stop() {
  stopping_ = true;
  tasks_.wait(kStopTimeoutMs + kHealthTimeoutMs + 5 * kPollMs);
}

std::vector<EngineStatus> EngineSupervisor::status() const {
  std::vector<EngineStatus> all;
  for (const auto& engine : engines_) {
    std::lock_guard lock(engine->mutex);
    all.push_back(engine->status);
  }
  return all;
}

// One life of an engine.
class EngineProcess {
 public:
  explicit EngineProcess(Subprocess process) : process_(std::move(process)), started_us_(now_us()) {}

  Subprocess& process() { return process_; }
  int64_t age_ms() const { return (now_us() - started_us_) / 1000; }

 private:
  static int64_t now_us() { return system_clock().monotonic_us(); }
  Subprocess process_;
  int64_t started_us_;
};

namespace {

// One that was ended before it could clean up leaves its socket behind.
void remove_socket(const EngineSpec& spec) {
  std::error_code ignored;
  std::filesystem::remove(spec.socket, ignored);
}

}  // namespace

Task<> EngineSupervisor::supervise(Engine& engine) {
  int64_t pause_ms = kPauseMinMs;
  while (!stopping_) {
    remove_socket(engine.spec);
    Result<Subprocess> started = Subprocess::start(std::string(kOwnProgram), engine_arguments(engine.spec));
    std::string end;
    int64_t lived_ms = 0;
    if (started) {
      EngineProcess process(std::move(*started));
      {
        std::lock_guard lock(engine.mutex);
        engine.status.pid = process.process().pid();
      }
      co_await watch(engine, process);
      end = process.process().poll().value_or("did not end");
      lived_ms = process.age_ms();
      remove_socket(engine.spec);
    } else {
      end = started.error().message;
    }
    {
      std::lock_guard lock(engine.mutex);
      engine.status.pid = 0;
      engine.status.last_end = end;
      engine.status.state = stopping_ ? EngineState::kStopped : EngineState::kRestarting;
      if (!stopping_) ++engine.status.restarts;
    }
    if (stopping_) break;
    if (lived_ms > kStableMs) pause_ms = kPauseMinMs;
    log_warn("engine ended",
             {{"model", engine.spec.settings.model}, {"how", end}, {"restart_in_ms", pause_ms}});
    for (int64_t waited = 0; waited < pause_ms && !stopping_; waited += kPollMs) co_await sleep_ms(kPollMs);
    pause_ms = std::min(2 * pause_ms, kPauseMaxMs);
  }
  engine.set(EngineState::kStopped);
}

// Returns when the process has ended; ends it when it is to stop or no longer answers.
Task<> EngineSupervisor::watch(Engine& engine, EngineProcess& process) {
  int64_t answered_at_ms = 0;
  int64_t asked_at_ms = 0;
  int64_t terminated_at_ms = -1;
  while (!process.process().poll()) {
    co_await sleep_ms(kPollMs);
    int64_t age_ms = process.age_ms();
    if (terminated_at_ms >= 0) {
      if (age_ms - terminated_at_ms > kStopTimeoutMs) process.process().signal(SIGKILL);
      continue;
    }
    if (stopping_) {
      process.process().signal(SIGTERM);
      terminated_at_ms = age_ms;
      continue;
    }
    bool ready = engine.state() == EngineState::kReady;
    if (age_ms - asked_at_ms < (ready ? kHealthIntervalMs : kPollMs)) continue;
    asked_at_ms = age_ms;
    if (co_await healthy(engine)) {
      answered_at_ms = process.age_ms();
      if (!ready) {
        log_info("engine is ready", {{"model", engine.spec.settings.model}, {"after_ms", answered_at_ms}});
        engine.set(EngineState::kReady);
      }
      continue;
    }
    int64_t patience_ms = answered_at_ms > 0 ? kHealthTimeoutMs : kLoadTimeoutMs;
    if (process.age_ms() - answered_at_ms > patience_ms) {
      log_error("engine does not answer and is ended", {{"model", engine.spec.settings.model}});
      process.process().signal(SIGKILL);
      terminated_at_ms = process.age_ms();
    }
  }
}

Task<bool> EngineSupervisor::healthy(const Engine& engine) {
  HttpCall call{.target = "/health",
                .timeouts = {.connect_ms = 1'000, .first_byte_ms = kHealthTimeoutMs, .idle_ms = 1'000}};
  auto answer = co_await client_.send(engine.endpoint, std::move(call));
  co_return answer && (*answer)->head().status == 200;
}

}  // namespace penstock::app
