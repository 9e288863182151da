#include "datasets/dvc/import.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/add.h"
#include "datasets/dvc/checkout.h"
#include "datasets/dvc/http_remote.h"
#include "datasets/dvc/source_tree.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

Error refused(std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message)};
}

// Where something called `source` goes: `out`, in `out` if that is a folder, or beside us under its own name.
Result<fs::path> place_for(const Environment& environment, const std::string& source,
                           const GetOptions& options) {
  std::string path = source.substr(0, source.find_first_of("?#"));
  while (path.ends_with('/')) path.pop_back();
  std::string name = path.substr(path.rfind('/') + 1);
  fs::path out = options.out.empty() ? environment.absolute(name) : environment.absolute(options.out);
  if (!out.has_filename()) out = out.parent_path();
  if (!options.out.empty() && fs::is_directory(out)) out /= name;
  if (FileStamp::of(out) && !options.force)
    return Failure(refused(fmt::format(
        "The file '{}' already exists locally. To override it, re-run with '--force'.", out.string())));
  return out;
}

// Puts a source's files at `path`, all objects first, so that what can't be had leaves nothing half done.
Result<void> place(SourceTree& source, const std::vector<SourceFile>& files, ObjectCache& cache,
                   const fs::path& path, const std::string& remote) {
  for (const SourceFile& file : files) {
    if (!file.id.empty()) RETURN_IF_ERROR(source.bring(file, cache, remote));
  }
  bool single = files.size() == 1 && files[0].path.empty();
  std::error_code failure;
  fs::remove_all(path, failure);
  fs::create_directories(single ? path.parent_path() : path, failure);
  for (const SourceFile& file : files) {
    fs::path to = file.path.empty() ? path : path / file.path;
    fs::create_directories(to.parent_path(), failure);
    mode_t mode = (file.executable ? 0766 : 0666) & ~current_umask();
    if (!file.id.empty()) {
      RETURN_IF_ERROR(copy_file_whole(cache.path_of(file.id, file.kind), to, mode));
    } else {
      ASSIGN_OR_RETURN(std::string text, source.read_blob(file));
      ASSIGN_OR_RETURN(WholeFile whole, WholeFile::create(to, 0666));
      RETURN_IF_ERROR(whole.write(text));
      RETURN_IF_ERROR(whole.publish(WholeFile::Existing::kReplace));
    }
  }
  return {};
}

// The new .dvc file of an output at `path`.
Result<Stage> new_stage(Repository& repository, const fs::path& path) {
  if (!repository.is_inside(path))
    return Failure(refused(fmt::format("'{}' lies outside of the repository", path.string())));
  Stage stage{.file = path.string() + ".dvc", .frozen = true};
  stage.outputs.push_back({.path = path.filename().string()});
  return stage;
}

Result<void> finish_stage(Repository& repository, Stage& stage) {
  fs::path path = stage.path_of(stage.outputs[0].path);
  RETURN_IF_ERROR(repository.ignore_output(path, fs::is_directory(path)));
  ASSIGN_OR_RETURN(Content content,
                   repository.tree().read(path, HashKind::kBytes, &repository.cache(), repository.storing()));
  stage.outputs[0].hash = content.hash;
  RETURN_IF_ERROR(relink(repository, path, content));
  stage.md5 = stage.own_md5();
  RETURN_IF_ERROR(write_stage_file(stage));
  repository.track(stage.file);
  return {};
}

// From the place that the stage's dependency names, at the newest state of its revision.
Result<void> bring_import(Repository& repository, Stage& stage) {
  Dependency& dependency = stage.dependencies[0];
  ASSIGN_OR_RETURN(std::unique_ptr<SourceTree> source,
                   SourceTree::open(repository.environment(), dependency.repo->url, dependency.repo->rev));
  dependency.repo->rev_lock = source->commit();
  std::string remote(dependency.repo->rest.text_at("remote"));
  ASSIGN_OR_RETURN(std::vector<SourceFile> files,
                   source->files_at(dependency.path, repository.cache(), remote));
  return place(*source, files, repository.cache(), stage.path_of(stage.outputs[0].path), remote);
}

// Reads a file by URL or path into the work tree and says what it is.
Result<ContentHash> bring_url(Repository& repository, const Stage& stage, const std::string& url,
                              const fs::path& to) {
  if (url.starts_with("http://") || url.starts_with("https://")) {
    if (repository.environment().http == nullptr) return Failure(Error::unavailable("no HTTP client here"));
    ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(to, 0666));
    ASSIGN_OR_RETURN(HttpReply reply, http_get(*repository.environment().http, url, {},
                                               [&](std::string_view piece) { return file.write(piece); }));
    if (reply.status != 200)
      return Failure(Error{.code = reply.status == 404 ? ErrorCode::kNotFound : ErrorCode::kUpstream,
                           .message = fmt::format("{} answered {}", url, reply.status)});
    ASSIGN_OR_RETURN(int64_t bytes, file_bytes(file.fd(), to));
    RETURN_IF_ERROR(file.publish(WholeFile::Existing::kReplace));
    std::string mark(reply.headers.get("ETag"));
    if (mark.empty()) mark = reply.headers.get("Content-MD5");
    if (mark.empty())
      return Failure(
          Error{.code = ErrorCode::kUpstream,
                .message = url + " has neither an ETag nor a Content-MD5: its changes could not be seen"});
    return ContentHash{.elsewhere_key = "checksum", .elsewhere = mark, .bytes = bytes};
  }
  if (is_url(url)) {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented,
              .message = fmt::format("import-url reads paths, http:// and https://; for {} use dvc", url)});
  }
  fs::path from = stage.path_of(url);
  ASSIGN_OR_RETURN(Content content, repository.tree().read(from, HashKind::kBytes, nullptr, Storing::kNo));
  std::error_code failure;
  fs::remove_all(to, failure);
  if (!content.hash.is_folder()) {
    RETURN_IF_ERROR(copy_file_whole(from, to, 0666 & ~current_umask()));
    return content.hash;
  }
  fs::create_directories(to, failure);
  for (const FoundFile& file : content.files) {
    fs::create_directories((to / file.path).parent_path(), failure);
    RETURN_IF_ERROR(copy_file_whole(from / file.path, to / file.path, 0666 & ~current_umask()));
  }
  return content.hash;
}

}  // namespace

Result<bool> has_update(Repository& repository, const SourceRepo& source) {
  ASSIGN_OR_RETURN(std::unique_ptr<SourceTree> tree,
                   SourceTree::open(repository.environment(), source.url, source.rev));
  return tree->commit() != source.rev_lock;
}

Result<std::string> url_status(Repository& repository, const Dependency& dependency) {
  bool http = dependency.path.starts_with("http://") || dependency.path.starts_with("https://");
  if (!http || repository.environment().http == nullptr) return std::string();
  ASSIGN_OR_RETURN(HttpReply reply, http_head(*repository.environment().http, dependency.path, {}));
  if (reply.status == 404) return std::string("deleted");
  std::string mark(reply.headers.get("ETag"));
  if (mark.empty()) mark = reply.headers.get("Content-MD5");
  return std::string(mark == dependency.hash.elsewhere ? "" : "modified");
}

Result<size_t> fetch_imports(Repository& repository, const std::set<std::string>& files) {
  size_t fetched = 0;
  for (const std::string& file : files) {
    Result<std::string> text = read_file(file, 64 << 20);
    if (!text) continue;  // of another revision
    ASSIGN_OR_RETURN(Stage stage, read_stage_file(file, *text));
    if (!stage.is_repo_import()) continue;
    const ContentHash& hash = stage.outputs[0].hash;
    if (!hash.id.empty() && !hash.is_folder() && repository.cache().exists(hash.id, hash.kind)) continue;
    if (hash.is_folder() && repository.cache().exists(hash.id, hash.kind)) {
      ASSIGN_OR_RETURN(const Manifest* manifest, repository.manifest(hash));
      bool whole = std::ranges::all_of(manifest->entries, [&](const ManifestEntry& entry) {
        return repository.cache().exists(entry.md5, hash.kind);
      });
      if (whole) continue;
    }
    const Dependency& dependency = stage.dependencies[0];
    ASSIGN_OR_RETURN(
        std::unique_ptr<SourceTree> source,
        SourceTree::open(repository.environment(), dependency.repo->url, dependency.repo->rev_lock));
    std::string remote(dependency.repo->rest.text_at("remote"));
    ASSIGN_OR_RETURN(std::vector<SourceFile> found,
                     source->files_at(dependency.path, repository.cache(), remote));
    Manifest manifest;
    for (const SourceFile& object : found) {
      std::string id = object.id;
      if (id.empty()) {
        ASSIGN_OR_RETURN(std::string content, source->read_blob(object));
        id = hex(md5_of(content));
        RETURN_IF_ERROR(repository.cache().put(id, content));
      } else {
        RETURN_IF_ERROR(source->bring(object, repository.cache(), remote));
      }
      if (!object.path.empty()) manifest.entries.push_back({.path = object.path, .md5 = id});
      ++fetched;
    }
    if (hash.is_folder() && manifest.id() == hash.id)
      RETURN_IF_ERROR(repository.cache().put(hash.id, manifest.text(), hash.kind));
  }
  return fetched;
}

Result<void> get(const Environment& environment, const std::string& url, const std::string& path,
                 const GetOptions& options) {
  ASSIGN_OR_RETURN(fs::path out, place_for(environment, path, options));
  ASSIGN_OR_RETURN(std::unique_ptr<SourceTree> source, SourceTree::open(environment, url, options.rev));
  fs::path folder = out.parent_path() / fmt::format(".penstock-get-{}", getpid());
  ObjectCache objects(folder);
  auto bring = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<SourceFile> files, source->files_at(path, objects, options.remote));
    return place(*source, files, objects, out, options.remote);
  };
  Result<void> done = bring();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return done;
}

Result<Stage> import(Repository& repository, const std::string& url, const std::string& path,
                     const GetOptions& options) {
  ASSIGN_OR_RETURN(fs::path out, place_for(repository.environment(), path, options));
  ASSIGN_OR_RETURN(Stage stage, new_stage(repository, out));
  SourceRepo source{.url = url, .rev = options.rev};
  if (!options.remote.empty()) source.rest.set("remote", Value::string(options.remote));
  stage.dependencies.push_back({.path = path, .repo = std::move(source)});
  RETURN_IF_ERROR(bring_import(repository, stage));
  RETURN_IF_ERROR(finish_stage(repository, stage));
  return stage;
}

Result<Stage> import_url(Repository& repository, const std::string& url, const GetOptions& options) {
  ASSIGN_OR_RETURN(fs::path out, place_for(repository.environment(), url, options));
  ASSIGN_OR_RETURN(Stage stage, new_stage(repository, out));
  fs::path from = repository.environment().absolute(url);
  std::string path = url;
  if (!is_url(url) && repository.is_inside(from)) path = from.lexically_relative(stage.folder()).string();
  stage.dependencies.push_back({.path = path});
  ASSIGN_OR_RETURN(stage.dependencies[0].hash, bring_url(repository, stage, path, out));
  RETURN_IF_ERROR(finish_stage(repository, stage));
  return stage;
}

Result<void> update(Repository& repository, const std::vector<std::string>& words, const std::string& rev) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, repository.targets(words));
  for (Target& target : targets) {
    Stage& stage = target.stage;
    if (!stage.is_import()) {
      if (words.empty()) continue;
      return Failure(refused(fmt::format("no way to update '{}': it was not created by import or import-url",
                                         repository.address(stage))));
    }
    Dependency& dependency = stage.dependencies[0];
    if (dependency.repo) {
      if (!rev.empty()) dependency.repo->rev = rev;
      RETURN_IF_ERROR(bring_import(repository, stage));
    } else {
      ASSIGN_OR_RETURN(dependency.hash,
                       bring_url(repository, stage, dependency.path, stage.path_of(stage.outputs[0].path)));
    }
    RETURN_IF_ERROR(finish_stage(repository, stage));
  }
  return {};
}

namespace {

Value list_entry(const SourceFile& file, std::string_view path, bool folder) {
  Value entry = Value::map();
  entry.set("isout", Value::boolean(!file.id.empty()));
  entry.set("isdir", Value::boolean(folder));
  entry.set("isexec", Value::boolean(file.executable));
  entry.set("size", folder && file.id.empty() ? Value{} : Value::integer(static_cast<int64_t>(file.bytes)));
  entry.set("md5", file.id.empty() || folder ? Value{} : Value::string(file.id));
  entry.set("path", Value::string(path));
  return entry;
}

}  // namespace

Result<Value> list(const Environment& environment, const std::string& url, const std::string& path,
                   const ListOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SourceTree> source, SourceTree::open(environment, url, options.rev));
  fs::path folder = environment.user_cache() / "penstock" / "dvc" / fmt::format("list-{}", getpid());
  ObjectCache objects(folder);
  Result<std::vector<SourceFile>> files = source->files_at(path, objects, "");
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (!files) return Failure(std::move(files).error());
  std::map<std::string, Value> entries;
  for (const SourceFile& file : *files) {
    if (file.path.starts_with(".dvc/") || file.path.starts_with(".git/") ||
        (options.dvc_only && file.id.empty()))
      continue;
    std::string shown = file.path.empty() ? path.substr(path.rfind('/') + 1) : file.path;
    size_t slash = shown.find('/');
    if (options.recursive || slash == std::string::npos) {
      entries.emplace(shown, list_entry(file, shown, false));
    } else {
      std::string top = shown.substr(0, slash);
      entries.emplace(top, list_entry({.path = top}, top, true));
    }
  }
  Value list = Value::list();
  for (auto& [name, entry] : entries) list.items.push_back(std::move(entry));
  return list;
}

}  // namespace penstock::datasets::dvc
