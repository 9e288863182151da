#include "app/commands/data_repository.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "app/terminal.h"
#include "core/file.h"
#include "http/client.h"
#include "http/event_loops.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;

constexpr size_t kLoops = 2;
constexpr int64_t kIdlePerEndpointMax = 256;

// The line that shows how far a transfer is, rewritten in place.
class ProgressLine {
 public:
  void show(std::string_view what, size_t done, size_t all) {
    static const bool kShown = is_terminal(STDERR_FILENO);
    if (!kShown) return;
    std::lock_guard lock(mutex_);
    std::cerr << "\r\x1b[K" << what << " " << done << "/" << all << (done == all ? "\r\x1b[K" : "")
              << std::flush;
  }

 private:
  std::mutex mutex_;
};

std::string command_text() {
  Result<std::string> words = read_file("/proc/self/cmdline", 1 << 16);
  std::string text = words && !words->empty() ? *words : std::string("penstock data");
  for (char& c : text) c = c == '\0' ? ' ' : c;
  return text;
}

bool ask(std::string_view question) {
  if (!is_terminal(STDIN_FILENO)) return false;
  std::cerr << question << " [y/n] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

dvc::Environment environment_of(ProgressLine& progress) {
  dvc::Environment environment;
  // The shell's own name for the folder where it is one, as DVC has it.
  std::error_code failure;
  environment.current_folder = std::filesystem::current_path(failure);
  environment.variable = [](std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return std::string(value == nullptr ? "" : value);
  };
  environment.command_line = command_text();
  environment.say = [](std::string_view line) { std::cout << line << "\n"; };
  environment.warn = [](std::string_view line) { std::cerr << "penstock: " << line << "\n"; };
  environment.progress = [&progress](std::string_view what, size_t done, size_t all) {
    progress.show(what, done, all);
  };
  environment.confirm = ask;
  environment.threads = std::max<size_t>(2, std::thread::hardware_concurrency());
  return environment;
}

ExitCode said(const Result<ExitCode>& outcome) {
  if (outcome) return *outcome;
  std::cout << std::flush;
  std::cerr << "penstock: " << outcome.error().message << "\n";
  return ExitCode::kFailed;
}

}  // namespace

ExitCode with_data_environment(const PlainDataWork& work) {
  ProgressLine progress;
  dvc::Environment environment = environment_of(progress);
  auto loops = http::EventLoops::create(kLoops, "dvc");
  if (!loops) return fail(loops.error());
  std::unique_ptr<HttpClient> client =
      http::make_client(**loops, {.idle_per_endpoint_max = kIdlePerEndpointMax});
  std::vector<Executor> executors;
  for (size_t i = 0; i < (*loops)->size(); ++i) executors.push_back((*loops)->executor(i));
  dvc::BlockingHttp calls(*client, std::move(executors));
  environment.http = &calls;
  return said(work(environment));
}

ExitCode with_repository(const DataWork& work) {
  return with_data_environment([&](const dvc::Environment& environment) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(std::unique_ptr<dvc::Repository> repository, dvc::Repository::open(environment));
    Result<ExitCode> outcome = work(*repository);
    // What was hashed stays known also after a failure.
    Result<void> closed = repository->close();
    if (!closed) environment.warn("cannot remember hashes: " + closed.error().message);
    return outcome;
  });
}

ExitCode missing_word(const Command& command) {
  std::cerr << CommandLine::help(command);
  return ExitCode::kUsage;
}

void print_json(const dvc::Value& value) { std::cout << dvc::python_json(value) << "\n"; }

dvc::Depth depth_of(const Arguments& arguments) {
  return arguments.has("recursive") ? dvc::Depth::kRecursive : dvc::Depth::kNamed;
}

}  // namespace penstock::app
