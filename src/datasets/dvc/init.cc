#include <fmt/format.h>

#include "core/file.h"
#include "datasets/dvc/add.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGitignore = "/config.local\n/tmp\n/cache\n";
constexpr std::string_view kDvcignore =
    "# Add patterns of files dvc should ignore, which could improve\n"
    "# the performance. Learn more at\n"
    "# https://dvc.org/doc/user-guide/dvcignore\n";

Error refused(std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message)};
}

}  // namespace

Result<void> init(const Environment& environment, const InitOptions& options) {
  const fs::path& root = environment.current_folder;
  fs::path folder = root / ".dvc";
  std::unique_ptr<Git> git = options.without_git ? nullptr : Git::find(environment, root);
  if (git && git->root() != root && !options.below_git_root) git = nullptr;
  if (!git && !options.without_git) {
    return Failure(
        refused(fmt::format("{} is not tracked by any supported SCM tool (e.g. Git). Use `--no-scm` if you "
                            "don't want to use any SCM or `--subdir` if initializing inside a "
                            "subdirectory of a parent SCM repository.",
                            root.string())));
  }
  if (git && git->ignores(folder, true))
    return Failure(refused(folder.string() + " is ignored by your SCM tool; add '!.dvc' to .gitignore."));
  std::error_code failure;
  if (fs::is_directory(folder)) {
    if (!options.force) return Failure(refused("'.dvc' exists. Use `-f` to force."));
    fs::remove_all(folder, failure);
  }
  fs::create_directories(folder / "tmp", failure);
  if (failure) return Failure(Error::internal("cannot make " + folder.string() + ": " + failure.message()));
  ConfigText config;
  if (options.without_git) config.set("core", {}, "no_scm", "True");
  RETURN_IF_ERROR(write_text_file(folder / "config", config.text()));
  if (!fs::exists(root / ".dvcignore")) RETURN_IF_ERROR(write_text_file(root / ".dvcignore", kDvcignore));
  if (!git) return {};
  RETURN_IF_ERROR(write_text_file(folder / ".gitignore", kGitignore));
  return git->stage({folder / "config", folder / ".gitignore", root / ".dvcignore"});
}

}  // namespace penstock::datasets::dvc
