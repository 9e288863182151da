#include "tracking/artifact_path.h"

#include <algorithm>

#include "core/text.h"

namespace penstock::tracking {
namespace {

constexpr int kDecodeRoundsMax = 8;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whatever of it is a %XX; the rest stays.
std::string decode_once(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    out += low >= 0 ? static_cast<char>(high << 4 | low) : text[i];
    if (low >= 0) i += 2;
  }
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_safe(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find_first_of("\\#") != std::string_view::npos)
    return false;
  if (std::ranges::any_of(path, is_control) || !is_valid_utf8(path)) return false;
  bool drive = path.size() > 1 && path[1] == ':';
  if (drive || to_lower(path.substr(0, 5)) == "file:") return false;
  return std::ranges::none_of(split(path, '/'), [](std::string_view segment) { return segment == ".."; });
}

// Without empty and "." segments.
std::string normalised(std::string_view path) {
  std::string out;
  for (std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

Failure invalid() { return Failure(Error::invalid("path", "Invalid path")); }

}  // namespace

Result<std::string> artifact_path(std::string_view text) {
  if (text.size() > kArtifactPathBytesMax) {
    return Failure(Error::invalid(
        "path", "the artifact's path has more than " + std::to_string(kArtifactPathBytesMax) + " bytes"));
  }
  std::string decoded(text);
  for (int round = 0; round < kDecodeRoundsMax && is_safe(decoded); ++round) {
    std::string again = decode_once(decoded);
    if (again != decoded) {
      decoded = std::move(again);
      continue;
    }
    std::string path = normalised(text);
    if (path.empty()) return invalid();
    return path;
  }
  return invalid();
}

Result<std::string> artifact_path_of(std::string_view uri) {
  if (!uri.starts_with(kArtifactScheme)) {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = "the artifacts at '" + std::string(uri) +
                                    "' are not kept by this server; only 'mlflow-artifacts:' locations are",
                         .field = "artifact_location"});
  }
  uri.remove_prefix(kArtifactScheme.size());
  if (uri.starts_with("//")) {
    uri.remove_prefix(2);
    uri.remove_prefix(std::min(uri.find('/'), uri.size()));
  }
  while (uri.starts_with('/')) uri.remove_prefix(1);
  if (uri.empty()) return std::string();
  return artifact_path(uri);
}

std::string join_path(std::string_view parent, std::string_view child) {
  if (parent.empty() || child.empty()) return std::string(parent.empty() ? child : parent);
  return std::string(parent) + "/" + std::string(child);
}

}  // namespace penstock::tracking
