#include "tracking/artifact_store.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kCreateArtifacts = R"sql(
CREATE TABLE tracking_artifacts (
  path TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  inlined INTEGER NOT NULL,
  put_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX tracking_artifacts_by_digest ON tracking_artifacts (digest);
CREATE TABLE tracking_artifact_contents (
  digest TEXT NOT NULL PRIMARY KEY,
  content BLOB NOT NULL
) STRICT)sql";

constexpr std::array kMigrations = {
    database::Migration{.number = 65, .name = "artifacts", .sql = kCreateArtifacts},
};

constexpr size_t kAncestorsPerQuery = 8;
constexpr size_t kListBatch = 256;
// Above every UTF-8 text.
constexpr std::string_view kAboveAll = "\xF4\x8F\xBF\xBF";

constexpr std::string_view kFileAbove =
    "SELECT path FROM tracking_artifacts WHERE path IN ($1, $2, $3, $4, $5, $6, $7, $8) LIMIT 1";
constexpr std::string_view kFileBelow =
    "SELECT path FROM tracking_artifacts WHERE path >= $1 AND path < $2 LIMIT 1";
constexpr std::string_view kFind =
    "SELECT path, digest, size_bytes, put_at_us, inlined FROM tracking_artifacts WHERE path = $1";
constexpr std::string_view kPut =
    "INSERT INTO tracking_artifacts (path, digest, size_bytes, inlined, put_at_us) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, "
    "size_bytes = excluded.size_bytes, inlined = excluded.inlined, put_at_us = excluded.put_at_us";
constexpr std::string_view kPutContent =
    "INSERT INTO tracking_artifact_contents (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO "
    "NOTHING";
constexpr std::string_view kContent = "SELECT content FROM tracking_artifact_contents WHERE digest = $1";
constexpr std::string_view kDropContent =
    "DELETE FROM tracking_artifact_contents WHERE digest = $1 AND NOT EXISTS "
    "(SELECT 1 FROM tracking_artifacts WHERE digest = $2)";
constexpr std::string_view kChildren =
    "SELECT path, size_bytes FROM tracking_artifacts WHERE path >= $1 AND path < $2 ORDER BY path LIMIT $3";
constexpr std::string_view kBelow =
    "SELECT path, digest, size_bytes, put_at_us, inlined FROM tracking_artifacts "
    "WHERE path >= $1 AND path < $2 ORDER BY path";
constexpr std::string_view kRemove = "DELETE FROM tracking_artifacts WHERE path = $1";
constexpr std::string_view kBlobs = "SELECT DISTINCT digest FROM tracking_artifacts WHERE inlined = 0";

// All paths in a directory stand between "directory/" and "directory0", the character after '/'.
struct Range {
  std::string from;
  std::string to;
};

Range range_of(std::string_view directory) {
  if (directory.empty()) return {.from = "", .to = std::string(kAboveAll)};
  return {.from = std::string(directory) + "/", .to = std::string(directory) + "0"};
}

Failure conflict(std::string_view path, std::string_view other) {
  return Failure(Error{.code = ErrorCode::kConflict,
                       .message = "'" + std::string(path) + "' can't be stored: '" + std::string(other) +
                                  "' is a file there, and a path is either a file or a directory",
                       .field = "path"});
}

Result<std::string> first_path(Connection& connection, std::string_view sql, std::span<const Value> values) {
  std::string found;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    found = row.text(0);
    return false;
  }));
  return found;
}

Result<void> check_place(Connection& connection, const std::string& path) {
  std::vector<std::string> above;
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    above.push_back(path.substr(0, slash));
  }
  for (size_t at = 0; at < above.size(); at += kAncestorsPerQuery) {
    std::array<Value, kAncestorsPerQuery> values;
    for (size_t i = 0; i < values.size(); ++i) values[i] = above[std::min(at + i, above.size() - 1)];
    ASSIGN_OR_RETURN(std::string file, first_path(connection, kFileAbove, values));
    if (!file.empty()) return conflict(path, file);
  }
  Range range = range_of(path);
  const Value values[] = {range.from, range.to};
  ASSIGN_OR_RETURN(std::string file, first_path(connection, kFileBelow, values));
  if (!file.empty()) return conflict(path, file);
  return {};
}

struct FileRow {
  std::string path;
  std::string digest;
  int64_t size_bytes = 0;
  int64_t put_at_us = 0;
  bool inlined = false;
};

FileRow read_row(const Row& row) {
  return {.path = std::string(row.text(0)),
          .digest = std::string(row.text(1)),
          .size_bytes = row.integer(2),
          .put_at_us = row.integer(3),
          .inlined = row.integer(4) == 1};
}

Result<ArtifactFile> file_of(FileRow row) {
  ASSIGN_OR_RETURN(Digest digest, Digest::parse(row.digest));
  return ArtifactFile{.path = std::move(row.path),
                      .digest = digest,
                      .size_bytes = row.size_bytes,
                      .put_at = {row.put_at_us},
                      .inlined = row.inlined};
}

Result<void> drop_content(Connection& connection, const Digest& digest) {
  const Value values[] = {digest.text(), digest.text()};
  RETURN_IF_ERROR(connection.execute(kDropContent, values));
  return {};
}

// One child: from `path`, which begins with the directory's range.
ArtifactEntry child_of(std::string_view path, size_t prefix, int64_t size_bytes) {
  std::string_view rest = path.substr(prefix);
  size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return {.name = std::string(rest), .size_bytes = size_bytes};
  return {.name = std::string(rest.substr(0, slash)), .is_directory = true};
}

}  // namespace

std::span<const database::Migration> artifact_migrations() { return kMigrations; }

Result<void> put_artifact(Connection& connection, const ArtifactFile& file, std::string_view content) {
  ASSIGN_OR_RETURN(std::optional<ArtifactFile> before, find_artifact(connection, file.path));
  if (!before) RETURN_IF_ERROR(check_place(connection, file.path));
  std::string digest = file.digest.text();
  if (file.inlined) {
    auto bytes = std::as_bytes(std::span(content));
    const Value values[] = {digest, database::Blob(bytes.begin(), bytes.end())};
    RETURN_IF_ERROR(connection.execute(kPutContent, values));
  }
  const Value values[] = {file.path, digest, file.size_bytes, int64_t{file.inlined ? 1 : 0}, file.put_at.us};
  RETURN_IF_ERROR(connection.execute(kPut, values));
  if (before && before->inlined && before->digest != file.digest) {
    RETURN_IF_ERROR(drop_content(connection, before->digest));
  }
  return {};
}

Result<std::optional<ArtifactFile>> find_artifact(Connection& connection, std::string_view path) {
  const Value values[] = {std::string(path)};
  ASSIGN_OR_RETURN(auto found, database::rows<FileRow>(connection, kFind, values, read_row));
  if (found.empty()) return std::optional<ArtifactFile>();
  ASSIGN_OR_RETURN(ArtifactFile file, file_of(std::move(found.front())));
  return std::optional(std::move(file));
}

Result<std::string> inlined_content(Connection& connection, const Digest& digest) {
  std::optional<std::string> content;
  const Value values[] = {digest.text()};
  RETURN_IF_ERROR(connection.query(kContent, values, [&](const Row& row) {
    std::span<const std::byte> bytes = row.blob(0);
    content.emplace(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return false;
  }));
  if (content) return std::move(*content);
  return Failure(
      Error{.code = ErrorCode::kCorrupt, .message = "the content " + digest.text() + " is missing"});
}

Result<std::vector<ArtifactEntry>> list_artifacts(Connection& connection, std::string_view directory) {
  Range range = range_of(directory);
  size_t prefix = range.from.size();
  std::vector<ArtifactEntry> entries;
  for (bool more = true; more;) {
    const Value values[] = {range.from, range.to, static_cast<int64_t>(kListBatch)};
    size_t seen = 0;
    std::string last;
    bool skipped = false;
    RETURN_IF_ERROR(connection.query(kChildren, values, [&](const Row& row) {
      ++seen;
      last = row.text(0);
      ArtifactEntry entry = child_of(last, prefix, row.integer(1));
      skipped = entry.is_directory;
      if (skipped) last.resize(prefix + entry.name.size());
      entries.push_back(std::move(entry));
      return !skipped && entries.size() <= kArtifactEntriesMax;
    }));
    if (entries.size() > kArtifactEntriesMax) {
      return Failure(Error{.code = ErrorCode::kTooLarge,
                           .message = "'" + std::string(directory) + "' has more than " +
                                      std::to_string(kArtifactEntriesMax) + " entries"});
    }
    more = skipped || seen == kListBatch;
    // Past the whole directory just seen, or past the file: no text stands between a path and it with '\1'.
    if (more) range.from = skipped ? last + "0" : last + "\1";
  }
  std::ranges::sort(entries, {}, &ArtifactEntry::name);
  return entries;
}

Result<std::vector<ArtifactFile>> artifacts_below(Connection& connection, std::string_view path) {
  std::vector<ArtifactFile> files;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(std::optional<ArtifactFile> self, find_artifact(connection, path));
    if (self) files.push_back(std::move(*self));
  }
  Range range = range_of(path);
  const Value values[] = {range.from, range.to};
  ASSIGN_OR_RETURN(auto below, database::rows<FileRow>(connection, kBelow, values, read_row));
  for (FileRow& row : below) {
    ASSIGN_OR_RETURN(ArtifactFile file, file_of(std::move(row)));
    files.push_back(std::move(file));
  }
  return files;
}

Result<int64_t> remove_artifacts(Connection& connection, std::string_view path) {
  ASSIGN_OR_RETURN(std::vector<ArtifactFile> files, artifacts_below(connection, path));
  for (const ArtifactFile& file : files) {
    const Value values[] = {file.path};
    RETURN_IF_ERROR(connection.execute(kRemove, values));
    if (file.inlined) RETURN_IF_ERROR(drop_content(connection, file.digest));
  }
  return static_cast<int64_t>(files.size());
}

Result<void> add_referenced_blobs(Connection& connection, std::set<Digest>& referenced) {
  Result<void> parsed;
  RETURN_IF_ERROR(connection.query(kBlobs, {}, [&](const Row& row) {
    Result<Digest> digest = Digest::parse(row.text(0));
    if (digest) referenced.insert(*digest);
    if (!digest) parsed = Failure(std::move(digest).error());
    return parsed.has_value();
  }));
  return parsed;
}

}  // namespace penstock::tracking
