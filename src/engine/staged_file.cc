#include "engine/staged_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>

#include "core/file.h"
#include "core/text.h"

namespace penstock::engine {
namespace {

constexpr std::string_view kEnding = ".new";

std::filesystem::path staging_for(const std::filesystem::path& destination) {
  static std::atomic<unsigned> made = 0;
  std::filesystem::path path = destination;
  path += fmt::format(".{}-{}{}", getpid(), ++made, kEnding);
  return path;
}

// Of "model.gguf.4711-1.new": 4711.
std::optional<pid_t> owner_of(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  const size_t dash = name.rfind('-');
  const size_t dot = name.rfind('.');
  if (dash == std::string_view::npos || dot == std::string_view::npos || dot > dash) return std::nullopt;
  const auto pid = parse_int(name.substr(dot + 1, dash - dot - 1));
  if (!pid || *pid < 1 || !parse_int(name.substr(dash + 1))) return std::nullopt;
  return static_cast<pid_t>(*pid);
}

}  // namespace

StagedFile::StagedFile(std::filesystem::path destination)
    : destination_(std::move(destination)), staging_(staging_for(destination_)) {}

StagedFile::~StagedFile() {
  if (!staging_.empty()) unlink(staging_.c_str());
}

Result<void> StagedFile::publish() {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(staging_));
  if (fsync(fd.get()) != 0) {
    return Failure(Error::from_errno(errno, fmt::format("cannot write {}", staging_.string())));
  }
  if (rename(staging_.c_str(), destination_.c_str()) != 0) {
    return Failure(Error::from_errno(
        errno, fmt::format("cannot rename {} to {}", staging_.string(), destination_.string())));
  }
  staging_.clear();
  const std::filesystem::path folder = destination_.parent_path();
  return sync_directory(folder.empty() ? "." : folder);
}

void remove_abandoned(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const auto owner = owner_of(entry.path().filename().native());
    if (!owner || kill(*owner, 0) == 0 || errno != ESRCH) continue;
    std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace penstock::engine
