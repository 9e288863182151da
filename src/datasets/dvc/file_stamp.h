#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace penstock::datasets::dvc {

// What tells whether a file may have changed, and how it is linked.
struct FileStamp {
  uint64_t inode = 0;
  int64_t mtime_ns = 0;
  int64_t bytes = 0;
  mode_t mode = 0;
  nlink_t links = 1;
  bool is_symlink = false;  // the rest is of what it leads to

  bool is_folder() const { return S_ISDIR(mode); }
  bool is_file() const { return S_ISREG(mode); }
  bool is_executable() const { return (mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0; }

  static FileStamp of(const struct stat& status) {
    return {.inode = status.st_ino,
            .mtime_ns = status.st_mtim.tv_sec * 1'000'000'000L + status.st_mtim.tv_nsec,
            .bytes = status.st_size,
            .mode = status.st_mode,
            .links = status.st_nlink};
  }
  // Nothing if there is no such file, or a symbolic link that leads nowhere.
  static std::optional<FileStamp> of(const std::filesystem::path& path) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0) return std::nullopt;
    bool symlink = S_ISLNK(status.st_mode);
    if (symlink && stat(path.c_str(), &status) != 0) return std::nullopt;
    FileStamp stamp = of(status);
    stamp.is_symlink = symlink;
    return stamp;
  }
};

}  // namespace penstock::datasets::dvc
