#include "datasets/dvc/reproduce.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/program.h"
#include "datasets/dvc/change.h"
#include "datasets/dvc/checkout.h"
#include "datasets/dvc/pipeline_file.h"
#include "datasets/dvc/status.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

bool overlap(const fs::path& a, const fs::path& b) {
  return (a.string() + "/").starts_with(b.string() + "/") || (b.string() + "/").starts_with(a.string() + "/");
}

bool needs(const Stage& stage, const Stage& other) {
  return std::ranges::any_of(stage.dependencies, [&](const Dependency& dependency) {
    if (dependency.repo || is_url(dependency.path)) return false;
    return std::ranges::any_of(other.outputs, [&](const Output& output) {
      return overlap(stage.path_of(dependency.path), other.path_of(output.path));
    });
  });
}

// The stages wanted, each after those that it needs. kInvalidArgument for a circle.
class Order {
 public:
  Order(Repository& repository, const std::vector<Stage>& stages)
      : repository_(repository), stages_(stages), state_(stages.size()) {}

  Result<void> take(size_t i, bool single) {
    if (state_[i] == State::kDone) return {};
    if (state_[i] == State::kOpen)
      return Failure(Error::invalid(
          "", fmt::format("the pipeline has a cycle through stage '{}'", repository_.address(stages_[i]))));
    state_[i] = State::kOpen;
    for (size_t j = 0; j < stages_.size() && !single; ++j) {
      if (j != i && needs(stages_[i], stages_[j])) RETURN_IF_ERROR(take(j, false));
    }
    state_[i] = State::kDone;
    order_.push_back(i);
    return {};
  }

  const std::vector<size_t>& order() const { return order_; }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };
  Repository& repository_;
  const std::vector<Stage>& stages_;
  std::vector<State> state_;
  std::vector<size_t> order_;
};

std::vector<std::string> commands_of(const Stage& stage) {
  if (!stage.command.is_list()) return {stage.command.text};
  std::vector<std::string> commands;
  for (const Value& item : stage.command.items) commands.push_back(item.text);
  return commands;
}

Result<void> run_commands(Repository& repository, const Stage& stage) {
  std::vector<fs::path> reads;
  std::vector<fs::path> writes;
  for (const Dependency& dependency : stage.dependencies) reads.push_back(stage.path_of(dependency.path));
  for (const Output& output : stage.outputs) writes.push_back(stage.path_of(output.path));
  RETURN_IF_ERROR(RepositoryLock::check_writers(repository.dvc_folder(), writes));
  RETURN_IF_ERROR(repository.unlock_for(reads, writes));
  Result<void> ran{};
  for (const std::string& command : commands_of(stage)) {
    repository.environment().say("> " + command);
    Result<ProgramOutput> said = run_program({.program = "/bin/sh",
                                              .arguments = {"-c", command},
                                              .folder = stage.folder(),
                                              .output = ProgramCall::Output::kInherited});
    if (!said) {
      ran = Failure(std::move(said).error());
    } else if (said->exit_status != 0) {
      ran = Failure(
          Error::internal(fmt::format("failed to run: {}, exited with {}", command, said->exit_status)));
    }
    if (!ran) break;
  }
  RETURN_IF_ERROR(repository.lock_again());
  return ran;
}

Result<void> run_stage(Repository& repository, Stage& stage, const ReproduceOptions& options) {
  repository.environment().say(fmt::format("Running stage '{}':", repository.address(stage)));
  if (options.dry) {
    for (const std::string& command : commands_of(stage)) repository.environment().say("> " + command);
    return {};
  }
  for (const Output& output : stage.outputs) {
    fs::path path = stage.path_of(output.path);
    std::error_code failure;
    if (output.persists && FileStamp::of(path)) RETURN_IF_ERROR(unprotect(repository, path));
    if (!output.persists) fs::remove_all(path, failure);
  }
  RETURN_IF_ERROR(run_commands(repository, stage));
  for (const Output& output : stage.outputs) {
    if (!FileStamp::of(stage.path_of(output.path)))
      return Failure(
          Error::not_found(fmt::format("output '{}' does not exist: stage '{}' should have made it",
                                       output.path, repository.address(stage))));
  }
  return record_stage(repository, stage, options.no_commit ? Committing::kHashOnly : Committing::kToCache);
}

Result<bool> is_changed(Repository& repository, const Stage& stage) {
  ASSIGN_OR_RETURN(Value changes, status(repository, {{.stage = stage}}, SourceCheck::kNo));
  return !changes.members.empty() || (stage.is_pipeline() && !stage.locked);
}

}  // namespace

Result<void> reproduce(Repository& repository, const std::vector<std::string>& words,
                       const ReproduceOptions& options) {
  ASSIGN_OR_RETURN(std::vector<Stage> stages, repository.stages());
  ASSIGN_OR_RETURN(std::vector<Target> targets,
                   Repository::find_targets(repository.environment(), stages, words, Depth::kNamed));
  Order order(repository, stages);
  for (size_t i = 0; i < stages.size(); ++i) {
    bool wanted = std::ranges::any_of(targets, [&](const Target& target) {
      return target.stage.file == stages[i].file && target.stage.name == stages[i].name;
    });
    if (wanted) RETURN_IF_ERROR(order.take(i, options.single));
  }
  std::set<fs::path> locks;
  for (size_t i : order.order()) {
    Stage& stage = stages[i];
    std::string name = repository.address(stage);
    ASSIGN_OR_RETURN(bool changed, is_changed(repository, stage));
    if (!stage.is_pipeline() || stage.frozen) {
      if (changed && !stage.is_pipeline() && stage.dependencies.empty()) {
        // What is added by hand is taken as it is now, as DVC's "Verifying data sources" does.
        repository.environment().say(fmt::format("Verifying data sources in stage: '{}'", name));
        if (!options.dry) RETURN_IF_ERROR(record_stage(repository, stage, Committing::kToCache));
      }
      continue;
    }
    if (!changed && !options.force) {
      repository.environment().say(fmt::format("Stage '{}' didn't change, skipping", name));
      continue;
    }
    RETURN_IF_ERROR(run_stage(repository, stage, options));
    if (!options.dry) repository.track(stage.file.parent_path() / "dvc.lock");
  }
  return {};
}

}  // namespace penstock::datasets::dvc
