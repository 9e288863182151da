#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/settings.h"
#include "core/http_client.h"
#include "core/task.h"
#include "core/task_group.h"
#include "http/event_loops.h"

namespace penstock::app {

enum class EngineState : uint8_t { kStarting, kReady, kRestarting, kStopped };
std::string_view engine_state_name(EngineState state);

// What is to run: one model on one socket.
struct EngineSpec {
  EngineSettings settings;
  std::filesystem::path model_file;
  std::filesystem::path socket;
};

struct EngineStatus {
  std::string model;
  EngineState state = EngineState::kStarting;
  pid_t pid = 0;
  int64_t restarts = 0;
  std::string last_end;  // "killed by signal 9"; empty before the first
};

// Keeps one `penstock engine` process per model alive: starts it, asks its health, starts it again with
// growing pauses when it ends or stops answering, and reports. Thread-safe.
class EngineSupervisor {
 public:
  static constexpr int64_t kHealthIntervalMs = 500;
  static constexpr int64_t kHealthTimeoutMs = 10'000;  // of one question, once the engine has been ready
  static constexpr int64_t kLoadTimeoutMs = 300'000;   // from start to ready
  static constexpr int64_t kPauseMinMs = 200;          // before the first restart; doubles up to the maximum
  static constexpr int64_t kPauseMaxMs = 30'000;
  static constexpr int64_t kStableMs = 60'000;      // ready for so long: the pause starts anew
  static constexpr int64_t kStopTimeoutMs = 5'000;  // from SIGTERM to SIGKILL

  EngineSupervisor(http::EventLoops& loops, HttpClient& client, std::vector<EngineSpec> specs);
  ~EngineSupervisor();  // stop()

  void start();
  // Blocks until every engine has ended. Not on a loop.
  void stop();

  std::vector<EngineStatus> status() const;

 private:
  struct Engine;
  Task<> supervise(Engine& engine);
  Task<> watch(Engine& engine, class EngineProcess& process);
  Task<bool> healthy(const Engine& engine);

  http::EventLoops& loops_;
  HttpClient& client_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::atomic<bool> stopping_{false};
  TaskGroup tasks_;
};

}  // namespace penstock::app
