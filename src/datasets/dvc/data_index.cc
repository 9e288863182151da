#include "datasets/dvc/data_index.h"

#include <algorithm>
#include <deque>
#include <set>

namespace penstock::datasets::dvc {
namespace {

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// The outputs of targets that a cache is kept for, each once, with what part of them is meant.
struct Part {
  const Output* output;
  std::string root;    // of the output
  std::string within;  // of the part, relative to the output; empty: all
};

std::vector<Part> parts_of(Repository& repository, const std::vector<Target>& targets) {
  std::vector<Part> parts;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Target& target : targets) {
    for (size_t i = 0; i < target.stage.outputs.size(); ++i) {
      if (target.output && *target.output != i) continue;
      const Output& output = target.stage.outputs[i];
      std::filesystem::path path = target.stage.path_of(output.path);
      std::string root = repository.tree().relative(path);
      if (!output.cached || root.empty()) continue;
      std::string within = target.within.empty() ? "" : target.within.lexically_relative(path).string();
      if (seen.emplace(root, within).second) parts.push_back({&output, root, within});
    }
  }
  return parts;
}

bool is_part(std::string_view path, std::string_view within) {
  return within.empty() || path == within || is_below(path, within);
}

}  // namespace

bool DataIndex::is_unknown(std::string_view path) const {
  return std::ranges::any_of(unknown, [&](const std::string& folder) { return is_below(path, folder); });
}

std::string with_slash(const std::string& path, bool folder) { return folder ? path + "/" : path; }

Result<DataIndex> index_of(Repository& repository, const std::vector<Target>& targets) {
  DataIndex index;
  for (const Part& part : parts_of(repository, targets)) {
    const ContentHash& hash = part.output->hash;
    index.roots.push_back(part.root);
    index.entries[part.root] = {
        .id = hash.id, .kind = hash.kind, .folder = hash.is_folder(), .executable = hash.executable};
    if (!hash.is_folder()) continue;
    Result<const Manifest*> manifest = repository.manifest(hash);
    if (!manifest) {
      if (manifest.error().code != ErrorCode::kNotFound) return Failure(std::move(manifest).error());
      index.unknown.push_back(part.root);
      continue;
    }
    for (const ManifestEntry& entry : (*manifest)->entries) {
      if (!is_part(entry.path, part.within)) continue;
      index.entries.emplace_hint(index.entries.end(), part.root + "/" + entry.path,
                                 IndexEntry{.id = entry.md5, .kind = hash.kind});
    }
  }
  return index;
}

Result<DataIndex> index_of_work_tree(Repository& repository, const std::vector<Target>& targets) {
  DataIndex index;
  for (const Part& part : parts_of(repository, targets)) {
    index.roots.push_back(part.root);
    Result<Content> content =
        repository.tree().read(repository.root() / part.root, part.output->hash.kind, nullptr, Storing::kNo);
    if (!content) {
      if (content.error().code == ErrorCode::kNotFound && !FileStamp::of(repository.root() / part.root))
        continue;
      return Failure(std::move(content).error());
    }
    const ContentHash& hash = content->hash;
    index.entries[part.root] = {.id = hash.id,
                                .kind = hash.kind,
                                .folder = hash.is_folder(),
                                .executable = hash.executable,
                                .stamp = content->stamp};
    for (const FoundFile& file : content->files) {
      if (!is_part(file.path, part.within)) continue;
      index.entries.emplace_hint(index.entries.end(), part.root + "/" + file.path,
                                 IndexEntry{.id = file.id, .kind = hash.kind, .stamp = file.stamp});
    }
  }
  return index;
}

namespace {

using Kind = IndexChange::Kind;

Kind kind_of(const IndexEntry* before, const IndexEntry* after, Compared compared, bool unknown) {
  if (unknown) return Kind::kUnknown;
  if (before == nullptr || before->id.empty())
    return after == nullptr || after->id.empty() ? Kind::kUnchanged : Kind::kAdded;
  if (after == nullptr || after->id.empty()) return Kind::kDeleted;
  if (!before->same_content(*after)) return Kind::kModified;
  bool mode_changed = compared == Compared::kContentAndMode && before->executable != after->executable;
  return mode_changed ? Kind::kModified : Kind::kUnchanged;
}

// An added path with the content of a deleted one is that one under a new name; first deleted, first found.
std::vector<IndexChange> with_renames(std::vector<IndexChange> changes) {
  std::map<std::string, std::deque<size_t>> deleted;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].kind == Kind::kDeleted) deleted[changes[i].before->id].push_back(i);
  }
  std::set<size_t> gone;
  for (IndexChange& change : changes) {
    if (change.kind != Kind::kAdded) continue;
    auto found = deleted.find(change.after->id);
    if (found == deleted.end() || found->second.empty()) continue;
    size_t from = found->second.front();
    found->second.pop_front();
    gone.insert(from);
    change.kind = Kind::kRenamed;
    change.old_path = changes[from].path;
    change.before = changes[from].before;
  }
  std::vector<IndexChange> kept;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!gone.contains(i)) kept.push_back(std::move(changes[i]));
  }
  return kept;
}

}  // namespace

std::vector<IndexChange> compare(const DataIndex& before, const DataIndex& after, Compared compared,
                                 Grain grain, Renames renames) {
  std::vector<IndexChange> changes;
  std::set<std::string> roots(before.roots.begin(), before.roots.end());
  roots.insert(after.roots.begin(), after.roots.end());
  auto a = before.entries.begin();
  auto b = after.entries.begin();
  while (a != before.entries.end() || b != after.entries.end()) {
    bool take_a = a != before.entries.end() && (b == after.entries.end() || a->first <= b->first);
    bool take_b = b != after.entries.end() && (a == before.entries.end() || b->first <= a->first);
    const std::string& path = take_a ? a->first : b->first;
    const IndexEntry* old = take_a ? &a->second : nullptr;
    const IndexEntry* now = take_b ? &b->second : nullptr;
    if (grain == Grain::kFiles || roots.contains(path)) {
      bool unknown = before.is_unknown(path) || after.is_unknown(path);
      changes.push_back(
          {.kind = kind_of(old, now, compared, unknown), .path = path, .before = old, .after = now});
    }
    if (take_a) ++a;
    if (take_b) ++b;
  }
  return renames == Renames::kFound ? with_renames(std::move(changes)) : changes;
}

}  // namespace penstock::datasets::dvc
