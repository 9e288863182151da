#pragma once

#include <filesystem>

#include "core/result.h"

namespace penstock::engine {

// A file under construction beside its final place, for content that several writes or a library make. It
// becomes visible whole or not at all: unless published it is deleted. One thread.
class StagedFile {
 public:
  // Chooses a name of its own in the folder of `destination`; the file itself is the caller's to write.
  explicit StagedFile(std::filesystem::path destination);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  const std::filesystem::path& path() const { return staging_; }

  // Makes the content durable, then puts it in the place of the destination. Once.
  Result<void> publish();

 private:
  std::filesystem::path destination_;
  std::filesystem::path staging_;
};

// Deletes what processes of this machine that have ended left under construction in `folder`.
void remove_abandoned(const std::filesystem::path& folder);

}  // namespace penstock::engine
