#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"

namespace penstock::datasets::dvc {

// A whole file as bytes, read as they are touched. The file must not shrink meanwhile: objects never do.
// Move-only.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile() = default;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace penstock::datasets::dvc
