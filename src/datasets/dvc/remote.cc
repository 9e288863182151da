#include "datasets/dvc/remote.h"

#include <fmt/format.h>

#include "core/text.h"
#include "datasets/dvc/http_remote.h"
#include "datasets/dvc/s3_remote.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kJobsMax = 256;
constexpr int kNestedRemotesMax = 8;

std::string option(const std::map<std::string, std::string>& options, const std::string& name) {
  auto found = options.find(name);
  return found == options.end() ? std::string() : found->second;
}

// DVC's numbers: four per core for local and S3, sixteen for HTTP.
size_t jobs_of(const Environment& environment, const std::map<std::string, std::string>& options,
               size_t standard) {
  auto given = parse_int(option(options, "jobs"));
  size_t jobs = given && *given > 0 ? static_cast<size_t>(*given) : standard;
  return std::min(std::max<size_t>(jobs, 1), std::max(kJobsMax, environment.threads));
}

}  // namespace

Result<std::unique_ptr<Remote>> open_remote(const Environment& environment, std::string name,
                                            const std::map<std::string, std::string>& options) {
  std::string url = option(options, "url");
  if (option(options, "version_aware") == "true" || option(options, "worktree") == "true") {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented,
              .message = fmt::format("remote '{}': version_aware and worktree remotes are DVC's own", name)});
  }
  if (!is_url(url) || url.starts_with("file://")) {
    std::string folder = url.starts_with("file://") ? url.substr(7) : url;
    return make_local_remote(std::move(name), folder, option(options, "verify") == "true",
                             jobs_of(environment, options, environment.threads));
  }
  bool http = url.starts_with("http://") || url.starts_with("https://");
  bool s3 = url.starts_with("s3://");
  if ((http || s3) && environment.http == nullptr) return Failure(Error::unavailable("no HTTP client here"));
  if (http) return make_http_remote(environment, std::move(name), options, jobs_of(environment, options, 16));
  if (s3) {
    std::string place = url.substr(5);
    size_t slash = std::min(place.find('/'), place.size());
    std::string prefix(trim(place.substr(std::min(slash + 1, place.size()))));
    while (prefix.ends_with('/')) prefix.pop_back();
    ASSIGN_OR_RETURN(S3Options s3_options, read_s3_options(environment, options, place.substr(0, slash)));
    return make_s3_remote(std::move(name),
                          S3Client(*environment.http, *environment.clock, std::move(s3_options)),
                          std::move(prefix), jobs_of(environment, options, 16));
  }
  return Failure(
      Error{.code = ErrorCode::kNotImplemented,
            .message = fmt::format("remote '{}': {} is none of a folder, s3://, http:// and https://; dvc "
                                   "knows more kinds",
                                   name, url.substr(0, url.find("://") + 3))});
}

Result<std::unique_ptr<Remote>> open_remote(Repository& repository, const std::string& name) {
  return open_remote(repository.environment(), repository.config(), name);
}

Result<std::unique_ptr<Remote>> open_remote(const Environment& environment, const Config& config,
                                            const std::string& given) {
  std::string name = given.empty() ? config.get("core", {}, "remote") : given;
  if (name.empty()) {
    return Failure(
        Error::not_found("config file error: no remote specified. Create a default remote with\n"
                         "    penstock data remote add -d <remote name> <remote url>"));
  }
  std::map<std::string, std::string> options = config.section("remote", to_lower(name));
  if (options.empty())
    return Failure(Error::not_found(fmt::format("config file error: remote '{}' doesn't exist", name)));
  // "remote://other/path" lies below another remote and has its options where it says nothing itself.
  for (int i = 0; option(options, "url").starts_with("remote://"); ++i) {
    std::string rest = option(options, "url").substr(9);
    size_t slash = std::min(rest.find('/'), rest.size());
    std::map<std::string, std::string> other = config.section("remote", rest.substr(0, slash));
    if (other.empty() || i == kNestedRemotesMax)
      return Failure(Error::not_found(
          fmt::format("config file error: remote '{}' doesn't exist", rest.substr(0, slash))));
    std::string url = option(other, "url") + rest.substr(slash);
    options.erase("url");
    options.merge(other);
    options["url"] = url;
  }
  return open_remote(environment, name, options);
}

}  // namespace penstock::datasets::dvc
