#include "datasets/dvc/repository.h"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/pipeline_file.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kStageFileBytesMax = 64 << 20;

std::string shell_quoted(const std::string& text) {
  bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("@%+=:,./-_").contains(c);
  });
  if (plain) return text;
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "'\"'\"'" : std::string(1, c);
  return out + "'";
}

bool is_stage_file(std::string_view name) { return name.ends_with(".dvc") && name.size() > 4; }

Result<void> read_stages(const fs::path& path, std::string_view text, std::string_view lock_text,
                         std::vector<Stage>& into) {
  if (path.filename() == "dvc.yaml") {
    ASSIGN_OR_RETURN(std::vector<Stage> stages, read_pipeline_file(path, text, lock_text));
    std::ranges::move(stages, std::back_inserter(into));
    return {};
  }
  ASSIGN_OR_RETURN(Stage stage, read_stage_file(path, text));
  into.push_back(std::move(stage));
  return {};
}

}  // namespace

fs::path find_repository(const fs::path& folder) {
  for (fs::path at = folder;; at = at.parent_path()) {
    std::error_code ignored;
    if (fs::is_directory(at / ".dvc", ignored)) return at;
    if (at == at.root_path()) return {};
  }
}

std::vector<IgnoreRule> default_ignore_rules() {
  std::vector<IgnoreRule> rules;
  for (std::string_view line : {".hg/", ".git/", ".git", ".dvc/"}) {
    rules.push_back(*IgnoreRule::parse(line, ""));
    rules.back().source = line;
  }
  return rules;
}

Result<std::unique_ptr<Repository>> Repository::open(const Environment& environment) {
  std::unique_ptr<Repository> repository(new Repository());
  repository->environment_ = &environment;
  repository->root_ = find_repository(environment.current_folder);
  if (repository->root_.empty()) {
    return Failure(
        Error::not_found("you are not inside of a DVC repository (checked up to mount point '/'): "
                         "penstock data init"));
  }
  ASSIGN_OR_RETURN(repository->config_, Config::load(environment, repository->dvc_folder()));
  if (repository->config_.flag("core", "hardlink_lock")) {
    return Failure(Error{
        .code = ErrorCode::kNotImplemented,
        .message = "core.hardlink_lock is true: this lock is DVC's own; unset it to use penstock data"});
  }
  ASSIGN_OR_RETURN(repository->lock_, RepositoryLock::take(repository->dvc_folder()));
  if (!repository->config_.flag("core", "no_scm"))
    repository->git_ = Git::find(environment, repository->root_);

  std::string folder = repository->config_.path("cache", {}, "dir");
  auto sharing = repository->config_.get("cache", {}, "shared") == "group" ? ObjectCache::Sharing::kGroup
                                                                           : ObjectCache::Sharing::kPrivate;
  repository->cache_ = std::make_unique<ObjectCache>(
      folder.empty() ? repository->dvc_folder() / "cache" : fs::path(folder), sharing);
  std::string types = repository->config_.get("cache", {}, "type");
  ASSIGN_OR_RETURN(repository->link_types_, parse_link_types(types.empty() ? "reflink,copy" : types));

  fs::path remembered = environment.user_cache() / "penstock" / "dvc" /
                        Digest::of(repository->root_.string()).hex().substr(0, 32);
  repository->state_ = std::make_unique<HashState>(HashState::load(remembered / "hashes"));
  repository->links_ = LinkJournal::load(remembered / "links");
  repository->ignore_ = std::make_unique<IgnoreTree>(repository->root_, ".dvcignore", default_ignore_rules());
  repository->tree_ =
      std::make_unique<WorkTree>(environment, repository->root_, *repository->state_, *repository->ignore_);
  return repository;
}

Result<void> Repository::close() {
  Result<void> saved = state_->save(environment_->clock->now().us * 1000);
  Result<void> linked = links_.save();
  return saved ? linked : saved;
}

Result<void> Repository::unlock_for(const std::vector<fs::path>& reads, const std::vector<fs::path>& writes) {
  RETURN_IF_ERROR(RepositoryLock::announce(dvc_folder(), environment_->command_line, reads, writes));
  lock_.reset();
  return {};
}

Result<void> Repository::lock_again() {
  ASSIGN_OR_RETURN(lock_, RepositoryLock::take(dvc_folder()));
  // The command may have changed what was read before.
  ignore_->reload();
  return RepositoryLock::withdraw(dvc_folder());
}

bool Repository::is_inside(const fs::path& path) const {
  return path == root_ || path.string().starts_with(root_.string() + "/");
}

std::string Repository::shown(const fs::path& path) const {
  if (!is_inside(path)) return path.string();
  const fs::path& here = environment_->current_folder;
  return path.lexically_relative(is_inside(here) ? here : root_).string();
}

std::string Repository::shown(const Stage& stage, std::string_view path) const {
  if (is_url(path) || path.starts_with('/')) return std::string(path);
  return shown(stage.path_of(path));
}

std::string Repository::address(const Stage& stage) const {
  std::string file = shown(stage.file);
  if (!stage.is_pipeline()) return file;
  return file == "dvc.yaml" ? stage.name : file + ":" + stage.name;
}

Result<void> Repository::collect(const fs::path& folder, std::set<fs::path>& outputs,
                                 std::vector<Stage>& into) {
  std::vector<std::string> files;
  std::vector<std::string> folders;
  std::string inside = tree_->relative(folder);
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    std::string name = entry.path().filename().string();
    fs::file_status status = entry.symlink_status();
    bool is_folder = fs::is_directory(status);
    if (!is_folder && !is_stage_file(name) && name != "dvc.yaml") continue;
    const IgnoreRule* rule = ignore_->rule_of(joined(inside, name), is_folder);
    if (rule != nullptr && !rule->keeps) continue;
    (is_folder ? folders : files).push_back(std::move(name));
  }
  std::ranges::sort(files);
  std::ranges::sort(folders);
  for (const std::string& name : files) {
    fs::path path = folder / name;
    if (git_ && git_->ignores(path, false)) continue;
    ASSIGN_OR_RETURN(std::string text, read_file(path, kStageFileBytesMax));
    std::string lock =
        name == "dvc.yaml" ? read_file(folder / "dvc.lock", kStageFileBytesMax).value_or("") : "";
    size_t before = into.size();
    RETURN_IF_ERROR(read_stages(path, text, lock, into));
    for (size_t i = before; i < into.size(); ++i) {
      for (const Output& output : into[i].outputs) outputs.insert(into[i].path_of(output.path));
    }
  }
  for (const std::string& name : folders) {
    fs::path path = folder / name;
    if (outputs.contains(path) || (git_ && git_->ignores(path, true))) continue;
    if (fs::exists(path / ".dvc", failure)) continue;  // a repository of its own
    RETURN_IF_ERROR(collect(path, outputs, into));
  }
  return {};
}

Result<std::vector<Stage>> Repository::stages() {
  std::vector<Stage> found;
  std::set<fs::path> outputs;
  RETURN_IF_ERROR(collect(root_, outputs, found));
  return found;
}

Result<std::vector<Stage>> committed_stages(const Git& git, std::string_view commit,
                                            const std::function<bool(const std::string& path)>& keep) {
  ASSIGN_OR_RETURN(std::vector<CommittedFile> files, git.files_of(commit));
  std::erase_if(files, [&](const CommittedFile& file) {
    std::string name = file.path.substr(file.path.rfind('/') + 1);
    return (!is_stage_file(name) && name != "dvc.yaml" && name != "dvc.lock") || !keep(file.path);
  });
  ASSIGN_OR_RETURN(std::vector<std::string> texts, git.read(files));
  std::map<std::string, size_t> by_path;
  for (size_t i = 0; i < files.size(); ++i) by_path[files[i].path] = i;
  std::vector<Stage> found;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].path.ends_with("dvc.lock")) continue;
    auto lock = by_path.find(joined(parent_of(files[i].path), "dvc.lock"));
    std::string_view lock_text = lock == by_path.end() ? std::string_view() : texts[lock->second];
    RETURN_IF_ERROR(read_stages(git.root() / files[i].path, texts[i], lock_text, found));
  }
  return found;
}

Result<std::vector<Stage>> Repository::stages_at(std::string_view commit) {
  if (!git_) return Failure(Error::not_found("only supported for Git repositories"));
  return committed_stages(*git_, commit, [&](const std::string& path) {
    std::string inside = tree_->relative(git_->root() / path);
    return !inside.empty() && !ignore_->ignores(inside, false);
  });
}

Result<std::vector<Target>> Repository::targets(const std::vector<std::string>& words, Depth depth) {
  ASSIGN_OR_RETURN(std::vector<Stage> all, stages());
  return find_targets(*environment_, all, words, depth);
}

Result<std::vector<Target>> Repository::find_targets(const Environment& environment,
                                                     const std::vector<Stage>& stages,
                                                     const std::vector<std::string>& words, Depth depth) {
  std::vector<Target> found;
  if (words.empty()) {
    for (const Stage& stage : stages) found.push_back({.stage = stage});
    return found;
  }
  auto is_below = [](const fs::path& path, const fs::path& folder) {
    return path == folder || path.string().starts_with(folder.string() + "/");
  };
  for (const std::string& word : words) {
    size_t colon = word.rfind(':');
    std::string name = colon == std::string::npos ? word : word.substr(colon + 1);
    fs::path file = colon == std::string::npos ? fs::path("dvc.yaml") : fs::path(word.substr(0, colon));
    fs::path path = environment.absolute(word);
    if (!path.has_filename()) path = path.parent_path();
    size_t before = found.size();
    for (const Stage& stage : stages) {
      bool named = stage.file == path || (stage.name == name && stage.file == environment.absolute(file));
      bool below = depth == Depth::kRecursive && is_below(stage.file, path);
      if (named || below) found.push_back({.stage = stage});
    }
    if (found.size() > before) continue;
    for (const Stage& stage : stages) {
      for (size_t i = 0; i < stage.outputs.size(); ++i) {
        fs::path output = stage.path_of(stage.outputs[i].path);
        if (!is_below(path, output)) continue;
        found.push_back({.stage = stage, .output = i, .within = path == output ? fs::path() : path});
      }
    }
    if (found.size() == before) {
      return Failure(Error::not_found(fmt::format(
          "'{}' does not exist as an output or a stage name in 'dvc.yaml', nor as a .dvc file", word)));
    }
  }
  return found;
}

Result<void> Repository::finish_tracking() {
  if (to_track_.empty() || !git_) return {};
  std::vector<fs::path> files(to_track_.begin(), to_track_.end());
  to_track_.clear();
  if (config_.flag("core", "autostage")) return git_->stage(files);
  std::string list;
  for (const fs::path& file : files) list += " " + shell_quoted(shown(file));
  environment_->say(
      fmt::format("\nTo track the changes with git, run:\n\n\tgit add{}\n\n"
                  "To enable auto staging, run:\n\n\tpenstock data config core.autostage true",
                  list));
  return {};
}

Result<void> Repository::ignore_output(const fs::path& path, bool is_folder) {
  if (!git_ || !is_inside(path)) return {};
  ASSIGN_OR_RETURN(bool tracked, git_->tracks(path));
  if (tracked) {
    std::string name = shown(path);
    return Failure(
        Error{.code = ErrorCode::kConflict,
              .message = fmt::format("output '{0}' is already tracked by SCM (e.g. Git). Remove it from "
                                     "Git, then add it here: git rm -r --cached '{0}' && git commit -m "
                                     "'stop tracking {0}'",
                                     name)});
  }
  ASSIGN_OR_RETURN(bool changed, git_->add_ignore_line(path, is_folder));
  if (changed) track(path.parent_path() / ".gitignore");
  return {};
}

Result<void> Repository::unignore_output(const fs::path& path) {
  if (!git_ || !is_inside(path)) return {};
  ASSIGN_OR_RETURN(bool changed, git_->remove_ignore_line(path));
  if (changed) track(path.parent_path() / ".gitignore");
  return {};
}

Result<const Manifest*> Repository::manifest(const ContentHash& hash) {
  if (auto found = manifests_.find(hash.id); found != manifests_.end()) return &found->second;
  ASSIGN_OR_RETURN(Manifest manifest, cache_->manifest(hash.id, hash.kind));
  return &manifests_.emplace(hash.id, std::move(manifest)).first->second;
}

Storing Repository::storing() const {
  return link_types_.front() == LinkType::kHardlink ? Storing::kHardlink : Storing::kCopy;
}

}  // namespace penstock::datasets::dvc
