#include "engine/staged_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "core/file.h"

namespace penstock::engine {
namespace {

std::filesystem::path staging_for(const std::filesystem::path& destination) {
  static std::atomic<unsigned> made = 0;
  std::filesystem::path path = destination;
  path += fmt::format(".{}-{}.new", getpid(), ++made);
  return path;
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

}  // namespace penstock::engine
