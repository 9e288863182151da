#include "datasets/dvc/object_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <latch>
#include <mutex>

#include "core/blocking_pool.h"
#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/ignore.h"
#include "datasets/dvc/text_file.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr size_t kSmallBytesMax = 8 << 20;  // read once, hashed and written from memory
constexpr mode_t kObjectMode = 0444;
constexpr size_t kObjectBytesMax = size_t{4} << 30;  // of what is read whole: directory objects

Error errno_error(std::string_view what, const std::filesystem::path& path) {
  return Error::from_errno(errno, fmt::format("{} {}", what, path.string()));
}

Error changed(const std::filesystem::path& path) {
  return Error{.code = ErrorCode::kConflict,
               .message = path.string() + " changed while it was read; try again when nobody writes to it"};
}

std::vector<char>& read_buffer() {
  thread_local std::vector<char> buffer(kReadBytes);
  return buffer;
}

// Calls `take` with every piece of a file.
template <class Take>
Result<void> read_pieces(int fd, const std::filesystem::path& path, Take take) {
  std::vector<char>& buffer = read_buffer();
  for (int64_t offset = 0;;) {
    ASSIGN_OR_RETURN(size_t got, read_at(fd, buffer, offset, path));
    if (got == 0) return {};
    take(std::string_view(buffer.data(), got));
    offset += static_cast<int64_t>(got);
    if (got < buffer.size()) return {};
  }
}

Result<void> make_folder(const std::filesystem::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0777) == 0) {
    if (mode != 0) ::chmod(path.c_str(), mode);  // the set-group bit is beyond mkdir(2)
    return {};
  }
  if (errno == EEXIST) return {};
  if (errno != ENOENT || !path.has_relative_path()) return Failure(errno_error("cannot make folder", path));
  RETURN_IF_ERROR(make_folder(path.parent_path(), mode));
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return Failure(errno_error("cannot make folder", path));
  if (mode != 0) ::chmod(path.c_str(), mode);
  return {};
}

}  // namespace

Md5 md5_of_hex(std::string_view id) {
  auto digit = [](char c) { return static_cast<uint8_t>((c <= '9' ? c - '0' : c - 'a' + 10) & 15); };
  Md5 md5{};
  for (size_t i = 0; i < md5.size() && 2 * i + 1 < id.size(); ++i)
    md5[i] = static_cast<std::byte>(digit(id[2 * i]) << 4 | digit(id[2 * i + 1]));
  return md5;
}

Result<Md5> hash_file(const std::filesystem::path& path, HashKind kind) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path));
  Md5Hasher hasher;
  RETURN_IF_ERROR(read_pieces(fd.get(), path, [&](std::string_view piece) {
    if (kind == HashKind::kDos2Unix && looks_like_text(piece)) {
      std::string text = without_carriage_returns(piece);
      hasher.update(std::as_bytes(std::span(text)));
    } else {
      hasher.update(std::as_bytes(std::span(piece)));
    }
  }));
  return hasher.finish();
}

ObjectCache::ObjectCache(std::filesystem::path folder, Sharing sharing)
    : folder_(std::move(folder)), sharing_(sharing) {}

std::filesystem::path ObjectCache::path_of(std::string_view id, HashKind kind) const {
  std::string path = folder_.string();
  if (kind == HashKind::kBytes) path += "/files/md5";
  return path.append("/").append(id.substr(0, 2)).append("/").append(id.substr(2));
}

bool ObjectCache::exists(std::string_view id, HashKind kind) const {
  return ::access(path_of(id, kind).c_str(), F_OK) == 0;
}

ObjectCache::Presence ObjectCache::check(std::string_view id, HashKind kind, HashState* state) {
  std::filesystem::path path = path_of(id, kind);
  std::optional<FileStamp> stamp = FileStamp::of(path);
  if (!stamp) return Presence::kAbsent;
  if ((stamp->mode & 07777) == kObjectMode) return Presence::kPresent;
  std::optional<Md5> md5 = state != nullptr ? state->find(path.string(), *stamp, kind) : std::nullopt;
  if (!md5) {
    // A directory object is hashed as its bytes are, in both generations.
    Result<Md5> hashed = hash_file(path, is_directory_id(id) ? HashKind::kBytes : kind);
    if (!hashed) return Presence::kAbsent;
    md5 = *hashed;
  }
  if (hex(*md5) != id.substr(0, 32)) {
    ::unlink(path.c_str());
    return Presence::kCorrupt;
  }
  ::chmod(path.c_str(), kObjectMode);
  return Presence::kPresent;
}

Result<void> ObjectCache::prepare(std::string_view id, HashKind kind) {
  auto digit = [](char c) { return static_cast<size_t>(c <= '9' ? c - '0' : c - 'a' + 10) & 15; };
  std::atomic<bool>& done = prepared_[static_cast<size_t>(kind)][digit(id[0]) * 16 + digit(id[1])];
  if (done) return {};
  RETURN_IF_ERROR(make_folder(path_of(id, kind).parent_path(), sharing_ == Sharing::kGroup ? 02775 : 0));
  done = true;
  return {};
}

Result<void> ObjectCache::put(std::string_view id, std::string_view content, HashKind kind) {
  RETURN_IF_ERROR(prepare(id, kind));
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(path_of(id, kind), 0600));
  RETURN_IF_ERROR(file.write(content));
  RETURN_IF_ERROR(file.set_mode(kObjectMode));
  return file.publish(WholeFile::Existing::kKeep);
}

Result<void> ObjectCache::copy_from(const ObjectCache& other, std::string_view id, HashKind kind) {
  RETURN_IF_ERROR(prepare(id, kind));
  std::filesystem::path from = other.path_of(id, kind);
  ASSIGN_OR_RETURN(UniqueFd source, open_for_reading(from));
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(path_of(id, kind), 0600));
  if (!clone_content(source.get(), file.fd())) RETURN_IF_ERROR(copy_content(source.get(), file.fd(), from));
  RETURN_IF_ERROR(file.set_mode(kObjectMode));
  return file.publish(WholeFile::Existing::kKeep);
}

Result<Md5> ObjectCache::add(const std::filesystem::path& path, const FileStamp& stamp, bool hardlink) {
  if (hardlink && stamp.bytes > 0 && !stamp.is_symlink) {
    Result<Md5> linked = add_linked(path);
    if (linked || linked.error().code != ErrorCode::kNotImplemented) return linked;
  }
  ASSIGN_OR_RETURN(UniqueFd fd, open_for_reading(path));
  auto bytes = static_cast<size_t>(stamp.bytes);
  return bytes <= kSmallBytesMax ? add_small(path, fd.get(), bytes) : add_large(path, fd.get(), bytes);
}

Result<Md5> ObjectCache::add_small(const std::filesystem::path& path, int fd, size_t bytes) {
  std::vector<char>& buffer = read_buffer();
  if (buffer.size() <= bytes) buffer.resize(bytes + 1);
  ASSIGN_OR_RETURN(size_t got, read_at(fd, std::span(buffer).first(bytes + 1), 0, path));
  if (got != bytes) return Failure(changed(path));
  std::string_view content(buffer.data(), got);
  Md5 md5 = md5_of(content);
  std::string id = hex(md5);
  if (check(id, HashKind::kBytes, nullptr) != Presence::kPresent) RETURN_IF_ERROR(put(id, content));
  return md5;
}

// MD5 runs on one core at half the speed of the disk, so the copy is made beside it.
Result<Md5> ObjectCache::add_large(const std::filesystem::path& path, int fd, size_t bytes) {
  RETURN_IF_ERROR(make_folder(folder_ / "files/md5", sharing_ == Sharing::kGroup ? 02775 : 0));
  ASSIGN_OR_RETURN(WholeFile copy, WholeFile::create(folder_ / "files/md5" / "object", 0600));
  Result<void> copied{};
  std::latch done(1);
  BlockingPool copier({.name = "dvc copy", .threads = 1});
  bool cloned = clone_content(fd, copy.fd());
  if (!cloned) {
    copier.post([&] {
      copied = copy_content(fd, copy.fd(), path);
      done.count_down();
    });
  }
  Md5Hasher hasher;
  size_t hashed_bytes = 0;
  Result<void> read = read_pieces(fd, path, [&](std::string_view piece) {
    hasher.update(std::as_bytes(std::span(piece)));
    hashed_bytes += piece.size();
  });
  if (!cloned) done.wait();
  RETURN_IF_ERROR(read);
  RETURN_IF_ERROR(copied);
  ASSIGN_OR_RETURN(int64_t copied_bytes, file_bytes(copy.fd(), path));
  if (hashed_bytes != bytes || static_cast<size_t>(copied_bytes) != bytes) return Failure(changed(path));
  Md5 md5 = hasher.finish();
  std::string id = hex(md5);
  if (check(id, HashKind::kBytes, nullptr) == Presence::kPresent) return md5;
  RETURN_IF_ERROR(prepare(id, HashKind::kBytes));
  RETURN_IF_ERROR(copy.set_mode(kObjectMode));
  copy.rename_to(path_of(id));
  RETURN_IF_ERROR(copy.publish(WholeFile::Existing::kKeep));
  return md5;
}

Result<Md5> ObjectCache::add_linked(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(Md5 md5, hash_file(path));
  std::string id = hex(md5);
  if (check(id, HashKind::kBytes, nullptr) == Presence::kPresent) return md5;
  RETURN_IF_ERROR(prepare(id, HashKind::kBytes));
  if (::link(path.c_str(), path_of(id).c_str()) != 0 && errno != EEXIST)
    return Failure(Error{.code = ErrorCode::kNotImplemented, .message = "no hard links here"});
  ::chmod(path_of(id).c_str(), kObjectMode);
  return md5;
}

Result<std::string> ObjectCache::read(std::string_view id, HashKind kind) const {
  return read_file(path_of(id, kind), kObjectBytesMax);
}

Result<Manifest> ObjectCache::manifest(std::string_view id, HashKind kind) const {
  ASSIGN_OR_RETURN(std::string text, read(id, kind));
  return Manifest::parse(text, path_of(id, kind).string());
}

Result<void> ObjectCache::each(HashKind kind,
                               const std::function<void(std::string_view, const FileStamp&)>& visit) const {
  namespace fs = std::filesystem;
  fs::path top = kind == HashKind::kBytes ? folder_ / "files/md5" : folder_;
  std::error_code failure;
  for (const fs::directory_entry& folder : fs::directory_iterator(top, failure)) {
    std::string prefix = folder.path().filename().string();
    if (prefix.size() != 2 || !folder.is_directory()) continue;
    for (const fs::directory_entry& object : fs::directory_iterator(folder.path(), failure)) {
      std::string id = prefix + object.path().filename().string();
      std::optional<FileStamp> stamp = is_object_id(id) ? FileStamp::of(object.path()) : std::nullopt;
      if (stamp) visit(id, *stamp);
    }
  }
  if (failure && failure != std::errc::no_such_file_or_directory)
    return Failure(Error::internal("cannot list " + top.string() + ": " + failure.message()));
  return {};
}

Result<void> ObjectCache::remove(std::string_view id, HashKind kind) {
  std::filesystem::path path = path_of(id, kind);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Failure(errno_error("cannot remove", path));
  return {};
}

}  // namespace penstock::datasets::dvc
