#include "registry/model_source.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/text.h"
#include "registry/among.h"

namespace penstock::registry {
namespace {

constexpr int kUnquotedTimesMax = 8;  // more layers of %25 than that are no honest path
// Schemes whose authority says which machine to call.
constexpr std::array<std::string_view, 10> kHostSchemes = {
    "ftp", "sftp", "hdfs", "viewfs", "http", "https", "r2", "mlflow-artifacts", "b2", "abfss"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string unquoted(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string fully_unquoted(std::string_view text) {
  std::string out(text);
  for (int i = 0; i < kUnquotedTimesMax && out.contains('%'); ++i) {
    std::string next = unquoted(out);
    if (next == out) break;
    out = std::move(next);
  }
  return out;
}

std::vector<std::string> path_parts(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : split(path, '/')) {
    if (!part.empty()) parts.push_back(fully_unquoted(part));
  }
  return parts;
}

// Whether one place is the other or below it.
bool is_within(std::string_view source, std::string_view root) {
  UriParts a = uri_parts(source);
  UriParts b = uri_parts(root);
  std::vector<std::string> inner = path_parts(a.path);
  std::vector<std::string> outer = path_parts(b.path);
  return a.scheme == b.scheme && equals_ignoring_case(a.authority, b.authority) && !outer.empty() &&
         inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

bool is_local(const UriParts& uri) { return uri.scheme.empty() || uri.scheme == "file"; }

Error local_source(const SourceClaim& claim) {
  std::string id = claim.model_id.empty() ? "run_id" : "model_id";
  return Error::invalid("source", "Invalid model version source: '" + std::string(claim.source) +
                                      "'. To use a local path as a model version source, the " + id +
                                      " request parameter has to be specified and the local path has to be "
                                      "contained within the artifact directory of the run specified by the " +
                                      id + ".");
}

// No ".." and nothing that a path's normal form would leave out, however it is quoted.
Result<void> check_absolute(std::string_view source) {
  std::string plain = fully_unquoted(source);
  UriParts uri = uri_parts(plain);
  std::vector<std::string_view> parts = split(plain, '/');
  bool relative = is_among(parts, "..") || is_among(split(uri.path, '/'), ".") || plain.contains('\0') ||
                  (!uri.path.empty() && !uri.path.starts_with("/"));
  if (!relative) return {};
  return Failure(Error::invalid(
      "source",
      "Invalid model version source: '" + std::string(source) +
          "'. If supplying a source as an http, https, local file path, ftp, objectstore, or "
          "mlflow-artifacts uri, an absolute path must be provided without relative path references "
          "present. Please provide an absolute path."));
}

Result<void> check_run_source(database::Connection& connection, ModelOrigins& origins,
                              const SourceClaim& claim, const UriParts& uri) {
  if (uri.scheme == "runs") {
    std::vector<std::string_view> parts = split(uri.path, '/');
    bool same = parts.size() > 1 && !claim.run_id.empty() && parts[1] == claim.run_id;
    if (uri.authority.empty() && same) return {};
    return Failure(invalid_source(claim.source, "run_id"));
  }
  if (uri.scheme == "models") {
    auto model = parse_model_uri(claim.source);
    if (!uri.authority.empty() || !model || !model->model_id.empty()) {
      return Failure(invalid_source(claim.source, "model_id"));
    }
  }
  if (uri.scheme != "mlflow-artifacts") return {};
  if (claim.run_id.empty()) return Failure(invalid_source(claim.source, "run_id"));
  ASSIGN_OR_RETURN(auto artifacts, origins.run_artifacts(connection, claim.run_id));
  if (artifacts && is_within(claim.source, *artifacts)) return {};
  return Failure(invalid_source(claim.source, "run_id"));
}

Result<void> check_model_source(database::Connection& connection, ModelOrigins& origins,
                                const SourceClaim& claim, const UriParts& uri) {
  if (uri.scheme == "models") {
    auto model = parse_model_uri(claim.source);
    if (!uri.authority.empty() || !model) return Failure(invalid_source(claim.source, "model_id"));
    if (!model->model_id.empty() && model->model_id != claim.model_id) {
      return Failure(invalid_source(claim.source, "model_id"));
    }
    return {};
  }
  if (uri.scheme == "runs") return Failure(invalid_source(claim.source, "model_id"));
  if (uri.scheme != "mlflow-artifacts") return {};
  ASSIGN_OR_RETURN(auto model, origins.logged_model(connection, claim.model_id));
  if (model && is_within(claim.source, model->artifacts)) return {};
  return Failure(invalid_source(claim.source, "model_id"));
}

}  // namespace

Error invalid_source(std::string_view source, std::string_view id_field) {
  return Error::invalid(
      "source", "Invalid model version source: '" + std::string(source) + "'. The " + std::string(id_field) +
                    " request parameter must identify the resource that contains the source.");
}

UriParts uri_parts(std::string_view uri) {
  UriParts parts;
  size_t colon = uri.find(':');
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  bool has_scheme = colon != std::string_view::npos && colon > 0 && is_letter(uri[0]) &&
                    std::ranges::all_of(uri.substr(0, colon), [&](char c) {
                      return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("+-.").contains(c);
                    });
  if (has_scheme) {
    parts.scheme = to_lower(uri.substr(0, colon));
    uri.remove_prefix(colon + 1);
  }
  uri = uri.substr(0, uri.find_first_of("?#"));
  if (uri.starts_with("//")) {
    uri.remove_prefix(2);
    size_t slash = std::min(uri.find('/'), uri.size());
    parts.authority = uri.substr(0, slash);
    uri.remove_prefix(slash);
  }
  parts.path = uri;
  return parts;
}

std::optional<ModelUri> parse_model_uri(std::string_view uri) {
  UriParts parts = uri_parts(uri);
  if (parts.scheme != "models" || parts.path.size() < 2 || !parts.path.starts_with("/")) return std::nullopt;
  std::string_view path = parts.path;
  while (path.starts_with("/")) path.remove_prefix(1);
  std::vector<std::string_view> pieces = split(path, '/');
  if (pieces.size() > 2 || trim(pieces[0]).empty()) return std::nullopt;
  if (pieces.size() == 2) {
    std::string_view suffix = pieces[1];
    if (trim(suffix).empty()) return std::nullopt;
    ModelUri model{.name = std::string(pieces[0])};
    if (std::ranges::all_of(suffix, [](char c) { return c >= '0' && c <= '9'; })) {
      model.version = suffix;
    } else if (!equals_ignoring_case(suffix, "latest")) {
      model.stage = suffix;
    }
    return model;
  }
  size_t at = pieces[0].rfind('@');
  if (at == std::string_view::npos) return ModelUri{.model_id = std::string(pieces[0])};
  if (trim(pieces[0].substr(at + 1)).empty()) return std::nullopt;
  return ModelUri{.name = std::string(pieces[0].substr(0, at)),
                  .alias = std::string(pieces[0].substr(at + 1))};
}

Result<void> check_source_scheme(std::string_view source) {
  UriParts uri = uri_parts(source);
  const std::string& scheme = uri.scheme;
  bool here = scheme == "mlflow-artifacts" && uri.authority.empty();
  if (here || !is_among(kHostSchemes, scheme)) return {};
  return Failure(Error::invalid(
      "source",
      "'source' cannot use the '" + scheme + "' scheme: the '" + scheme +
          "' scheme addresses a host other than the tracking server's configured artifact storage, so "
          "the server would connect to the host named in the URI. Set the "
          "MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow "
          "it."));
}

Result<void> check_source(database::Connection& connection, ModelOrigins& origins, const SourceClaim& claim) {
  UriParts uri = uri_parts(claim.source);
  bool of_run = claim.model_id.empty();
  if (is_local(uri)) {
    if (of_run && !claim.run_id.empty()) {
      ASSIGN_OR_RETURN(auto artifacts, origins.run_artifacts(connection, claim.run_id));
      if (!artifacts) return Failure(invalid_source(claim.source, "run_id"));
    }
    return Failure(local_source(claim));  // artifacts of runs and models never lie at a local path here
  }
  RETURN_IF_ERROR(check_absolute(claim.source));
  return of_run ? check_run_source(connection, origins, claim, uri)
                : check_model_source(connection, origins, claim, uri);
}

}  // namespace penstock::registry
