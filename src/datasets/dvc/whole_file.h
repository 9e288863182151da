#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace penstock::datasets::dvc {

// A file that appears under its name only when it is whole: written without a name where the file system
// allows that (O_TMPFILE), else under a temporary one. A process that is killed leaves no half of it.
// Move-only.
class WholeFile {
 public:
  // Beside its later place, whose folder must exist. `mode` is taken as open(2) takes it.
  static Result<WholeFile> create(const std::filesystem::path& path, mode_t mode);
  WholeFile(WholeFile&& other) noexcept;
  WholeFile& operator=(WholeFile&&) = delete;
  ~WholeFile();  // drops what was not published

  int fd() const { return fd_.get(); }
  const std::filesystem::path& path() const { return path_; }
  Result<void> write(std::string_view bytes);
  Result<void> set_mode(mode_t mode);
  // Where the bytes' name is known only now. Same file system.
  void rename_to(std::filesystem::path path) { path_ = std::move(path); }

  enum class Existing { kReplace, kKeep };
  // Gives it its name. With kKeep a file that is there stays and this one is dropped: for content-addressed
  // names.
  Result<void> publish(Existing existing);

 private:
  WholeFile() = default;
  Error failed(std::string_view what) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty: it has no name yet
  UniqueFd fd_;
};

// Puts `text` in the place of a file, whole, with the mode that the old one has or open(2) gives a new one.
// Not synced to disk: these files have a copy in Git, or cost time only.
Result<void> write_text_file(const std::filesystem::path& path, std::string_view text);

// Copies all of `from` to the end of `to`, in the kernel where it can.
Result<void> copy_content(int from, int to, const std::filesystem::path& from_path);

}  // namespace penstock::datasets::dvc
