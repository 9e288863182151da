#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/units.h"

namespace penstock::datasets::dvc {

struct AwsCredentials {
  std::string access_key{};
  std::string secret_key{};     // never logged
  std::string session_token{};  // of temporary ones
};

// AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request"): adds Host, X-Amz-Date,
// X-Amz-Security-Token, for S3 X-Amz-Content-Sha256, and Authorization to `headers`, all of which are signed.
struct SigningScope {
  std::string region{};
  std::string service = "s3";
};
struct SignedCall {
  std::string_view method;
  std::string_view host;                                     // with its port where that is no default
  std::string_view path;                                     // encoded as it is sent
  std::vector<std::pair<std::string, std::string>> query{};  // names and values, not encoded
  std::string_view payload_hash{};                           // hex SHA-256, or "UNSIGNED-PAYLOAD"
};
void sign(const SignedCall& call, const AwsCredentials& credentials, const SigningScope& scope, Timestamp now,
          Headers& headers);

// "a=1&b=%20", sorted, as it is signed and sent.
std::string canonical_query(std::vector<std::pair<std::string, std::string>> query);
// Each part of a path encoded, '/' kept.
std::string encoded_path(std::string_view path);

}  // namespace penstock::datasets::dvc
