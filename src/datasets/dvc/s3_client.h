#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/result.h"
#include "datasets/dvc/blocking_http.h"
#include "datasets/dvc/environment.h"
#include "datasets/dvc/sigv4.h"

namespace penstock::datasets::dvc {

// Where a bucket is and who asks.
struct S3Options {
  Endpoint endpoint{};
  std::string bucket{};
  bool bucket_in_path = true;  // else it is the host's first part
  std::string region{};
  AwsCredentials credentials{};
  bool anonymous = false;
  Headers upload_headers{};  // encryption and access, as the remote's options ask for
};

// From a remote's options, the AWS_* variables and ~/.aws. kInvalidArgument names what is missing or wrong.
Result<S3Options> read_s3_options(const Environment& environment,
                                  const std::map<std::string, std::string>& options,
                                  const std::string& bucket);

// The calls of the S3 REST API that a remote needs. Thread-safe. Errors carry the server's code and message,
// and the key; never a credential.
class S3Client {
 public:
  S3Client(BlockingHttp& http, const Clock& clock, S3Options options)
      : http_(&http), clock_(&clock), options_(std::move(options)) {}

  Result<bool> exists(std::string_view key) const;
  // Keys under a prefix, at most `keys_max` (0: all of them).
  Result<std::vector<std::string>> list(std::string_view prefix, size_t keys_max = 0) const;
  // `content_md5`: base64, checked by the server; may be empty.
  Result<void> put(std::string_view key, std::string_view body, std::string_view content_md5) const;
  // In parts, for what is beyond one request.
  Result<void> put_large(std::string_view key, std::string_view body) const;
  Result<void> get(std::string_view key, const BlockingHttp::Sink& sink) const;
  Result<void> remove(std::string_view key) const;

  const std::string& bucket() const { return options_.bucket; }

 private:
  using Query = std::vector<std::pair<std::string, std::string>>;
  Result<HttpReply> call(std::string_view method, std::string_view key, Query query, std::string_view body,
                         Headers headers, const BlockingHttp::Sink& sink = {}) const;
  Result<std::string> upload_part(std::string_view key, const std::string& upload, size_t number,
                                  std::string_view part) const;

  BlockingHttp* http_;
  const Clock* clock_;
  S3Options options_;
};

// The text of every <name> element in an XML answer, entities resolved.
std::vector<std::string> xml_texts(std::string_view xml, std::string_view name);

}  // namespace penstock::datasets::dvc
