#include "datasets/dvc/manifest.h"

#include <algorithm>

#include "core/json.h"
#include "core/md5.h"
#include "core/text.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {
namespace {

constexpr JsonLimits kLimits = {.bytes_max = size_t{4} << 30, .depth_max = 8};

bool is_safe(std::string_view path) {
  if (path.empty() || path.starts_with('/') || path.contains('\0')) return false;
  return std::ranges::none_of(
      split(path, '/'), [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
}

Error corrupt(std::string_view name, std::string_view what) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = std::string(name) + " is no directory object: " + std::string(what)};
}

}  // namespace

bool is_object_id(std::string_view id) {
  if (is_directory_id(id)) id.remove_suffix(kDirectorySuffix.size());
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Manifest> Manifest::parse(std::string_view text, std::string_view name) {
  Result<Json> document = parse_json(text, kLimits);
  if (!document || !document->is_array()) return Failure(corrupt(name, "not a JSON list"));
  Manifest manifest;
  manifest.entries.reserve(document->as_array().size());
  for (const Json& item : document->as_array()) {
    ManifestEntry entry{.path = std::string(string_at(item, "relpath")),
                        .md5 = std::string(string_at(item, "md5"))};
    if (!is_safe(entry.path)) return Failure(corrupt(name, "unsafe path '" + entry.path + "'"));
    if (!is_object_id(entry.md5)) return Failure(corrupt(name, "bad md5 of '" + entry.path + "'"));
    manifest.entries.push_back(std::move(entry));
  }
  if (!std::ranges::is_sorted(manifest.entries, {}, &ManifestEntry::path)) manifest.sort();
  auto twice = std::ranges::adjacent_find(manifest.entries, {}, &ManifestEntry::path);
  if (twice != manifest.entries.end()) return Failure(corrupt(name, "'" + twice->path + "' stands twice"));
  return manifest;
}

std::string Manifest::text() const {
  std::string out = "[";
  out.reserve(entries.size() * 96);
  for (const ManifestEntry& entry : entries) {
    if (out.size() > 1) out += ", ";
    out.append("{\"md5\": \"").append(entry.md5).append("\", \"relpath\": ");
    append_python_string(out, entry.path);
    out += '}';
  }
  return out + "]";
}

std::string Manifest::id() const { return hex(md5_of(text())) + std::string(kDirectorySuffix); }

// Bytes of UTF-8 sort as code points do.
void Manifest::sort() { std::ranges::sort(entries, {}, &ManifestEntry::path); }

const ManifestEntry* Manifest::find(std::string_view path) const {
  auto found = std::ranges::lower_bound(
      entries, path, {}, [](const ManifestEntry& entry) { return std::string_view(entry.path); });
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

}  // namespace penstock::datasets::dvc
