#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/s3_client.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;
constexpr std::string_view kDefaultRegion = "us-east-1";

// One section of an AWS file: [name] and "key = value" lines.
std::map<std::string, std::string> aws_section(const std::filesystem::path& file, const std::string& name) {
  std::map<std::string, std::string> found;
  Result<std::string> text = read_file(file, kFileBytesMax);
  if (!text) return found;
  bool inside = false;
  for (std::string_view line : split(*text, '\n')) {
    line = trim(line);
    if (line.starts_with('[') && line.ends_with(']')) {
      std::string_view head = trim(line.substr(1, line.size() - 2));
      if (head.starts_with("profile ")) head = trim(head.substr(8));
      inside = head == name;
    } else if (size_t equals = line.find('='); inside && equals != std::string_view::npos) {
      found[std::string(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
    }
  }
  return found;
}

std::filesystem::path file_of(const std::string& chosen, const std::string& variable,
                              const std::filesystem::path& standard) {
  return !chosen.empty()     ? std::filesystem::path(chosen)
         : !variable.empty() ? std::filesystem::path(variable)
                             : standard;
}

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return {};
}

bool is_true(const std::string& text) {
  std::string lower = to_lower(text);
  return lower == "true" || lower == "yes" || lower == "1" || lower == "on";
}

}  // namespace

Result<S3Options> read_s3_options(const Environment& environment,
                                  const std::map<std::string, std::string>& options,
                                  const std::string& bucket) {
  auto option = [&](const std::string& name) {
    auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  auto variable = [&](std::string_view name) { return environment.variable(name); };
  std::string profile = first_of({option("profile"), variable("AWS_PROFILE"), "default"});
  std::filesystem::path aws = environment.home() / ".aws";
  auto secrets = aws_section(
      file_of(option("credentialpath"), variable("AWS_SHARED_CREDENTIALS_FILE"), aws / "credentials"),
      profile);
  auto settings =
      aws_section(file_of(option("configpath"), variable("AWS_CONFIG_FILE"), aws / "config"), profile);

  S3Options s3{.bucket = bucket};
  s3.anonymous = is_true(option("allow_anonymous_login"));
  s3.region = first_of({option("region"), variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"),
                        settings["region"], std::string(kDefaultRegion)});
  if (!option("access_key_id").empty()) {
    s3.credentials = {option("access_key_id"), option("secret_access_key"), option("session_token")};
  } else if (option("profile").empty() && !variable("AWS_ACCESS_KEY_ID").empty()) {
    s3.credentials = {variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                      variable("AWS_SESSION_TOKEN")};
  } else {
    s3.credentials = {secrets["aws_access_key_id"], secrets["aws_secret_access_key"],
                      secrets["aws_session_token"]};
  }
  if (!s3.anonymous && (s3.credentials.access_key.empty() || s3.credentials.secret_key.empty())) {
    return Failure(
        Error{.code = ErrorCode::kUnauthenticated,
              .message = fmt::format("no credentials for s3://{}: set AWS_ACCESS_KEY_ID and "
                                     "AWS_SECRET_ACCESS_KEY, profile '{}' in ~/.aws/credentials, or "
                                     "access_key_id and secret_access_key with: penstock data remote modify "
                                     "--local NAME OPTION VALUE",
                                     bucket, profile)});
  }
  std::string url =
      first_of({option("endpointurl"), variable("AWS_ENDPOINT_URL_S3"), variable("AWS_ENDPOINT_URL")});
  bool own_endpoint = !url.empty();
  s3.bucket_in_path = own_endpoint || bucket.contains('.');
  if (!own_endpoint) {
    bool tls = option("use_ssl").empty() || is_true(option("use_ssl"));
    url = fmt::format("{}://{}s3.{}.amazonaws.com", tls ? "https" : "http",
                      s3.bucket_in_path ? "" : bucket + ".", s3.region);
  }
  Result<Endpoint> endpoint = Endpoint::parse(url);
  if (!endpoint) return Failure(Error::invalid("endpointurl", "endpointurl: " + endpoint.error().message));
  s3.endpoint = *endpoint;
  constexpr std::pair<const char*, const char*> kUploadHeaders[] = {
      {"sse", "x-amz-server-side-encryption"},
      {"sse_kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id"},
      {"acl", "x-amz-acl"},
      {"grant_read", "x-amz-grant-read"},
      {"grant_read_acp", "x-amz-grant-read-acp"},
      {"grant_write_acp", "x-amz-grant-write-acp"},
      {"grant_full_control", "x-amz-grant-full-control"}};
  for (const auto& [name, header] : kUploadHeaders) {
    if (std::string value = option(name); !value.empty()) s3.upload_headers.set(header, value);
  }
  return s3;
}

}  // namespace penstock::datasets::dvc
