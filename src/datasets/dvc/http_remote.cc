#include "datasets/dvc/http_remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/parallel_for.h"
#include "core/text.h"
#include "datasets/dvc/config.h"
#include "datasets/dvc/download.h"
#include "datasets/dvc/mapped_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr int kRedirectsMax = 5;
constexpr HttpTimeouts kTimeouts = {.connect_ms = 10'000, .first_byte_ms = 120'000, .idle_ms = 60'000};

// "https://host/a?b" as endpoint and target.
Result<std::pair<Endpoint, std::string>> parts_of(const std::string& url) {
  size_t host = url.find("://");
  size_t slash = host == std::string::npos ? host : url.find('/', host + 3);
  ASSIGN_OR_RETURN(Endpoint endpoint, Endpoint::parse(url.substr(0, slash)));
  return std::pair(endpoint, slash == std::string::npos ? std::string("/") : url.substr(slash));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string origin_of(const std::string& url) { return url.substr(0, url.find('/', url.find("://") + 3)); }

Result<HttpReply> follow(BlockingHttp& http, std::string_view method, std::string url, Headers headers,
                         const BlockingHttp::Sink& sink) {
  for (int i = 0; i <= kRedirectsMax; ++i) {
    ASSIGN_OR_RETURN(auto parts, parts_of(url));
    HttpCall call{.method = method, .target = parts.second, .headers = headers, .timeouts = kTimeouts};
    ASSIGN_OR_RETURN(HttpReply reply, http.call(parts.first, call, sink));
    if (!is_redirect(reply.status)) return reply;
    std::string next(reply.headers.get("Location"));
    if (next.starts_with('/')) next = origin_of(url) + next;
    if (!is_url(next))
      return Failure(Error{.code = ErrorCode::kUpstream, .message = url + " redirects to nowhere"});
    // What was meant for one host is not told to another.
    if (origin_of(next) != origin_of(url)) headers.remove("Authorization");
    url = std::move(next);
  }
  return Failure(Error{.code = ErrorCode::kUpstream, .message = url + ": too many redirects"});
}

class HttpRemote : public Remote {
 public:
  HttpRemote(BlockingHttp& http, std::string name, std::string url, std::string method, Headers headers,
             size_t jobs)
      : http_(http),
        name_(std::move(name)),
        url_(std::move(url)),
        method_(std::move(method)),
        headers_(std::move(headers)),
        jobs_(jobs),
        pool_({.name = "dvc http", .threads = std::max<size_t>(jobs, 2) - 1}) {}

  std::string name_of(std::string_view id, HashKind kind) const override {
    return fmt::format("{}/{}{}/{}", url_, kind == HashKind::kBytes ? "files/md5/" : "", id.substr(0, 2),
                       id.substr(2));
  }

  Result<std::unordered_set<std::string>> exists(const std::vector<std::string>& ids,
                                                 HashKind kind) override {
    std::unordered_set<std::string> found;
    std::mutex mutex;
    std::optional<Error> failure;
    parallel_for(pool_, jobs_ - 1, ids.size(), [&](size_t i) {
      Result<HttpReply> reply = http_head(http_, name_of(ids[i], kind), headers_);
      std::lock_guard lock(mutex);
      if (reply && reply->status == 200) {
        found.insert(ids[i]);
      } else if (!failure && (!reply || reply->status != 404)) {
        failure = reply ? refused(reply->status, name_of(ids[i], kind)) : std::move(reply).error();
      }
    });
    if (failure) return Failure(std::move(*failure));
    return found;
  }

  Result<std::vector<std::string>> list(HashKind) override {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented, .message = url_ + ": plain HTTP has no listings"});
  }

  Result<void> upload(const ObjectCache& cache, std::string_view id, HashKind kind) override {
    ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(cache.path_of(id, kind)));
    ASSIGN_OR_RETURN(auto parts, parts_of(name_of(id, kind)));
    HttpCall call{.method = method_,
                  .target = parts.second,
                  .headers = headers_,
                  .body = file.bytes(),
                  .timeouts = kTimeouts};
    ASSIGN_OR_RETURN(HttpReply reply, http_.call(parts.first, call));
    if (reply.status >= 200 && reply.status < 300) return {};
    return Failure(refused(reply.status, name_of(id, kind)));
  }

  Result<void> download(ObjectCache& cache, std::string_view id, HashKind kind) override {
    std::string source = name_of(id, kind);
    return download_object(cache, id, kind, source, [&](const BlockingHttp::Sink& sink) -> Result<void> {
      ASSIGN_OR_RETURN(HttpReply reply, http_get(http_, source, headers_, sink));
      if (reply.status == 200) return {};
      return Failure(refused(reply.status, source));
    });
  }

  Result<void> remove(std::string_view, HashKind) override {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = url_ + ": plain HTTP remotes keep what they have"});
  }
  bool is_verified() const override { return true; }
  size_t jobs() const override { return jobs_; }
  const std::string& name() const override { return name_; }

 private:
  static Error refused(int status, const std::string& url) {
    return Error{.code = status == 404                    ? ErrorCode::kNotFound
                         : status == 401 || status == 403 ? ErrorCode::kPermissionDenied
                                                          : ErrorCode::kUpstream,
                 .message = fmt::format("{} answered {}", url, status)};
  }

  BlockingHttp& http_;
  std::string name_;
  std::string url_;
  std::string method_;
  Headers headers_;
  size_t jobs_;
  BlockingPool pool_;
};

}  // namespace

Result<HttpReply> http_get(BlockingHttp& http, const std::string& url, const Headers& headers,
                           const BlockingHttp::Sink& sink) {
  return follow(http, "GET", url, headers, sink);
}

Result<HttpReply> http_head(BlockingHttp& http, const std::string& url, const Headers& headers) {
  return follow(http, "HEAD", url, headers, {});
}

Result<std::unique_ptr<Remote>> make_http_remote(const Environment& environment, std::string name,
                                                 const std::map<std::string, std::string>& options,
                                                 size_t jobs) {
  auto option = [&](const std::string& key) {
    auto found = options.find(key);
    return found == options.end() ? std::string() : found->second;
  };
  Headers headers;
  std::string auth = to_lower(option("auth"));
  if (auth == "digest") {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented,
              .message = "remote '" + name + "': auth = digest is not supported; use basic over https"});
  }
  if (auth == "custom") {
    headers.set(option("custom_auth_header"), option("password"));
  } else if (!option("user").empty()) {
    std::string pair = option("user") + ":" + option("password");
    headers.set("Authorization", "Basic " + base64(std::as_bytes(std::span(pair))));
  }
  std::string url = option("url");
  while (url.ends_with('/')) url.pop_back();
  std::string method = option("method").empty() ? "POST" : option("method");
  return std::make_unique<HttpRemote>(*environment.http, std::move(name), std::move(url), std::move(method),
                                      std::move(headers), jobs);
}

}  // namespace penstock::datasets::dvc
