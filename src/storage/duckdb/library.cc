#include "storage/duckdb/library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace penstock::duckdb {
namespace {

constexpr const char* kFile = "libduckdb.so";
constexpr std::string_view kVersion = "v1.5.5";

std::vector<std::string> candidates() {
  std::error_code ignored;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return {(program.parent_path() / kFile).string(), PENSTOCK_DUCKDB_LIBRARY};
}

Error unusable(std::string_view why) {
  return Error::unavailable("DuckDB's library is needed for data files: " + std::string(why));
}

Result<Api> resolve(void* handle, std::string_view path) {
  Api api;
  bool complete = true;
#define PENSTOCK_DUCKDB_RESOLVE(name, result, parameters)                          \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(handle, "duckdb_" #name)); \
  complete = complete && api.name != nullptr;
  PENSTOCK_DUCKDB_FUNCTIONS(PENSTOCK_DUCKDB_RESOLVE)
#undef PENSTOCK_DUCKDB_RESOLVE
  if (complete && api.library_version() == kVersion) return api;
  return Failure(unusable(std::string(path) + " is not DuckDB " + std::string(kVersion)));
}

Result<Api> load() {
  std::string why;
  for (const std::string& path : candidates()) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr) return resolve(handle, path);
    why = dlerror();
  }
  if (!why.empty()) return Failure(unusable(why));
  return Failure(unusable(candidates()[0] + " is not there; put " + kFile + " beside the program"));
}

}  // namespace

Result<const Api*> library() {
  static const Result<Api> kLoaded = load();
  if (!kLoaded) return Failure(kLoaded.error());
  return &*kLoaded;
}

}  // namespace penstock::duckdb
