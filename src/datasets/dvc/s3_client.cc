#include "datasets/dvc/s3_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "core/md5.h"
#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr size_t kPartBytes = 64 << 20;
constexpr size_t kPartsMax = 10'000;
constexpr size_t kPagesMax = 1'000'000;  // of a listing, 1000 keys each
constexpr HttpTimeouts kTimeouts = {.connect_ms = 10'000, .first_byte_ms = 120'000, .idle_ms = 60'000};

Error refused(const HttpReply& reply, std::string_view what) {
  auto first = [&](std::string_view name) {
    std::vector<std::string> texts = xml_texts(reply.body, name);
    return texts.empty() ? std::string() : texts[0];
  };
  std::string code = first("Code");
  Error error{.code = reply.status == 404                          ? ErrorCode::kNotFound
                      : reply.status == 401 || reply.status == 403 ? ErrorCode::kPermissionDenied
                                                                   : ErrorCode::kUpstream,
              .message = fmt::format("S3 {}: {} {}", what, reply.status, code)};
  if (std::string message = first("Message"); !message.empty()) error.message += ": " + message;
  return error;
}

}  // namespace

std::vector<std::string> xml_texts(std::string_view xml, std::string_view name) {
  std::string open = fmt::format("<{}>", name);
  std::string close = fmt::format("</{}>", name);
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
      {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
  std::vector<std::string> texts;
  for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at)) {
    at += open.size();
    size_t end = xml.find(close, at);
    if (end == std::string_view::npos) break;
    std::string text;
    for (std::string_view rest = xml.substr(at, end - at); !rest.empty();) {
      const auto* entity =
          std::ranges::find_if(kEntities, [&](const auto& e) { return rest.starts_with(e.first); });
      bool found = entity != std::end(kEntities);
      text += found ? entity->second : rest[0];
      rest.remove_prefix(found ? entity->first.size() : 1);
    }
    texts.push_back(std::move(text));
    at = end;
  }
  return texts;
}

Result<HttpReply> S3Client::call(std::string_view method, std::string_view key, Query query,
                                 std::string_view body, Headers headers,
                                 const BlockingHttp::Sink& sink) const {
  std::string path = "/" + encoded_path(options_.bucket_in_path ? fmt::format("{}/{}", options_.bucket, key)
                                                                : std::string(key));
  std::string host = options_.endpoint.host;
  bool default_port = options_.endpoint.port == (options_.endpoint.tls ? 443 : 80);
  if (!default_port) host += ":" + std::to_string(options_.endpoint.port);
  if (!options_.anonymous) {
    // TLS protects the body already; over plain HTTP its hash is signed.
    std::string hash =
        options_.endpoint.tls && !body.empty() ? std::string(kUnsigned) : Digest::of(body).hex();
    std::string signed_path = options_.endpoint.prefix + path;
    SignedCall signed_call{
        .method = method, .host = host, .path = signed_path, .query = query, .payload_hash = hash};
    sign(signed_call, options_.credentials, {.region = options_.region}, clock_->now(), headers);
    headers.remove("Host");  // the client sends it
  }
  std::string target = path;
  if (!query.empty()) target += "?" + canonical_query(std::move(query));
  HttpCall call{
      .method = method, .target = target, .headers = std::move(headers), .body = body, .timeouts = kTimeouts};
  return http_->call(options_.endpoint, call, sink);
}

Result<bool> S3Client::exists(std::string_view key) const {
  ASSIGN_OR_RETURN(HttpReply reply, call("HEAD", key, {}, {}, {}));
  if (reply.status == 200) return true;
  if (reply.status == 404) return false;
  return Failure(refused(reply, fmt::format("HEAD s3://{}/{}", options_.bucket, key)));
}

Result<std::vector<std::string>> S3Client::list(std::string_view prefix, size_t keys_max) const {
  std::vector<std::string> keys;
  std::string token;
  for (size_t page = 0; page < kPagesMax; ++page) {
    Query query = {{"list-type", "2"}, {"prefix", std::string(prefix)}};
    if (keys_max > 0) query.emplace_back("max-keys", std::to_string(std::min<size_t>(keys_max, 1000)));
    if (!token.empty()) query.emplace_back("continuation-token", token);
    ASSIGN_OR_RETURN(HttpReply reply, call("GET", "", std::move(query), {}, {}));
    if (reply.status != 200)
      return Failure(refused(reply, fmt::format("list s3://{}/{}", options_.bucket, prefix)));
    std::ranges::move(xml_texts(reply.body, "Key"), std::back_inserter(keys));
    std::vector<std::string> truncated = xml_texts(reply.body, "IsTruncated");
    std::vector<std::string> next = xml_texts(reply.body, "NextContinuationToken");
    bool more = !truncated.empty() && truncated[0] == "true" && !next.empty();
    if (!more || (keys_max > 0 && keys.size() >= keys_max)) return keys;
    token = next[0];
  }
  return Failure(Error{.code = ErrorCode::kTooLarge, .message = "S3 listing does not end"});
}

Result<void> S3Client::put(std::string_view key, std::string_view body, std::string_view content_md5) const {
  Headers headers = options_.upload_headers;
  if (!content_md5.empty()) headers.set("Content-MD5", std::string(content_md5));
  ASSIGN_OR_RETURN(HttpReply reply, call("PUT", key, {}, body, std::move(headers)));
  if (reply.status == 200) return {};
  return Failure(refused(reply, fmt::format("PUT s3://{}/{}", options_.bucket, key)));
}

Result<std::string> S3Client::upload_part(std::string_view key, const std::string& upload, size_t number,
                                          std::string_view part) const {
  Headers headers;
  headers.set("Content-MD5", base64(md5_of(part)));
  Query query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
  ASSIGN_OR_RETURN(HttpReply reply, call("PUT", key, std::move(query), part, std::move(headers)));
  if (reply.status != 200)
    return Failure(refused(reply, fmt::format("PUT s3://{}/{} part {}", options_.bucket, key, number)));
  return fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number,
                     reply.headers.get("ETag"));
}

Result<void> S3Client::put_large(std::string_view key, std::string_view body) const {
  std::string what = fmt::format("upload of s3://{}/{}", options_.bucket, key);
  ASSIGN_OR_RETURN(HttpReply begun, call("POST", key, {{"uploads", ""}}, {}, options_.upload_headers));
  std::vector<std::string> upload = xml_texts(begun.body, "UploadId");
  if (begun.status != 200 || upload.empty()) return Failure(refused(begun, what));
  size_t part_bytes = std::max(kPartBytes, body.size() / kPartsMax + 1);
  std::string parts = "<CompleteMultipartUpload>";
  Result<void> sent{};
  for (size_t at = 0, number = 1; at < body.size() && sent; at += part_bytes, ++number) {
    Result<std::string> part = upload_part(key, upload[0], number, body.substr(at, part_bytes));
    if (part) {
      parts += *part;
    } else {
      sent = Failure(std::move(part).error());
    }
  }
  if (sent) {
    parts += "</CompleteMultipartUpload>";
    ASSIGN_OR_RETURN(HttpReply ended, call("POST", key, {{"uploadId", upload[0]}}, parts, {}));
    // S3 answers 200 before it knows; the body tells.
    if (ended.status == 200 && !ended.body.contains("<Error>")) return {};
    sent = Failure(refused(ended, what));
  }
  Result<HttpReply> aborted = call("DELETE", key, {{"uploadId", upload[0]}}, {}, {});
  if (!aborted) sent.error().message += "; its parts could not be removed either";
  return sent;
}

Result<void> S3Client::get(std::string_view key, const BlockingHttp::Sink& sink) const {
  ASSIGN_OR_RETURN(HttpReply reply, call("GET", key, {}, {}, {}, sink));
  if (reply.status == 200) return {};
  return Failure(refused(reply, fmt::format("GET s3://{}/{}", options_.bucket, key)));
}

Result<void> S3Client::remove(std::string_view key) const {
  ASSIGN_OR_RETURN(HttpReply reply, call("DELETE", key, {}, {}, {}));
  if (reply.status == 204 || reply.status == 200 || reply.status == 404) return {};
  return Failure(refused(reply, fmt::format("removal of s3://{}/{}", options_.bucket, key)));
}

}  // namespace penstock::datasets::dvc
