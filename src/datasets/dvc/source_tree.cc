#include "datasets/dvc/source_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "datasets/dvc/repository.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

// Its clone, made or brought up to date.
Result<fs::path> clone_of(const Environment& environment, const std::string& url) {
  fs::path folder =
      environment.user_cache() / "penstock" / "dvc" / "clones" / Digest::of(url).hex().substr(0, 32);
  std::error_code failure;
  if (fs::exists(folder / ".git", failure)) {
    RETURN_IF_ERROR(Git::run_in(folder, {"fetch", "--quiet", "--prune", "--tags", "--force", "origin"}));
    RETURN_IF_ERROR(Git::run_in(folder, {"remote", "set-head", "origin", "--auto"}));
    return folder;
  }
  fs::create_directories(folder.parent_path(), failure);
  RETURN_IF_ERROR(Git::run_in(folder.parent_path(),
                              {"clone", "--quiet", "--no-checkout", "--", url, folder.filename().string()}));
  return folder;
}

bool is_folder_here(const Environment& environment, const std::string& url) {
  std::error_code ignored;
  return !is_url(url) && fs::is_directory(environment.absolute(url), ignored);
}

// A branch of a clone is origin's.
Result<std::string> resolve(const Git& git, const std::string& revision, bool cloned) {
  if (!cloned) return git.resolve(revision.empty() ? "HEAD" : revision);
  Result<std::string> of_origin =
      git.resolve("origin/" + (revision.empty() ? std::string("HEAD") : revision));
  return of_origin ? of_origin : git.resolve(revision.empty() ? "HEAD" : revision);
}

}  // namespace

Result<std::unique_ptr<SourceTree>> SourceTree::open(const Environment& environment, const std::string& url,
                                                     const std::string& revision) {
  std::unique_ptr<SourceTree> tree(new SourceTree());
  tree->environment_ = &environment;
  bool here = is_folder_here(environment, url) && fs::exists(environment.absolute(url) / ".git");
  fs::path folder = environment.absolute(url);
  if (!here) {
    std::string source = is_folder_here(environment, url) ? environment.absolute(url).string() : url;
    ASSIGN_OR_RETURN(folder, clone_of(environment, source));
  }
  if (!folder.has_filename()) folder = folder.parent_path();
  tree->git_ = Git::find(environment, folder);
  if (!tree->git_) return Failure(Error::not_found(fmt::format("'{}' is no Git repository", url)));
  ASSIGN_OR_RETURN(tree->commit_, resolve(*tree->git_, revision, !here));
  RETURN_IF_ERROR(tree->load(environment));
  if (here) {
    std::string own = tree->config_.path("cache", {}, "dir");
    tree->cache_.emplace(own.empty() ? folder / ".dvc" / "cache" : fs::path(own));
  }
  return tree;
}

Result<void> SourceTree::load(const Environment& environment) {
  ASSIGN_OR_RETURN(files_, git_->files_of(commit_));
  fs::path dvc = git_->root() / ".dvc";
  ASSIGN_OR_RETURN(config_, Config::load(environment, dvc));
  auto config = std::ranges::find(files_, ".dvc/config", &CommittedFile::path);
  if (config != files_.end()) {
    ASSIGN_OR_RETURN(std::vector<std::string> texts, git_->read({*config}));
    RETURN_IF_ERROR(config_.take(ConfigLevel::kProject, texts[0], dvc / "config"));
  }
  ASSIGN_OR_RETURN(stages_, committed_stages(*git_, commit_, [](const std::string&) { return true; }));
  return {};
}

Result<Remote*> SourceTree::remote(const std::string& name) {
  if (!remote_) {
    ASSIGN_OR_RETURN(remote_, open_remote(*environment_, config_, name));
  }
  return remote_.get();
}

Result<void> SourceTree::bring(const SourceFile& file, ObjectCache& cache, const std::string& name) {
  if (cache.check(file.id, file.kind, nullptr) == ObjectCache::Presence::kPresent) return {};
  if (cache_ && cache_->check(file.id, file.kind, nullptr) == ObjectCache::Presence::kPresent)
    return cache.copy_from(*cache_, file.id, file.kind);
  ASSIGN_OR_RETURN(Remote * source, remote(name));
  return source->download(cache, file.id, file.kind);
}

Result<std::vector<SourceFile>> SourceTree::files_of_output(const Stage& stage, const Output& output,
                                                            const std::string& within, ObjectCache& cache,
                                                            const std::string& remote_name) {
  std::string named = output.remote.empty() ? remote_name : output.remote;
  if (output.hash.id.empty())
    return Failure(
        Error::not_found(fmt::format("'{}' of {} has no content yet", output.path, stage.file.string())));
  SourceFile whole{.id = output.hash.id,
                   .kind = output.hash.kind,
                   .bytes = static_cast<size_t>(output.hash.bytes.value_or(0)),
                   .executable = output.hash.executable};
  if (!output.hash.is_folder()) return std::vector<SourceFile>{whole};
  RETURN_IF_ERROR(bring(whole, cache, named));
  ASSIGN_OR_RETURN(Manifest manifest, cache.manifest(whole.id, whole.kind));
  std::vector<SourceFile> files;
  for (const ManifestEntry& entry : manifest.entries) {
    SourceFile file{.path = entry.path, .id = entry.md5, .kind = whole.kind};
    if (!within.empty()) {
      if (entry.path == within) {
        file.path.clear();
      } else if (entry.path.starts_with(within + "/")) {
        file.path = entry.path.substr(within.size() + 1);
      } else {
        continue;
      }
    }
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::vector<SourceFile>> SourceTree::files_at(const std::string& given, ObjectCache& cache,
                                                     const std::string& remote_name) {
  fs::path path = (git_->root() / given).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::string prefix = path.string() + "/";
  std::vector<SourceFile> files;
  bool found = false;
  for (const Stage& stage : stages_) {
    for (const Output& output : stage.outputs) {
      fs::path at = stage.path_of(output.path);
      bool inside = path == at || path.string().starts_with(at.string() + "/");
      bool below = at.string().starts_with(prefix);
      if (!output.cached || (!inside && !below)) continue;
      std::string within = inside && path != at ? path.lexically_relative(at).string() : "";
      ASSIGN_OR_RETURN(std::vector<SourceFile> some,
                       files_of_output(stage, output, within, cache, remote_name));
      found = found || !some.empty() || (path == at && output.hash.is_folder());
      std::string under = below ? at.string().substr(prefix.size()) : "";
      for (SourceFile& file : some) {
        if (below) file.path = file.path.empty() ? under : under + "/" + file.path;
        files.push_back(std::move(file));
      }
    }
  }
  std::string inside = path == git_->root() ? "" : path.string().substr(git_->root().string().size() + 1);
  for (const CommittedFile& file : files_) {
    bool is_it = file.path == inside;
    if (!is_it && !inside.empty() && !file.path.starts_with(inside + "/")) continue;
    found = true;
    std::string below = is_it ? "" : inside.empty() ? file.path : file.path.substr(inside.size() + 1);
    files.push_back({.path = below, .blob = file.blob, .bytes = file.bytes});
  }
  if (!found)
    return Failure(Error::not_found(fmt::format("The path '{}' does not exist in the repository '{}' at {}",
                                                given, git_->root().string(), commit_.substr(0, 8))));
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

Result<std::string> SourceTree::read_blob(const SourceFile& file) const {
  ASSIGN_OR_RETURN(std::vector<std::string> texts,
                   git_->read({{.path = file.path, .blob = file.blob, .bytes = file.bytes}}));
  return std::move(texts[0]);
}

}  // namespace penstock::datasets::dvc
