#include <fmt/format.h>
#include <unistd.h>

#include "core/text.h"
#include "datasets/dvc/remote.h"

namespace penstock::datasets::dvc {
namespace {

class LocalRemote : public Remote {
 public:
  LocalRemote(std::string name, const std::filesystem::path& folder, bool verified, size_t jobs)
      : name_(std::move(name)), objects_(folder), verified_(verified), jobs_(jobs) {}

  std::string name_of(std::string_view id, HashKind kind) const override {
    return objects_.path_of(id, kind).string();
  }

  // As DVC: an object that is read-only is believed, another is read first.
  Result<std::unordered_set<std::string>> exists(const std::vector<std::string>& ids,
                                                 HashKind kind) override {
    std::unordered_set<std::string> found;
    for (const std::string& id : ids) {
      if (objects_.check(id, kind, nullptr) == ObjectCache::Presence::kPresent) found.insert(id);
    }
    return found;
  }

  Result<std::vector<std::string>> list(HashKind kind) override {
    std::vector<std::string> ids;
    RETURN_IF_ERROR(
        objects_.each(kind, [&](std::string_view id, const FileStamp&) { ids.emplace_back(id); }));
    return ids;
  }

  Result<void> upload(const ObjectCache& cache, std::string_view id, HashKind kind) override {
    return objects_.copy_from(cache, id, kind);
  }

  Result<void> download(ObjectCache& cache, std::string_view id, HashKind kind) override {
    RETURN_IF_ERROR(cache.copy_from(objects_, id, kind));
    if (!verified_) return {};
    std::filesystem::path path = cache.path_of(id, kind);
    ASSIGN_OR_RETURN(Md5 md5, hash_file(path, is_directory_id(id) ? HashKind::kBytes : kind));
    if (hex(md5) == id.substr(0, 32)) return {};
    RETURN_IF_ERROR(cache.remove(id, kind));
    return Failure(Error{.code = ErrorCode::kCorrupt,
                         .message = name_of(id, kind) + " does not hold what its name says"});
  }

  Result<void> remove(std::string_view id, HashKind kind) override { return objects_.remove(id, kind); }
  bool is_verified() const override { return verified_; }
  size_t jobs() const override { return jobs_; }
  const std::string& name() const override { return name_; }

 private:
  std::string name_;
  ObjectCache objects_;
  bool verified_;
  size_t jobs_;
};

}  // namespace

std::unique_ptr<Remote> make_local_remote(std::string name, const std::filesystem::path& folder,
                                          bool verified, size_t jobs) {
  return std::make_unique<LocalRemote>(std::move(name), folder, verified, jobs);
}

}  // namespace penstock::datasets::dvc
