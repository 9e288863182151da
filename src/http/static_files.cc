#include "http/static_files.h"

#include <algorithm>
#include <string>

#include "core/text.h"
#include "http/error_shape.h"

namespace penstock::http {
namespace {

constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

const StaticFile* find(std::span<const StaticFile> files, std::string_view path) {
  auto found = std::ranges::lower_bound(files, path, {}, &StaticFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

const StaticFile* choose(std::span<const StaticFile> files, std::string_view path) {
  if (const StaticFile* exact = find(files, path)) return exact;
  bool looks_like_a_file = path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
  return looks_like_a_file ? nullptr : find(files, kIndex);
}

// Whether "gzip" is acceptable (RFC 9110 §12.5.3): named or covered by '*', and not with a weight of zero.
bool accepts_gzip(std::string_view accept_encoding) {
  std::string lower = to_lower(accept_encoding);
  bool any = false;
  for (std::string_view choice : split(lower, ',')) {
    size_t semicolon = std::min(choice.find(';'), choice.size());
    std::string_view coding = trim(choice.substr(0, semicolon));
    std::string_view weight = trim(choice.substr(std::min(semicolon + 1, choice.size())));
    bool refused = weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos;
    if (coding == "gzip" || coding == "x-gzip") return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

// If-None-Match compares weakly (RFC 9110 §13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  for (std::string_view candidate : split(if_none_match, ',')) {
    candidate = trim(candidate);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == "*" || candidate == etag) return true;
  }
  return false;
}

}  // namespace

Task<> serve_static(std::span<const StaticFile> files, Request& request, ResponseStream& out) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused =
        native_error(Error{.code = ErrorCode::kMethodNotAllowed, .message = "files can only be read"});
    refused.head.headers.add("allow", "GET, HEAD");
    co_await out.send(std::move(refused));
    co_return;
  }
  const StaticFile* file = choose(files, request.path);
  if (file == nullptr) {
    co_await out.send(native_error(Error::not_found("there is nothing at " + request.path)));
    co_return;
  }
  bool zipped = !file->gzip.empty() && accepts_gzip(request.headers.get("accept-encoding"));
  Response response;
  Headers& headers = response.head.headers;
  headers.add("content-type", std::string(file->content_type));
  headers.add("cache-control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  headers.add("etag",
              (zipped ? "W/" : "") + std::string(file->etag));  // one tag for two encodings is a weak one
  headers.add("vary", "accept-encoding");
  headers.add("content-security-policy", std::string(kPolicy));
  headers.add("x-content-type-options", "nosniff");
  if (matches(request.headers.get("if-none-match"), file->etag)) {
    response.head.status = 304;
  } else {
    if (zipped) headers.add("content-encoding", "gzip");
    response.body = zipped ? file->gzip : file->raw;
  }
  co_await out.send(std::move(response));
}

}  // namespace penstock::http
