#pragma once

#include <set>
#include <string>

#include "core/result.h"
#include "datasets/dvc/repository.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

// Whether an import's repository has a newer commit under the revision that was asked for.
Result<bool> has_update(Repository& repository, const SourceRepo& source);
// Of a source by URL: "" or "modified", "deleted", "new".
Result<std::string> url_status(Repository& repository, const Dependency& dependency);
// Brings the content of imports (named by their .dvc files) into the cache where it is missing.
Result<size_t> fetch_imports(Repository& repository, const std::set<std::string>& files);

struct GetOptions {
  std::string rev{};
  std::string out{};
  std::string remote{};
  bool force = false;
};
// Downloads a tracked or plain file or folder of a repository; needs no repository here.
Result<void> get(const Environment& environment, const std::string& url, const std::string& path,
                 const GetOptions& options);
// The same, tracked here with a note of where it came from.
Result<Stage> import(Repository& repository, const std::string& url, const std::string& path,
                     const GetOptions& options);
Result<Stage> import_url(Repository& repository, const std::string& url, const GetOptions& options);
// Brings imports to their source's newest state, or to `rev`.
Result<void> update(Repository& repository, const std::vector<std::string>& words, const std::string& rev);

struct ListOptions {
  std::string rev{};
  bool recursive = false;
  bool dvc_only = false;
};
// `dvc list`: [{"isout", "isdir", "isexec", "size", "md5", "path"}].
Result<Value> list(const Environment& environment, const std::string& url, const std::string& path,
                   const ListOptions& options);

}  // namespace penstock::datasets::dvc
