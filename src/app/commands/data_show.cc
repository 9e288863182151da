// Commands that look: status, data status, diff, list, check-ignore, verify.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_repository.h"
#include "app/terminal.h"
#include "datasets/dvc/import.h"
#include "datasets/dvc/status.h"
#include "datasets/dvc/transfer.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;

dvc::TransferOptions cloud_options(const Arguments& arguments) {
  return {.remote = arguments.text("remote"),
          .revisions = {.all_branches = arguments.has("all-branches"),
                        .all_tags = arguments.has("all-tags"),
                        .all_commits = arguments.has("all-commits")},
          .depth = depth_of(arguments)};
}

ExitCode run_status(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    bool cloud = arguments.has("cloud") || arguments.has("remote");
    dvc::Value status;
    if (cloud) {
      ASSIGN_OR_RETURN(status,
                       dvc::cloud_status(repository, arguments.positional(), cloud_options(arguments)));
    } else {
      ASSIGN_OR_RETURN(std::vector<dvc::Target> targets,
                       repository.targets(arguments.positional(), depth_of(arguments)));
      auto check = arguments.has("no-updates") ? dvc::SourceCheck::kNo : dvc::SourceCheck::kYes;
      ASSIGN_OR_RETURN(status, dvc::status(repository, targets, check));
    }
    bool clean = status.members.empty();
    if (arguments.has("json")) {
      print_json(status);
    } else if (arguments.has("quiet")) {
      return clean ? ExitCode::kOk : ExitCode::kFailed;
    } else if (!clean) {
      std::cout << dvc::status_text(status, cloud ? 1 : 0);
    } else if (cloud) {
      std::string remote = arguments.text("remote", repository.config().get("core", {}, "remote"));
      std::cout << "Cache and remote '" << remote << "' are in sync.\n";
    } else {
      std::cout << "Data and pipelines are up to date.\n";
    }
    return ExitCode::kOk;
  });
}

Result<std::vector<std::string>> not_in_remote(dvc::Repository& repository, const Arguments& arguments) {
  dvc::TransferOptions options{.remote = arguments.text("remote")};
  std::vector<std::string> words(arguments.positional().begin() + 1, arguments.positional().end());
  ASSIGN_OR_RETURN(dvc::Used used, dvc::used_objects(repository, words, {}, dvc::Purpose::kPush));
  ASSIGN_OR_RETURN(std::unique_ptr<dvc::Remote> remote, dvc::open_remote(repository, options.remote));
  ASSIGN_OR_RETURN(std::vector<dvc::UsedObject> lacking, dvc::missing_in(repository, *remote, used.objects));
  std::vector<std::string> paths;
  for (const dvc::UsedObject& object : lacking)
    paths.push_back(object.name + (dvc::is_directory_id(object.id) ? "/" : ""));
  return paths;
}

ExitCode run_data_status(const Arguments& arguments) {
  if (arguments.positional().empty() || arguments.positional()[0] != "status")
    return missing_word(data_data_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    dvc::DataStatusOptions options{.granular = arguments.has("granular"),
                                   .unchanged = arguments.has("unchanged"),
                                   .untracked = arguments.has("untracked-files")};
    if (arguments.has("not-in-remote")) {
      ASSIGN_OR_RETURN(options.not_in_remote, not_in_remote(repository, arguments));
    }
    std::vector<std::string> words(arguments.positional().begin() + 1, arguments.positional().end());
    ASSIGN_OR_RETURN(dvc::Value status, dvc::data_status(repository, words, options));
    if (arguments.has("json")) {
      print_json(status);
    } else {
      std::cout << dvc::data_status_text(status, repository.git());
    }
    return ExitCode::kOk;
  });
}

ExitCode run_diff(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    const std::vector<std::string>& revisions = arguments.positional();
    std::string from = revisions.empty() ? "HEAD" : revisions[0];
    std::string to = revisions.size() < 2 ? "" : revisions[1];
    std::vector<std::string> words;
    if (arguments.has("targets")) words.push_back(arguments.text("targets"));
    ASSIGN_OR_RETURN(dvc::Value diff, dvc::diff(repository, from, to, words));
    if (arguments.has("hide-missing") || !to.empty()) diff.remove("not in cache");
    bool hashes = arguments.has("show-hash");
    if (!hashes) {
      for (auto& [state, list] : diff.members) {
        for (dvc::Value& entry : list.items) entry.remove("hash");
      }
    }
    if (arguments.has("json")) {
      print_json(diff);
    } else {
      std::cout << dvc::diff_text(diff, hashes,
                                  arguments.has("md") ? dvc::DiffForm::kMarkdown : dvc::DiffForm::kText);
    }
    return ExitCode::kOk;
  });
}

ExitCode run_list(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_list_command());
  return with_data_environment([&](const dvc::Environment& environment) -> Result<ExitCode> {
    dvc::ListOptions options{.rev = arguments.text("rev"),
                             .recursive = arguments.has("recursive"),
                             .dvc_only = arguments.has("dvc-only")};
    std::string path = arguments.positional().size() > 1 ? arguments.positional()[1] : "";
    ASSIGN_OR_RETURN(dvc::Value list, dvc::list(environment, arguments.positional()[0], path, options));
    if (arguments.has("json")) {
      print_json(list);
      return ExitCode::kOk;
    }
    for (const dvc::Value& entry : list.items) {
      if (arguments.has("size")) std::cout << entry.text_at("size") << "\t";
      std::cout << entry.text_at("path") << "\n";
    }
    return ExitCode::kOk;
  });
}

ExitCode run_check_ignore(const Arguments& arguments) {
  if (arguments.positional().empty()) return missing_word(data_check_ignore_command());
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    bool any = false;
    for (const std::string& word : arguments.positional()) {
      std::filesystem::path path = repository.environment().absolute(word);
      std::string inside = repository.tree().relative(path);
      const dvc::IgnoreRule* rule =
          inside.empty() ? nullptr
                         : repository.ignore().ignoring(inside, std::filesystem::is_directory(path));
      any |= rule != nullptr;
      if (rule != nullptr && arguments.has("details")) std::cout << rule->source << "\t";
      if (rule == nullptr && arguments.has("non-matching")) std::cout << "::\t";
      if (rule != nullptr || arguments.has("non-matching")) std::cout << word << "\n";
    }
    return any ? ExitCode::kOk : ExitCode::kFailed;
  });
}

ExitCode run_verify(const Arguments& arguments) {
  return with_repository([&](dvc::Repository& repository) -> Result<ExitCode> {
    ASSIGN_OR_RETURN(dvc::Verification verification, dvc::verify_cache(repository));
    if (arguments.has("json")) {
      dvc::Value value = dvc::Value::map();
      value.set("objects", dvc::Value::integer(static_cast<int64_t>(verification.objects)));
      dvc::Value& corrupt = value.set("corrupt", dvc::Value::list());
      for (const std::string& path : verification.corrupt) corrupt.items.push_back(dvc::Value::string(path));
      print_json(value);
    } else {
      for (const std::string& path : verification.corrupt)
        std::cout << "corrupted, removed: " << path << "\n";
      std::cout << fmt::format("{} objects read, {} corrupted\n", verification.objects,
                               verification.corrupt.size());
    }
    return verification.corrupt.empty() ? ExitCode::kOk : ExitCode::kFailed;
  });
}

}  // namespace

Command data_status_command() {
  return {.name = "data status",
          .summary = "Show which outputs changed, or with -c what the remote lacks",
          .positional = "[TARGET...]",
          .positional_max = kTargetsMax,
          .flags = {{"cloud", "", "Compare cache and remote", 'c'},
                    kRemoteFlag,
                    kJobsFlag,
                    kAllBranchesFlag,
                    kAllTagsFlag,
                    kAllCommitsFlag,
                    kRecursiveFlag,
                    {"quiet", "", "Say nothing; exit 1 if anything changed", 'q'},
                    {"no-updates", "", "Do not ask the sources of imports"},
                    kDataJson},
          .examples = "  penstock data status\n  penstock data status --cloud",
          .run = run_status};
}

Command data_data_command() {
  return {.name = "data data",
          .summary = "As `dvc data`: `data data status` compares commit, .dvc files and work tree",
          .positional = "status [TARGET...]",
          .positional_max = kTargetsMax,
          .flags = {{"granular", "", "Files in folders too"},
                    {"unchanged", "", "What did not change too"},
                    {"untracked-files", "", "What neither Git nor DVC tracks too"},
                    {"not-in-remote", "", "What the remote lacks too"},
                    kRemoteFlag,
                    kDataJson},
          .examples = "  penstock data data status --granular --json",
          .run = run_data_status};
}

Command data_diff_command() {
  return {.name = "data diff",
          .summary = "Show tracked data that differs between revisions, or from the work tree",
          .positional = "[FROM [TO]]",
          .positional_max = 2,
          .flags = {{"targets", "PATH", "Only this"},
                    {"show-hash", "", "With hashes"},
                    {"md", "", "As a table in Markdown"},
                    {"hide-missing", "", "Without what the cache lacks"},
                    kDataJson},
          .examples = "  penstock data diff HEAD~1 --show-hash",
          .run = run_diff};
}

Command data_list_command() {
  return {.name = "data list",
          .summary = "List the files of a repository, DVC's among them",
          .positional = "URL [PATH]",
          .positional_max = 2,
          .flags = {{"rev", "COMMIT", "Branch, tag or commit"},
                    kRecursiveFlag,
                    {"dvc-only", "", "Only what DVC tracks"},
                    {"size", "", "With sizes"},
                    kDataJson},
          .examples = "  penstock data list https://github.com/iterative/example-get-started data -R",
          .run = run_list};
}

Command data_check_ignore_command() {
  return {.name = "data check-ignore",
          .summary = "Show which paths .dvcignore ignores",
          .positional = "PATH...",
          .positional_max = kTargetsMax,
          .flags = {{"details", "", "With the deciding rule", 'd'},
                    {"non-matching", "", "The other paths too", 'n'}},
          .examples = "  penstock data check-ignore --details data/tmp.csv",
          .run = run_check_ignore};
}

Command data_verify_command() {
  return {.name = "data verify",
          .summary = "Read every object of the cache and remove those that are corrupted",
          .flags = {kDataJson},
          .examples = "  penstock data verify && penstock data fetch",
          .run = run_verify};
}

}  // namespace penstock::app
