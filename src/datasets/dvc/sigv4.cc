#include "datasets/dvc/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/digest.h"
#include "core/hmac.h"
#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string amz_date(Timestamp now) {
  std::time_t seconds = now.us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// White space within a value counts once.
std::string folded(std::string_view value) {
  std::string out;
  for (char c : trim(value)) {
    if (c != ' ' || !out.ends_with(' ')) out += c;
  }
  return out;
}

}  // namespace

std::string encoded_path(std::string_view path) {
  std::string out;
  bool first = true;
  for (std::string_view part : split(path, '/')) {
    if (!std::exchange(first, false)) out += '/';
    out += percent_encode(part);
  }
  return out;
}

std::string canonical_query(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::ranges::sort(query);
  std::string out;
  for (const auto& [name, value] : query) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

void sign(const SignedCall& call, const AwsCredentials& credentials, const SigningScope& scope, Timestamp now,
          Headers& headers) {
  std::string date = amz_date(now);
  headers.set("Host", std::string(call.host));
  headers.set("X-Amz-Date", date);
  if (!credentials.session_token.empty()) headers.set("X-Amz-Security-Token", credentials.session_token);
  if (scope.service == "s3") headers.set("X-Amz-Content-Sha256", std::string(call.payload_hash));

  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : headers) fields.emplace_back(to_lower(name), folded(value));
  std::ranges::sort(fields);
  std::string canonical_headers;
  std::string names;
  for (const auto& [name, value] : fields) {
    canonical_headers += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", call.method, call.path, canonical_query(call.query),
                  canonical_headers, names, call.payload_hash);
  std::string day = date.substr(0, 8);
  std::string scope_text = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, scope_text, Digest::of(canonical).hex());

  std::string secret = "AWS4" + credentials.secret_key;
  auto key = hmac_sha256(std::as_bytes(std::span(secret)), day);
  for (std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = hmac_sha256(key, part);
  }
  headers.set("Authorization",
              fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                          credentials.access_key, scope_text, names, hex(hmac_sha256(key, to_sign))));
}

}  // namespace penstock::datasets::dvc
