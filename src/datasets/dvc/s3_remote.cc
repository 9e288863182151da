#include "datasets/dvc/s3_remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "core/parallel_for.h"
#include "core/text.h"
#include "datasets/dvc/download.h"
#include "datasets/dvc/mapped_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kLargeBytes = size_t{256} << 20;  // above: in parts
constexpr size_t kAskEachMax = 100;                // ids; beyond, a listing may be cheaper
constexpr size_t kKeysPerPage = 1000;

class S3Remote : public Remote {
 public:
  S3Remote(std::string name, S3Client client, std::string prefix, size_t jobs)
      : name_(std::move(name)),
        client_(std::move(client)),
        prefix_(std::move(prefix)),
        jobs_(jobs),
        pool_({.name = "dvc s3", .threads = std::max<size_t>(jobs, 2) - 1}) {}

  std::string name_of(std::string_view id, HashKind kind) const override {
    return fmt::format("s3://{}/{}", client_.bucket(), key_of(id, kind));
  }

  Result<std::unordered_set<std::string>> exists(const std::vector<std::string>& ids,
                                                 HashKind kind) override {
    if (ids.size() <= kAskEachMax) return ask_each(ids, kind);
    // Objects spread evenly over the 256 prefixes: one page of one prefix tells how many there are.
    ASSIGN_OR_RETURN(std::vector<std::string> sample, client_.list(top(kind) + "00/", kKeysPerPage));
    size_t pages = std::max<size_t>(256, sample.size() * 256 / kKeysPerPage);
    return sample.size() < kKeysPerPage && pages < ids.size() ? list_prefixes(ids, kind)
                                                              : ask_each(ids, kind);
  }

  Result<std::vector<std::string>> list(HashKind kind) override {
    ASSIGN_OR_RETURN(std::vector<std::string> keys, client_.list(top(kind)));
    std::vector<std::string> ids;
    for (const std::string& key : keys) {
      if (std::string id = id_of(key, kind); !id.empty()) ids.push_back(std::move(id));
    }
    return ids;
  }

  Result<void> upload(const ObjectCache& cache, std::string_view id, HashKind kind) override {
    ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(cache.path_of(id, kind)));
    std::string key = key_of(id, kind);
    if (file.bytes().size() > kLargeBytes) return client_.put_large(key, file.bytes());
    // The server refuses bytes that are not what the id says.
    bool id_is_md5 = kind == HashKind::kBytes || is_directory_id(id);
    return client_.put(key, file.bytes(), id_is_md5 ? base64(md5_of_hex(id)) : std::string());
  }

  Result<void> download(ObjectCache& cache, std::string_view id, HashKind kind) override {
    return download_object(cache, id, kind, name_of(id, kind), [&](const BlockingHttp::Sink& sink) {
      return client_.get(key_of(id, kind), sink);
    });
  }

  Result<void> remove(std::string_view id, HashKind kind) override {
    return client_.remove(key_of(id, kind));
  }
  bool is_verified() const override { return true; }
  size_t jobs() const override { return jobs_; }
  const std::string& name() const override { return name_; }

 private:
  std::string top(HashKind kind) const {
    std::string text = prefix_.empty() ? "" : prefix_ + "/";
    return kind == HashKind::kBytes ? text + "files/md5/" : text;
  }
  std::string key_of(std::string_view id, HashKind kind) const {
    return fmt::format("{}{}/{}", top(kind), id.substr(0, 2), id.substr(2));
  }
  // Empty where a key is no object's.
  std::string id_of(std::string_view key, HashKind kind) const {
    key.remove_prefix(std::min(top(kind).size(), key.size()));
    if (key.size() < 3 || key[2] != '/') return {};
    std::string id = std::string(key.substr(0, 2)).append(key.substr(3));
    return is_object_id(id) ? id : std::string();
  }

  // Runs `ask` for each item on all transfer threads; the first error ends it.
  template <class Ask>
  Result<void> for_each(size_t count, Ask ask) {
    std::mutex mutex;
    std::optional<Error> failure;
    std::atomic<bool> stop = false;
    parallel_for(pool_, jobs_ - 1, count, [&](size_t i) {
      if (stop) return;
      Result<void> done = ask(i, mutex);
      if (done) return;
      stop = true;
      std::lock_guard lock(mutex);
      if (!failure) failure = std::move(done).error();
    });
    if (failure) return Failure(std::move(*failure));
    return {};
  }

  Result<std::unordered_set<std::string>> ask_each(const std::vector<std::string>& ids, HashKind kind) {
    std::unordered_set<std::string> found;
    RETURN_IF_ERROR(for_each(ids.size(), [&](size_t i, std::mutex& mutex) -> Result<void> {
      ASSIGN_OR_RETURN(bool there, client_.exists(key_of(ids[i], kind)));
      std::lock_guard lock(mutex);
      if (there) found.insert(ids[i]);
      return {};
    }));
    return found;
  }

  Result<std::unordered_set<std::string>> list_prefixes(const std::vector<std::string>& ids, HashKind kind) {
    std::set<std::string> wanted;
    for (const std::string& id : ids) wanted.insert(id.substr(0, 2));
    std::vector<std::string> prefixes(wanted.begin(), wanted.end());
    std::unordered_set<std::string> found;
    RETURN_IF_ERROR(for_each(prefixes.size(), [&](size_t i, std::mutex& mutex) -> Result<void> {
      ASSIGN_OR_RETURN(std::vector<std::string> keys, client_.list(top(kind) + prefixes[i] + "/"));
      std::lock_guard lock(mutex);
      for (const std::string& key : keys) found.insert(id_of(key, kind));
      return {};
    }));
    return found;
  }

  std::string name_;
  S3Client client_;
  std::string prefix_;
  size_t jobs_;
  BlockingPool pool_;
};

}  // namespace

std::unique_ptr<Remote> make_s3_remote(std::string name, S3Client client, std::string prefix, size_t jobs) {
  return std::make_unique<S3Remote>(std::move(name), std::move(client), std::move(prefix), jobs);
}

}  // namespace penstock::datasets::dvc
