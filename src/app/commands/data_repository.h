#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "datasets/dvc/checkout.h"
#include "datasets/dvc/repository.h"

namespace penstock::app {

// What every `penstock data` command does around its one call into datasets/dvc: the environment of the
// process, an HTTP client, progress on a terminal, the repository opened and closed, errors said with DVC's
// exit codes (0 done, 1 failed, 2 wrong usage).
using DataWork = std::function<Result<ExitCode>(datasets::dvc::Repository& repository)>;
ExitCode with_repository(const DataWork& work);
// For commands that need none, or make one.
using PlainDataWork = std::function<Result<ExitCode>(const datasets::dvc::Environment& environment)>;
ExitCode with_data_environment(const PlainDataWork& work);

// One more word was expected.
ExitCode missing_word(const Command& command);

// A value as json.dumps of Python writes it.
void print_json(const datasets::dvc::Value& value);

enum class CheckoutForm : uint8_t { kList, kSummary };
void print_checkout(const datasets::dvc::CheckoutReport& report, CheckoutForm form);

constexpr int kTargetsMax = 1'000'000;
constexpr Flag kDataJson = {.name = "json", .value = "", .help = "As JSON, in DVC's shape"};
constexpr Flag kRemoteFlag = {
    .name = "remote", .value = "NAME", .help = "This remote, not the default one", .letter = 'r'};
constexpr Flag kJobsFlag = {.name = "jobs", .value = "N", .help = "Transfers at once", .letter = 'j'};
constexpr Flag kForceFlag = {
    .name = "force", .value = "", .help = "Overwrite and delete without asking", .letter = 'f'};
constexpr Flag kRecursiveFlag = {
    .name = "recursive", .value = "", .help = "Folders stand for every .dvc file in them", .letter = 'R'};
constexpr Flag kAllBranchesFlag = {
    .name = "all-branches", .value = "", .help = "Of all branches too", .letter = 'a'};
constexpr Flag kAllTagsFlag = {.name = "all-tags", .value = "", .help = "Of all tags too", .letter = 'T'};
constexpr Flag kAllCommitsFlag = {
    .name = "all-commits", .value = "", .help = "Of all commits too", .letter = 'A'};

datasets::dvc::Depth depth_of(const Arguments& arguments);

}  // namespace penstock::app
