#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {

// A place that holds objects beside the cache, laid out as the cache is. All functions but list() and
// exists() are called from several threads at once.
class Remote {
 public:
  virtual ~Remote() = default;

  // For messages: the object's place.
  virtual std::string name_of(std::string_view id, HashKind kind) const = 0;
  // Of these ids, those that are there. Asks for each, or lists, whatever costs less.
  virtual Result<std::unordered_set<std::string>> exists(const std::vector<std::string>& ids,
                                                         HashKind kind) = 0;
  virtual Result<std::vector<std::string>> list(HashKind kind) = 0;
  // Copies between the cache and here. What appears under an object's name is whole. download: kNotFound.
  virtual Result<void> upload(const ObjectCache& cache, std::string_view id, HashKind kind) = 0;
  virtual Result<void> download(ObjectCache& cache, std::string_view id, HashKind kind) = 0;
  virtual Result<void> remove(std::string_view id, HashKind kind) = 0;
  // Whether downloads are hashed before they enter the cache; DVC trusts a local remote.
  virtual bool is_verified() const = 0;
  virtual size_t jobs() const = 0;  // transfers that make sense at once
  virtual const std::string& name() const = 0;
};

// The named remote, or core.remote where `name` is empty; kNotFound says how to set one, kNotImplemented
// which kinds of URL there are.
Result<std::unique_ptr<Remote>> open_remote(Repository& repository, const std::string& name);
Result<std::unique_ptr<Remote>> open_remote(const Environment& environment, const Config& config,
                                            const std::string& name);
// By its options: url, and those of its kind.
Result<std::unique_ptr<Remote>> open_remote(const Environment& environment, std::string name,
                                            const std::map<std::string, std::string>& options);

std::unique_ptr<Remote> make_local_remote(std::string name, const std::filesystem::path& folder,
                                          bool verified, size_t jobs);

}  // namespace penstock::datasets::dvc
