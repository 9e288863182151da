// Commands that move data: push, pull, fetch, get, import, import-url, update.

#include <fmt/format.h>

#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_repository.h"
#include "datasets/dvc/import.h"
#include "datasets/dvc/transfer.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;

Result<dvc::TransferOptions> transfer_options(const Arguments& arguments) {
  dvc::TransferOptions options{.remote = arguments.text("remote"),
                               .revisions = {.all_branches = arguments.has("all-branches"),
                                             .all_tags = arguments.has("all-tags"),
                                             .all_commits = arguments.has("all-commits")},
                               .depth = depth_of(arguments)};
  ASSIGN_OR_RETURN(int64_t jobs, arguments.integer("jobs", 0, 1, 1024));
  options.jobs = static_cast<size_t>(jobs);
  return options;
}

std::string counted(size_t count, std::string_view what) {
  return count == 0 ? "Everything is up to date."
                    : fmt::format("{} file{} {}", count, count == 1 ? "" : "s", what);
}

ExitCode run_push(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::TransferOptions options, transfer_options(arguments));
    ASSIGN_OR_RETURN(size_t pushed, dvc::push(repository, arguments.positional(), options));
    std::cout << counted(pushed, "pushed") << "\n";
    return ExitCode::kOk;
  });
}

ExitCode run_fetch(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::TransferOptions options, transfer_options(arguments));
    ASSIGN_OR_RETURN(size_t fetched, dvc::fetch(repository, arguments.positional(), options));
    std::cout << counted(fetched, "fetched") << "\n";
    return ExitCode::kOk;
  });
}

ExitCode run_pull(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::TransferOptions options, transfer_options(arguments));
    ASSIGN_OR_RETURN(size_t fetched, dvc::fetch(repository, arguments.positional(), options));
    dvc::CheckoutOptions checkout{.force = arguments.has("force"),
                                  .allow_missing = arguments.has("allow-missing")};
    ASSIGN_OR_RETURN(dvc::CheckoutReport report,
                     dvc::checkout(repository, arguments.positional(), checkout, options.depth));
    print_checkout(report, CheckoutForm::kList);
    std::string summary = fetched == 0 ? "" : counted(fetched, "fetched");
    auto put = [&](size_t count, std::string_view what) {
      if (count > 0)
        summary +=
            fmt::format("{}{} file{} {}", summary.empty() ? "" : " and ", count, count == 1 ? "" : "s", what);
    };
    put(report.files_modified, "modified");
    put(report.files_added, "added");
    put(report.files_deleted, "deleted");
    std::cout << (summary.empty() ? "Everything is up to date." : summary) << "\n";
    if (!report.failed.empty()) return Failure(dvc::checkout_failure(report));
    return ExitCode::kOk;
  });
}

dvc::GetOptions get_options(const Arguments& arguments) {
  return {.rev = arguments.text("rev"),
          .out = arguments.text("out"),
          .remote = arguments.text("remote"),
          .force = arguments.has("force")};
}

ExitCode run_get(const Arguments& arguments) {
  if (arguments.positional().size() != 2) return missing_word(data_get_command());
  return with_data_environment([&](const dvc::Environment& environment) -> Result<ExitCode> {
    RETURN_IF_ERROR(
        dvc::get(environment, arguments.positional()[0], arguments.positional()[1], get_options(arguments)));
    return ExitCode::kOk;
  });
}

ExitCode run_import(const Arguments& arguments) {
  if (arguments.positional().size() != 2) return missing_word(data_import_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::Stage stage, dvc::import(repository, arguments.positional()[0],
                                                   arguments.positional()[1], get_options(arguments)));
    std::cout << "Imported '" << arguments.positional()[1] << "' as " << repository.shown(stage.file) << "\n";
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

ExitCode run_import_url(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_import_url_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    dvc::GetOptions options = get_options(arguments);
    if (arguments.positional().size() > 1) options.out = arguments.positional()[1];
    ASSIGN_OR_RETURN(dvc::Stage stage, dvc::import_url(repository, arguments.positional()[0], options));
    std::cout << "Imported '" << arguments.positional()[0] << "' as " << repository.shown(stage.file) << "\n";
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

ExitCode run_update(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    RETURN_IF_ERROR(dvc::update(repository, arguments.positional(), arguments.text("rev")));
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

std::vector<Flag> transfer_flags(std::vector<Flag> more = {}) {
  more.insert(more.begin(),
              {kRemoteFlag, kJobsFlag, kAllBranchesFlag, kAllTagsFlag, kAllCommitsFlag, kRecursiveFlag});
  return more;
}

constexpr Flag kOutFlag = {.name = "out", .value = "PATH", .help = "Where it goes", .letter = 'o'};
constexpr Flag kRevFlag = {.name = "rev", .value = "COMMIT", .help = "Branch, tag or commit"};

}  // namespace

Command data_push_command() {
  return {
      .name = "data push",
      .summary = "Upload tracked data to a remote",
      .positional = "[TARGET...]",
      .positional_max = kTargetsMax,
      .flags = transfer_flags(),
      .details =
          "Remotes are folders, s3:// and http(s)://. What is there is not sent again: an interrupted push "
          "goes on.",
      .examples = "  penstock data push\n  penstock data push data/annotated.csv -r backup",
      .run = run_push};
}

Command data_fetch_command() {
  return {.name = "data fetch",
          .summary = "Download tracked data into the cache",
          .positional = "[TARGET...]",
          .positional_max = kTargetsMax,
          .flags = transfer_flags(),
          .examples = "  penstock data fetch --all-tags",
          .run = run_fetch};
}

Command data_pull_command() {
  return {.name = "data pull",
          .summary = "Download tracked data and check it out",
          .positional = "[TARGET...]",
          .positional_max = kTargetsMax,
          .flags = transfer_flags({kForceFlag, {"allow-missing", "", "Go on where objects are nowhere"}}),
          .examples = "  git pull && penstock data pull",
          .run = run_pull};
}

Command data_get_command() {
  return {.name = "data get",
          .summary = "Download a tracked file or folder of any repository",
          .positional = "URL PATH",
          .positional_max = 2,
          .flags = {kOutFlag, kRevFlag, kRemoteFlag, kForceFlag},
          .examples = "  penstock data get https://github.com/iterative/example-get-started model.pkl",
          .run = run_get};
}

Command data_import_command() {
  return {.name = "data import",
          .summary = "Track a file or folder of another repository, with its source",
          .positional = "URL PATH",
          .positional_max = 2,
          .flags = {kOutFlag, kRevFlag, kRemoteFlag, kForceFlag},
          .examples = "  penstock data import ../registry datasets/reviews --rev v2",
          .run = run_import};
}

Command data_import_url_command() {
  return {.name = "data import-url",
          .summary = "Track a file from a path or a web address, with its source",
          .positional = "URL [OUT]",
          .positional_max = 2,
          .flags = {kOutFlag, kForceFlag},
          .examples = "  penstock data import-url https://example.com/labels.csv data/labels.csv",
          .run = run_import_url};
}

Command data_update_command() {
  return {.name = "data update",
          .summary = "Bring imports to the newest state of their source",
          .positional = "[FILE.dvc...]",
          .positional_max = kTargetsMax,
          .flags = {kRevFlag},
          .examples = "  penstock data update reviews.dvc",
          .run = run_update};
}

}  // namespace penstock::app
