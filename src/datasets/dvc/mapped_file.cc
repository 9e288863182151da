#include "datasets/dvc/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "core/file.h"

namespace penstock::datasets::dvc {

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path));
  ASSIGN_OR_RETURN(int64_t bytes, file_bytes(fd.get(), path));
  MappedFile file;
  if (bytes == 0) return file;
  void* data = ::mmap(nullptr, static_cast<size_t>(bytes), PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return Failure(Error::from_errno(errno, "cannot map " + path.string()));
  file.data_ = static_cast<const char*>(data);
  file.size_ = static_cast<size_t>(bytes);
  return file;
}

}  // namespace penstock::datasets::dvc
