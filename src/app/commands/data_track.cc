// Commands that change what is tracked: init, add, commit, remove, move, unprotect, gc, checkout.

#include <fmt/format.h>

#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_repository.h"
#include "datasets/dvc/add.h"
#include "datasets/dvc/change.h"
#include "datasets/dvc/checkout.h"
#include "datasets/dvc/used.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;

ExitCode run_init(const Arguments& arguments) {
  return with_data_environment([&](const dvc::Environment& environment) -> Result<ExitCode> {
    RETURN_IF_ERROR(dvc::init(environment, {.without_git = arguments.has("no-scm"),
                                            .below_git_root = arguments.has("subdir"),
                                            .force = arguments.has("force")}));
    std::cout << "Initialized DVC repository.\n\n";
    if (!arguments.has("no-scm")) std::cout << "You can now commit the changes to git.\n";
    return ExitCode::kOk;
  });
}

ExitCode run_add(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_add_command());
  if (arguments.has("out") && (arguments.positional().size() != 1 || arguments.has("no-commit"))) {
    std::cerr << "penstock: --out is for one target and without --no-commit\n";
    return ExitCode::kFailed;
  }
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    dvc::AddOptions options{
        .committing = arguments.has("no-commit") ? dvc::Committing::kHashOnly : dvc::Committing::kToCache,
        .relinking = arguments.has("no-relink") ? dvc::Relinking::kNo : dvc::Relinking::kYes,
        .out = arguments.text("out"),
        .force = arguments.has("force")};
    RETURN_IF_ERROR(dvc::add(repository, arguments.positional(), options));
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

ExitCode run_commit(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    dvc::CommitOptions options{
        .force = arguments.has("force"),
        .relinking = arguments.has("no-relink") ? dvc::Relinking::kNo : dvc::Relinking::kYes};
    RETURN_IF_ERROR(dvc::commit(repository, arguments.positional(), options, depth_of(arguments)));
    return ExitCode::kOk;
  });
}

ExitCode run_remove(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_remove_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    auto data = arguments.has("outs") ? dvc::RemovedData::kDeleted : dvc::RemovedData::kKept;
    for (const std::string& word : arguments.positional())
      RETURN_IF_ERROR(dvc::remove_stage(repository, word, data));
    return ExitCode::kOk;
  });
}

ExitCode run_move(const Arguments& arguments) {
  if (arguments.positional().size() != 2) return missing_word(data_move_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    RETURN_IF_ERROR(dvc::move(repository, arguments.positional()[0], arguments.positional()[1]));
    RETURN_IF_ERROR(repository.finish_tracking());
    return ExitCode::kOk;
  });
}

ExitCode run_unprotect(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_unprotect_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(std::vector<dvc::Target> targets, repository.targets(arguments.positional()));
    for (const dvc::Target& target : targets) {
      for (size_t i = 0; i < target.stage.outputs.size(); ++i) {
        if (target.output && *target.output != i) continue;
        std::filesystem::path whole = target.stage.path_of(target.stage.outputs[i].path);
        RETURN_IF_ERROR(dvc::unprotect(repository, target.within.empty() ? whole : target.within));
      }
    }
    return ExitCode::kOk;
  });
}

ExitCode run_checkout(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    dvc::CheckoutOptions options{.force = arguments.has("force"),
                                 .relink = arguments.has("relink"),
                                 .allow_missing = arguments.has("allow-missing")};
    ASSIGN_OR_RETURN(dvc::CheckoutReport report,
                     dvc::checkout(repository, arguments.positional(), options, depth_of(arguments)));
    print_checkout(report, arguments.has("summary") ? CheckoutForm::kSummary : CheckoutForm::kList);
    if (!report.failed.empty()) return Failure(dvc::checkout_failure(report));
    if (options.relink) std::cout << "Relinked successfully\n";
    return ExitCode::kOk;
  });
}

Result<dvc::GcOptions> gc_options(const Arguments& arguments) {
  dvc::GcOptions options{.revisions = {.all_branches = arguments.has("all-branches"),
                                       .all_tags = arguments.has("all-tags"),
                                       .all_commits = arguments.has("all-commits")},
                         .dry = arguments.has("dry"),
                         .cloud = arguments.has("cloud"),
                         .not_in_remote = arguments.has("not-in-remote"),
                         .remote = arguments.text("remote"),
                         .force = arguments.has("force") || arguments.has("dry")};
  if (arguments.has("rev")) options.revisions.named.push_back(arguments.text("rev"));
  ASSIGN_OR_RETURN(options.revisions.last, arguments.integer("num", 1, 1, 1'000'000));
  if (arguments.has("projects")) options.projects.push_back(arguments.text("projects"));
  const dvc::Revisions& revisions = options.revisions;
  bool any = arguments.has("workspace") || revisions.all_branches || revisions.all_tags ||
             revisions.all_commits || !revisions.named.empty();
  if (!any)
    return Failure(Error::invalid("",
                                  "Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags`, "
                                  "`-A|--all-commits` or `--rev` needs to be set."));
  if (options.cloud && options.not_in_remote)
    return Failure(Error::invalid("", "`--not-in-remote` and `--cloud` are mutually exclusive"));
  if (!options.remote.empty() && !options.cloud && !options.not_in_remote)
    return Failure(Error::invalid("", "`--remote` requires `--cloud` or `--not-in-remote`"));
  return options;
}

ExitCode run_gc(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::GcOptions options, gc_options(arguments));
    const auto& environment = repository.environment();
    environment.warn(
        "This will remove all cache except items used in the workspace and the revisions named.");
    if (!options.force && !environment.confirm("Are you sure you want to proceed?")) return ExitCode::kFailed;
    RETURN_IF_ERROR(dvc::gc(repository, options));
    return ExitCode::kOk;
  });
}

constexpr Flag kNoRelink = {.name = "no-relink", .value = "", .help = "Leave the files' links as they are"};

}  // namespace

void print_checkout(const dvc::CheckoutReport& report, CheckoutForm form) {
  if (form == CheckoutForm::kSummary) {
    std::string text;
    auto put = [&](size_t count, std::string_view what) {
      if (count > 0)
        text +=
            fmt::format("{}{} file{} {}", text.empty() ? "" : " and ", count, count == 1 ? "" : "s", what);
    };
    put(report.files_modified, "modified");
    put(report.files_added, "added");
    put(report.files_deleted, "deleted");
    std::cout << (text.empty() ? "No changes." : text) << "\n";
    return;
  }
  for (const std::string& path : report.modified) std::cout << "M\t" << path << "\n";
  for (const std::string& path : report.added) std::cout << "A\t" << path << "\n";
  for (const std::string& path : report.deleted) std::cout << "D\t" << path << "\n";
}

Command data_init_command() {
  return {.name = "data init",
          .summary = "Make this Git repository a DVC repository",
          .flags = {{"no-scm", "", "Without Git"},
                    {"subdir", "", "Below the root of a Git repository"},
                    kForceFlag},
          .examples = "  git init && penstock data init && git commit -m 'data versioning'",
          .run = run_init};
}

Command data_add_command() {
  return {
      .name = "data add",
      .summary = "Track files and folders: content into the cache, a .dvc file into Git",
      .positional = "TARGET...",
      .positional_max = kTargetsMax,
      .flags = {{"no-commit", "", "Hash only, nothing into the cache"},
                {"out", "PATH", "Put the target, from anywhere, here", 'o'},
                kForceFlag,
                kNoRelink},
      .details = "Reads and writes the formats of DVC 3: `dvc` and `penstock data` may be used in turn.",
      .examples = "  penstock data add data/annotated.csv\n  git add data/annotated.csv.dvc data/.gitignore",
      .run = run_add};
}

Command data_commit_command() {
  return {.name = "data commit",
          .summary = "Track what changed in tracked files",
          .positional = "[TARGET...]",
          .positional_max = kTargetsMax,
          .flags = {kForceFlag, kRecursiveFlag, kNoRelink},
          .examples = "  penstock data commit -f data",
          .run = run_commit};
}

Command data_remove_command() {
  return {.name = "data remove",
          .summary = "Stop tracking what a .dvc file names",
          .positional = "FILE.dvc...",
          .positional_max = kTargetsMax,
          .flags = {{"outs", "", "Delete the data too"}},
          .examples = "  penstock data remove data/old.csv.dvc",
          .run = run_remove};
}

Command data_move_command() {
  return {.name = "data move",
          .summary = "Rename a tracked file or folder",
          .positional = "FROM TO",
          .positional_max = 2,
          .examples = "  penstock data move data/train.csv data/train_v1.csv",
          .run = run_move};
}

Command data_unprotect_command() {
  return {.name = "data unprotect",
          .summary = "Make linked files writable copies",
          .positional = "TARGET...",
          .positional_max = kTargetsMax,
          .examples = "  penstock data unprotect data/train.csv",
          .run = run_unprotect};
}

Command data_checkout_command() {
  return {.name = "data checkout",
          .summary = "Bring tracked files to what the .dvc files say",
          .positional = "[TARGET...]",
          .positional_max = kTargetsMax,
          .flags = {{"summary", "", "Counts of files"},
                    {"relink", "", "Link every file anew"},
                    {"allow-missing", "", "Go on where objects are not in the cache"},
                    kForceFlag,
                    kRecursiveFlag},
          .examples = "  git checkout v1.0 && penstock data checkout",
          .run = run_checkout};
}

Command data_gc_command() {
  return {.name = "data gc",
          .summary = "Delete objects that nothing uses",
          .flags = {{"workspace", "", "Keep what the work tree uses", 'w'},
                    kAllBranchesFlag,
                    kAllTagsFlag,
                    kAllCommitsFlag,
                    {"rev", "COMMIT", "Keep what this revision uses"},
                    {"num", "N", "And the N-1 commits before each branch or --rev", 'n'},
                    {"cloud", "", "In the remote too", 'c'},
                    {"not-in-remote", "", "Keep only what the remote lacks"},
                    kRemoteFlag,
                    {"projects", "PATH", "Keep what this other repository uses", 'p'},
                    {"dry", "", "Show what would go"},
                    kForceFlag},
          .examples = "  penstock data gc --workspace --all-branches --dry",
          .run = run_gc};
}

}  // namespace penstock::app
